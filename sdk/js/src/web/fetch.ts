/** `fetch` (Fetch 5.6): redirects, abort and bodies over the host's single exchanges. */
import { exposeGlobal } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import type { NativeBody, NativeFetch, NativeResponse } from "../native";
import { type AbortSignal, onAbort } from "./abort";
import { type Content, takeContent } from "./body";
import { pump } from "./body-stream";
import { field } from "./headers";
import { Request, type RequestInfo, type RequestInit } from "./request";
import { fetchedResponse, isRedirect, type Response } from "./response";
import { withLength } from "./identity-stream";
import { ReadableStream } from "./streams";

const MAX_REDIRECTS = 20;

export function fetch(input: RequestInfo, init?: RequestInit): Promise<Response> {
  runTimeOnly("`fetch`");
  try {
    const request = new Request(input, init);
    return follow({
      method: request.method,
      url: request.url,
      fields: request.headers._list,
      content: takeContent(request),
      redirect: request.redirect,
      signal: request._signal,
    });
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

interface Exchange {
  method: string;
  url: string;
  fields: string[];
  content: Content;
  redirect: string;
  signal: AbortSignal | null;
}

async function follow(exchange: Exchange): Promise<Response> {
  for (let redirects = 0; ; redirects++) {
    const head = await send(exchange);
    const location = isRedirect(head.status) ? field(head.headers, "location") : null;
    if (location === null || exchange.redirect === "manual") return answer(exchange, head, redirects > 0);
    head.body?.cancel();
    if (exchange.redirect === "error") throw new TypeError(`fetch failed: \`${exchange.url}\` answered with a redirect`);
    if (redirects === MAX_REDIRECTS) throw new TypeError(`fetch failed: more than ${MAX_REDIRECTS} redirects`);
    redirect(exchange, head.status, location);
  }
}

/** One exchange with the network. */
async function send({ method, url, fields, content, signal }: Exchange): Promise<NativeResponse> {
  if (signal?.aborted === true) throw signal.reason;
  if (!/^https?:/.test(url)) throw new TypeError(`fetch failed: the scheme of \`${url}\` is not http or https`);
  const streaming = content instanceof ReadableStream;
  const sending = native.fetch(method, url, streaming ? withLength(fields, content)! : fields, streaming ? null : content, streaming);
  if (streaming) pumpRequest(sending, content);
  if (signal === null) return sending.response;
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      sending.abort();
      reject(signal.reason as Error);
    });
    sending.response.then(resolve, reject).finally(forget);
  });
}

/** A body that breaks breaks the exchange; a peer that answers before it has read everything does not. */
function pumpRequest(sending: NativeFetch, content: ReadableStream<Uint8Array>): void {
  const writer = sending.writer!;
  pump(writer, content).catch(() => writer.abort());
}

function answer(exchange: Exchange, head: NativeResponse, redirected: boolean): Response {
  const content = head.body !== null && exchange.signal !== null ? abortable(head.body, exchange.signal) : head.body;
  const fragment = exchange.url.indexOf("#");
  return fetchedResponse(head, content, fragment < 0 ? exchange.url : exchange.url.slice(0, fragment), redirected);
}

/** The request that follows a redirect (Fetch 4.4, HTTP-redirect fetch). */
function redirect(exchange: Exchange, status: number, location: string): void {
  const from = native.parseUrl(exchange.url);
  const to = native.tryParseUrl(location, exchange.url);
  if (to === null) throw new TypeError(`fetch failed: the redirect to \`${location}\` is no URL`);
  if (to.hash === "") to.hash = from.hash;
  const { method } = exchange;
  const changesMethod = (status === 301 || status === 302) && method === "POST";
  if (changesMethod || (status === 303 && method !== "GET" && method !== "HEAD")) {
    exchange.method = "GET";
    exchange.content = null;
    exchange.fields = without(exchange.fields, ["content-encoding", "content-language", "content-location", "content-type", "content-length"]);
  } else if (exchange.content !== null && typeof exchange.content !== "string" && !(exchange.content instanceof Uint8Array)) {
    throw new TypeError("fetch failed: a streamed body cannot be sent again after a redirect");
  }
  if (from.origin !== to.origin) exchange.fields = without(exchange.fields, ["authorization", "cookie", "host", "proxy-authorization"]);
  exchange.url = to.href;
}

function without(fields: readonly string[], names: readonly string[]): string[] {
  return fields.filter((_, i) => !names.includes(fields[i & ~1]!));
}

/** A body that ends with the signal's reason as soon as it aborts. It goes through JavaScript. */
function abortable(body: NativeBody, signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort(signal, () => {
          body.cancel();
          controller.error(signal.reason);
        });
      },
      async pull(controller) {
        const chunk = await body.read();
        if (signal.aborted) return;
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel() {
        body.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

exposeGlobal("fetch", fetch);
