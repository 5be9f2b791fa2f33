/** From the host to the worker's handler and back; for a request to the default export by the shortest way. */
import * as ending from "./ending";
import { absentEnv, createEnv, type Environment } from "./env";
import { answered, ExecutionContext, setEntrypointNames, setProps, WarmUpContext } from "./execution-context";
import { type Entrypoint, entrypointNames, findEntrypoint, type Handler, type HandlerName, namedEntrypoint, noHandler } from "./handlers";
import { native } from "./host";
import type { NativeBody, NativeBodyWriter, NativeChannel, Whom } from "./native";
import { reportFailure } from "./report-error";
import { Session } from "./rpc/session";
import { plainTarget, WorkerEntrypoint } from "./rpc/targets";
import { type Trigger, triggerOf, undecided } from "./triggers";
import { takeContent } from "./web/body";
import { ConsumerGone, pump } from "./web/body-stream";
import { serving } from "./web/cf";
import { Headers } from "./web/headers";
import { withLength } from "./web/identity-stream";
import { type Request, ServedRequest } from "./web/request";
import { Response, responseFields } from "./web/response";
import { warmRouter } from "./warm-up";
import { ReadableStream } from "./web/streams";
import { resolved, then } from "./web/streams/promises";
import { serveSocket } from "./web/websocket/websocket";

/** An instance serves one invocation, so there is one context. */
const context = new ExecutionContext();

let exported: Record<string, unknown>;
let main: Entrypoint;
let handler: Handler;

/**
 * Evaluates modules that read `env` at their top level, which is put off to the invocation (sdk/build/src/bundle/deferred.rs), and gives the
 * worker's exports. Null in all other workers, and once it was called.
 */
let evaluate: (() => Promise<Record<string, unknown>>) | null = null;
/** What those modules have seen; the handler gets the same. */
let early: Environment | null = null;

export function register(namespace: Record<string, unknown>): void {
  const { __ouroDeferred: deferred } = namespace;
  early = null;
  if (typeof deferred === "function") {
    evaluate = deferred as () => Promise<Record<string, unknown>>;
    return;
  }
  adopt(namespace);
  warmRouter(namespace["default"] ?? {});
}

function adopt(namespace: Record<string, unknown>): void {
  exported = namespace;
  main = findEntrypoint(namespace);
  handler = handlerOf(main, "fetch");
  setEntrypointNames(() => entrypointNames(namespace));
}

async function evaluated(env: string[]): Promise<void> {
  const begin = evaluate!;
  evaluate = null;
  early = createEnv(env);
  adopt(await begin());
}

function handlerOf(entrypoint: Entrypoint, name: HandlerName): Handler {
  const found = entrypoint.handler(name);
  if (found !== null) return found;
  return () => {
    throw noHandler(name);
  };
}

export function serve(method: string, url: string, body: string | Uint8Array | NativeBody | null, env: string[]): void {
  if (evaluate !== null) return afterEvaluation(env, () => serve(method, url, body, env));
  try {
    answer(handler(received(method, url, body), begin(main, env), context));
  } catch (error) {
    reportFailure(error);
  }
}

/** As `serve`, of any entrypoint. */
export function serveFrom(whom: Whom, method: string, url: string, body: string | Uint8Array | NativeBody | null, env: string[]): void {
  if (evaluate !== null) return afterEvaluation(env, () => serveFrom(whom, method, url, body, env));
  try {
    const entrypoint = choose(whom);
    answer(handlerOf(entrypoint, "fetch")(received(method, url, body), begin(entrypoint, env), context));
  } catch (error) {
    reportFailure(error);
  }
}

/** A request while the worker is built, whose effects on the worker's memory stay. It has no environment. */
export async function warmUpWith(method: string, url: string, headers: string[], body?: string): Promise<void> {
  if (evaluate !== null) throw new Error("a worker that reads `env` or formats with `Intl` at its top level is evaluated by each invocation, and cannot be warmed up");
  const request = new ServedRequest(method, url, body ?? null);
  request._headers = new Headers(pairs(headers));
  const warm = new WarmUpContext();
  const answer = await handler(request, absentEnv, warm);
  if (!(answer instanceof Response)) throw notAResponse(answer);
  await answer.arrayBuffer();
  await warm.settled();
  if (answer.status >= 500) throw new Error(`the handler answered with status ${answer.status}`);
}

