/**
 * The shapes of a worker, behind one adapter. What a module has decides, once, when it is built: a default export (an object or a class),
 * `addEventListener`, or a function `handler`.
 */
import { type Environment } from "./env";
import { type ExecutionContext, waitUntil } from "./execution-context";
import { WorkerEntrypoint } from "./rpc/targets";
import { Event } from "./web/events";
import type { Request } from "./web/request";
import { Response } from "./web/response";

/** What a worker can be asked for: an HTTP request, or one of the events in `triggers.ts`. */
export const HANDLERS = ["fetch", "scheduled", "queue", "email", "tail"] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** Answers with a value or a promise of one; for `fetch` it is checked by the caller. */
export type Handler = (argument: unknown, env: Environment, ctx: ExecutionContext) => unknown;

type Callable = (...args: unknown[]) => unknown;
type EntryClass = new (ctx: ExecutionContext, env: Environment) => Record<string, Callable>;

/** An export of a worker, as it is called. */
export interface Entrypoint {
  /** Null where it has no handler of the name. */
  handler(name: HandlerName): Handler | null;
  /** What other workers' calls are for; null where it takes none. */
  target: ((env: Environment, ctx: ExecutionContext) => object) | null;
  /** Its bindings are global variables, as the older form of workers has them. */
  hasGlobals: boolean;
}

/** The default entrypoint of a module. Throws when the module has no handler. */
export function findEntrypoint(namespace: Record<string, unknown>): Entrypoint {
  const exported = entrypointOf(namespace["default"]);
  if (exported !== null) return exported;
  if (listeners.size > 0) return listening;
  if (typeof namespace["handler"] === "function") return plain(namespace["handler"] as Callable);
  if (Object.values(namespace).some(isEntryClass)) return { handler: () => null, target: null, hasGlobals: false };
  throw new Error(
    "the worker has no handler: it needs `export default { fetch(request, env, ctx) { … } }`, " +
      '`addEventListener("fetch", …)` or `export function handler(request) { … }`',
  );
}

/** An export under its own name, which service bindings can choose. */
export function namedEntrypoint(namespace: Record<string, unknown>, name: string): Entrypoint {
  const exported = Object.hasOwn(namespace, name) ? entrypointOf(namespace[name]) : null;
  if (exported === null) throw new TypeError(`the worker has no entrypoint \`${name}\`: it needs \`export class ${name} extends WorkerEntrypoint { … }\``);
  return exported;
}

/** Names of the exports that can be called as entrypoints. */
export function entrypointNames(namespace: Record<string, unknown>): string[] {
  return Object.keys(namespace).filter((name) => entrypointOf(namespace[name]) !== null);
}

function isEntryClass(value: unknown): value is EntryClass {
  return typeof value === "function" && (value.prototype as unknown) instanceof WorkerEntrypoint;
}

function entrypointOf(exported: unknown): Entrypoint | null {
  const isObject = (typeof exported === "object" && exported !== null) || typeof exported === "function";
  if (!isObject) return null;
  const own = exported as Record<string, Callable>;
  if (HANDLERS.some((name) => typeof own[name] === "function")) return objectEntrypoint(own);
  if (typeof exported !== "function") return null;
  const prototype = exported.prototype as Record<string, Callable> | undefined;
  const isClass = isEntryClass(exported) || HANDLERS.some((name) => typeof prototype?.[name] === "function");
  return isClass ? classEntrypoint(exported as unknown as EntryClass, prototype!) : null;
}

/** The text is Cloudflare's. */
export function noHandler(name: HandlerName): TypeError {
  return new TypeError(`Handler does not export a ${name}() function.`);
}

/** `export default { fetch(request, env, ctx) { … } }` */
function objectEntrypoint(exported: Record<string, Callable>): Entrypoint {
  return {
    handler: (name) => (typeof exported[name] === "function" ? (argument, env, ctx) => exported[name]!(argument, env, ctx) : null),
    target: () => exported,
    hasGlobals: false,
  };
}

