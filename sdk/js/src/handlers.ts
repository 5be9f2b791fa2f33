/** The shapes of a worker: which of them a module has is decided once, when it is built. */
import { shape } from "./expose";
import { type Environment } from "./env";
import { type ExecutionContext, waitUntil } from "./execution-context";
import { Event } from "./web/events";
import type { Request } from "./web/request";
import { Response } from "./web/response";

/** Answers with a Response or a promise of one; what it answers is checked by the caller. */
export type Handler = (request: Request, env: Environment, ctx: ExecutionContext) => unknown;

type Callable = (...args: unknown[]) => unknown;

/** The handler of a module. Throws when it has none. */
export function findHandler(namespace: Record<string, unknown>): Handler {
  const exported = namespace["default"];
  if (hasFetch(exported)) return (request, env, ctx) => exported.fetch(request, env, ctx);
  if (typeof exported === "function" && hasFetch(exported.prototype)) return classHandler(exported as unknown as EntryClass);
  if (listeners.length > 0) return dispatchFetchEvent;
  if (typeof namespace["handler"] === "function") return plainHandler(namespace["handler"] as Callable);
  throw new Error(
    "the worker has no handler: it needs `export default { fetch(request, env, ctx) { … } }`, " +
      '`addEventListener("fetch", …)` or `export function handler(request) { … }`',
  );
}

function hasFetch(value: unknown): value is { fetch: Callable } {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && typeof (value as { fetch?: unknown }).fetch === "function";
}

type EntryClass = new (ctx: ExecutionContext, env: Environment) => { fetch: Callable };

/** `export default class { fetch(request) { … } }`, with `ctx` and `env` given to its constructor. */
function classHandler(Entry: EntryClass): Handler {
  return (request, env, ctx) => new Entry(ctx, env).fetch(request, env, ctx);
}

// addEventListener("fetch", …)

export class FetchEvent extends Event {
  declare readonly request: Request;
  declare _answer: unknown;

  constructor(type: string, init: { request: Request }) {
    super(type);
    this.request = init.request;
    this._answer = undefined;
  }

  respondWith(response: unknown): void {
    if (this._answer !== undefined) throw new Error("`respondWith` was called already");
    this._answer = response ?? null;
    this.stopImmediatePropagation();
  }

  waitUntil(promise: unknown): void {
    waitUntil(promise);
  }

  passThroughOnException(): void {}
}
shape("FetchEvent", FetchEvent);

const listeners: Callable[] = [];

export function addFetchListener(listener: unknown): void {
  const call = typeof listener === "function" ? (listener as Callable) : (event: unknown) => (listener as { handleEvent: Callable }).handleEvent(event);
  listeners.push(call);
}

function dispatchFetchEvent(request: Request): unknown {
  const event = new FetchEvent("fetch", { request });
  for (const listener of listeners) {
    listener.call(globalThis, event);
    if (event._answer !== undefined) return event._answer;
  }
  throw new Error("no `fetch` listener called `event.respondWith`");
}

// export function handler(request)

interface PlainResult {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** `handler({ method, url, headers, body })`, answering with `{ status, headers, body }`. */
function plainHandler(handler: Callable): Handler {
  return async (request) => {
    const headers = Object.fromEntries(request.headers);
    const result = (await handler({ method: request.method, url: request.url, headers, body: await request.text() })) as PlainResult | Response;
    if (result instanceof Response) return result;
    if (typeof result !== "object" || result === null) throw new TypeError("`handler` must answer with { status, headers, body }");
    const { status = 200, headers: answered = {}, body } = result;
    if (body === undefined || body === null) return new Response(null, { status, headers: answered });
    if (typeof body === "object") return Response.json(body, { status, headers: answered });
    return new Response(String(body), { status, headers: answered });
  };
}