function* pairs(flat: string[]): Generator<[string, string]> {
  for (let i = 0; i < flat.length; i += 2) yield [flat[i]!, flat[i + 1]!];
}

function afterEvaluation(env: string[], go: () => void): void {
  then(evaluated(env), go, reportFailure);
}

function received(method: string, url: string, body: string | Uint8Array | NativeBody | null): Request {
  const request = new ServedRequest(method, url, body);
  serving.request = request;
  return request;
}

function answer(answer: unknown): void {
  if (answer instanceof Response) respond(answer);
  else if (isThenable(answer)) then(resolved(answer), respondOrFail, reportFailure);
  else respond(answer);
}

function choose([name, props]: Whom): Entrypoint {
  if (props !== null) setProps(JSON.parse(props) as Record<string, unknown>);
  return name === null ? main : namedEntrypoint(exported, name);
}

function begin(entrypoint: Entrypoint, flat: string[]): Environment {
  const env = early ?? createEnv(flat);
  if (entrypoint.hasGlobals) for (const name of Object.keys(env)) defineGlobal(name, env[name]);
  return env;
}

/** What the worker has declared itself stays. */
function defineGlobal(name: string, value: unknown): void {
  if (!Object.hasOwn(globalThis, name)) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}

let trigger: Trigger = undecided;

/** Runs the handler of an event that is no request. */
export async function handle(kind: HandlerName, event: never, env: string[]): Promise<void> {
  try {
    if (evaluate !== null) await evaluated(env);
    trigger = triggerOf(kind, event);
    await handlerOf(main, kind)(trigger.argument, begin(main, env), context);
  } catch (error) {
    reportFailure(error);
  }
  native.complete();
  answered();
}

/** What the handler of an event has decided. */
export function outcome(): object {
  return trigger.outcome();
}

/** Serves the calls of another worker until that has ended the conversation. */
export async function serveCalls(whom: Whom, channel: NativeChannel, env: string[]): Promise<void> {
  const release = native.holdInvocation();
  ending.begin();
  native.complete();
  answered();
  let target: object;
  try {
    if (evaluate !== null) await evaluated(env);
    const entrypoint = choose(whom);
    if (entrypoint.target === null) throw new TypeError("The RPC receiver's class must extend WorkerEntrypoint.");
    const environment = begin(entrypoint, env);
    const made = entrypoint.target(environment, context);
    target = made instanceof WorkerEntrypoint ? made : plainTarget(made, environment, context);
  } catch (error) {
    // Whoever calls is told so by each of its calls.
    target = new Proxy({}, { getOwnPropertyDescriptor: () => { throw error; } });
  }
  await Session.serve(channel, target);
  ending.done();
  release();
}

function respondOrFail(answer: unknown): void {
  try {
    respond(answer);
  } catch (error) {
    reportFailure(error);
  }
}

function respond(answer: unknown): void {
  if (!(answer instanceof Response)) throw notAResponse(answer);
  if (answer._status === 0) throw new TypeError("`Response.error()` cannot be served");
  if (answer._webSocket !== null) {
    serveSocket(answer._webSocket, responseFields(answer, null));
    return answered();
  }
  const content = typeof answer._content === "string" && !answer._used ? answer._content : takeContent(answer);
  if (content === null || typeof content === "string" || content instanceof Uint8Array) {
    native.respond(answer._status, responseFields(answer, content), content);
  } else {
    stream(native.respondStreaming(answer._status, withLength(responseFields(answer, content), content)), content);
  }
  answered();
}

/**
 * The head is out: what goes wrong from here can only break the connection, so that nobody takes half a body for a whole one.
 * A client that goes away is no failure of the worker.
 */
function stream(writer: NativeBodyWriter, content: NativeBody | ReadableStream<Uint8Array>): void {
  ending.begin();
  then(pump(writer, content), ending.done, (error) => {
    writer.abort();
    if (!(error instanceof ConsumerGone)) reportFailure(error);
    ending.done();
  });
}

function notAResponse(answer: unknown): TypeError {
  return new TypeError(`a handler must answer with a Response, not ${nameOf(answer)}`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function nameOf(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value);
  return `an object of ${(value.constructor as { name?: string } | undefined)?.name ?? "no class"}`;
}