/** `export default class extends WorkerEntrypoint { fetch(request) { … } }`, with `ctx` and `env` given to its constructor. */
function classEntrypoint(Entry: EntryClass, prototype: Record<string, Callable>): Entrypoint {
  // A handler may be a field of the instance, as on Cloudflare.
  const call = (name: HandlerName): Handler => (argument, env, ctx) => {
    const entry = new Entry(ctx, env);
    if (typeof entry[name] !== "function") throw noHandler(name);
    return entry[name](argument, env, ctx);
  };
  return {
    handler: (name) => (isEntryClass(Entry) || typeof prototype[name] === "function" ? call(name) : null),
    target: isEntryClass(Entry) ? (env, ctx) => new Entry(ctx, env) : null,
    hasGlobals: false,
  };
}

// addEventListener("fetch", …) and addEventListener("scheduled", …)

/** An event that the host waits for. */
export class ExtendableEvent extends Event {
  waitUntil(promise: unknown): void {
    waitUntil(promise);
  }
}

export class FetchEvent extends ExtendableEvent {
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

  passThroughOnException(): void {}
}

/** Wraps the argument of a module's handler. */
export class ScheduledEvent extends ExtendableEvent {
  declare readonly scheduledTime: number;
  declare readonly cron: string;
  declare readonly _controller: { noRetry(): void };

  constructor(controller: { scheduledTime: number; cron: string; noRetry(): void }) {
    super("scheduled");
    this.scheduledTime = controller.scheduledTime;
    this.cron = controller.cron;
    this._controller = controller;
  }

  noRetry(): void {
    this._controller.noRetry();
  }
}

const listeners = new Map<string, Callable[]>();

/** True where the type is one that the host sends. */
export function addHandlerListener(type: string, listener: unknown): boolean {
  if ((type !== "fetch" && type !== "scheduled") || listener === null || listener === undefined) return false;
  const call = typeof listener === "function" ? (listener as Callable) : (event: unknown) => (listener as { handleEvent: Callable }).handleEvent(event);
  listeners.set(type, [...(listeners.get(type) ?? []), call]);
  return true;
}

const listening: Entrypoint = {
  handler(name) {
    if (!listeners.has(name)) return null;
    return name === "fetch" ? (request) => dispatchFetch(request as Request) : (controller) => dispatchScheduled(new ScheduledEvent(controller as never));
  },
  target: null,
  hasGlobals: true,
};

function dispatchFetch(request: Request): unknown {
  const event = new FetchEvent("fetch", { request });
  for (const listener of listeners.get("fetch")!) {
    listener.call(globalThis, event);
    if (event._answer !== undefined) return event._answer;
  }
  throw new Error("no `fetch` listener called `event.respondWith`");
}

async function dispatchScheduled(event: ScheduledEvent): Promise<void> {
  for (const listener of listeners.get("scheduled")!) await listener.call(globalThis, event);
}

// async function handler(request)

interface PlainResult {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** `handler({ method, url, headers, body })`, answering with `{ status, headers, body }`. */
function plain(handler: Callable): Entrypoint {
  const fetch = async (request: Request): Promise<Response> => {
    const headers = Object.fromEntries(request.headers);
    const result = (await handler({ method: request.method, url: request.url, headers, body: await request.text() })) as PlainResult | Response;
    if (result instanceof Response) return result;
    if (typeof result !== "object" || result === null) throw new TypeError("`handler` must answer with { status, headers, body }");
    const { status = 200, headers: answered = {}, body } = result;
    if (body === undefined || body === null) return new Response(null, { status, headers: answered });
    if (typeof body === "object") return Response.json(body, { status, headers: answered });
    return new Response(String(body), { status, headers: answered });
  };
  return { handler: (name) => (name === "fetch" ? (request) => fetch(request as Request) : null), target: null, hasGlobals: true };
}
