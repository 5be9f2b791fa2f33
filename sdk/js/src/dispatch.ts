/** Serves one request: the shortest way from the host to the worker's handler and back. */
import { createEnv } from "./env";
import { answered, ExecutionContext } from "./execution-context";
import { findHandler, type Handler } from "./handlers";
import { native } from "./host";
import type { NativeBody, NativeBodyWriter } from "./native";
import { reportFailure } from "./report-error";
import { takeContent } from "./web/body";
import { ConsumerGone, pump } from "./web/body-stream";
import { ServedRequest } from "./web/request";
import { withLength } from "./web/identity-stream";
import { Response, responseFields } from "./web/response";
import { warmRouter } from "./warm-up";
import { ReadableStream } from "./web/streams";
import { serveSocket } from "./web/websocket/websocket";

/** An instance serves one invocation, so there is one context. */
const context = new ExecutionContext();

let handler: Handler;

export function register(namespace: Record<string, unknown>): void {
  handler = findHandler(namespace);
  warmRouter(namespace["default"] ?? {});
}

export function serve(method: string, url: string, body: string | Uint8Array | NativeBody | null, env: string[]): void {
  try {
    const answer = handler(new ServedRequest(method, url, body), createEnv(env), context);
    if (answer instanceof Response) respond(answer);
    else if (isThenable(answer)) answer.then(respondOrFail, reportFailure);
    else respond(answer);
  } catch (error) {
    reportFailure(error);
  }
}

function respondOrFail(answer: unknown): void {
  try {
    respond(answer);
  } catch (error) {
    reportFailure(error);
  }
}

function respond(answer: unknown): void {
  if (!(answer instanceof Response)) throw new TypeError(`a handler must answer with a Response, not ${nameOf(answer)}`);
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
  pump(writer, content).catch((error: unknown) => {
    writer.abort();
    if (!(error instanceof ConsumerGone)) reportFailure(error);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function nameOf(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value);
  return `an object of ${(value.constructor as { name?: string } | undefined)?.name ?? "no class"}`;
}
