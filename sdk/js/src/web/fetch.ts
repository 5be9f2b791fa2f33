/** `fetch` (Fetch 5.6): schemes, redirects, abort and bodies over the host's single exchanges. */
import { exposeFunctions } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import type { Native, NativeFetch, NativeResponse } from "../native";
import { type AbortSignal, onAbort } from "./abort";
import { type Content, takeContent } from "./body";
import { abortableStream, pump } from "./body-stream";
import { type Blob, bytesOf } from "./blob";
import { type LocalBody, parseDataUrl } from "./data-url";
import { field } from "./headers";
import { matchesIntegrity } from "./integrity";
import { Request, type RequestInfo, type RequestInit } from "./request";
import { fetchedResponse, isRedirect, type Response } from "./response";
import { withLength } from "./identity-stream";
import { ReadableStream } from "./streams";
import { markHandled, then } from "./streams/promises";
import { need } from "./webidl";
import { fetchUpgrade, wantsUpgrade } from "./websocket/upgrade";

const MAX_REDIRECTS = 20;

/** Ports of other protocols, which HTTP must not be made to speak to (Fetch 2.9, "bad port"). */
const BAD_PORTS =
  " 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 " +
  "465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 " +
  "6666 6667 6668 6669 6679 6697 10080 ";

const NO_SOCKET_HERE =
  "fetch failed: a service binding carries no WebSocket: accept the client's in this worker and call methods of the other one, or leave `Upgrade` out";

/** Whoever answers single exchanges: the network, or another worker. */
type Network = Pick<Native, "fetch">;

export function fetch(input: RequestInfo, init: RequestInit | undefined = undefined): Promise<Response> {
  runTimeOnly("`fetch`");
  try {
    need(arguments.length, 1, "fetch");
  } catch (error) {
    return Promise.reject(error as Error);
  }
  return fetchThrough(native, input, init);
}

export function fetchThrough(network: Network, input: RequestInfo, init: RequestInit | undefined = undefined): Promise<Response> {
  runTimeOnly("`fetch`");
  try {
    const request = new Request(input, init);
    const signal = request._signal ?? request._source;
    if (wantsUpgrade(request.method, request.headers._list)) {
      if (network !== native) throw new TypeError(NO_SOCKET_HERE);
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      return fetchUpgrade(request.url, request.headers._list, signal);
    }
    const content = takeContent(request);
    if (signal?.aborted === true) {
      if (content instanceof ReadableStream) markHandled(content.cancel(signal.reason));
      return Promise.reject(signal.reason as Error);
    }
    const options = request._options;
    if (options?.cache === "only-if-cached") throw new TypeError("fetch failed: `cache: only-if-cached` finds nothing, there is no cache");
    const fields = options === null ? request.headers._list : withCacheMode(request.headers._list, request.cache);
    const exchange = { network, method: request.method, url: request.url, fields, content, redirect: request.redirect, signal };
    const response = /^https?:/.test(request.url) ? follow(exchange) : fetchLocally(request.url, request.method, request._blob);
    return options === null ? response : withOptions(response, options.integrity ?? "", options.keepalive === true);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

interface Exchange {
  network: Network;
  method: string;
  url: string;
  fields: string[];
  content: Content;
  redirect: string;
  signal: AbortSignal | null;
}

/** `data:` and `blob:` URLs need no network; other schemes are not fetched at all (Fetch 4.3). */
function fetchLocally(url: string, method: string, blob: Blob | null): Promise<Response> {
  const found = url.startsWith("data:") ? parseDataUrl(url) : url.startsWith("blob:") && method === "GET" ? contentOf(blob) : undefined;
  if (found === undefined) {
    const text = method === "GET" ? "the scheme is not http or https, nor data or blob" : `${method} needs http or https`;
    return Promise.reject(new TypeError(`fetch failed: \`${url.slice(0, 100)}\`: ${text}`));
  }
  if (found === null) return Promise.reject(new TypeError(`fetch failed: \`${url.slice(0, 100)}\` holds nothing that could be fetched`));
  const head = { status: 200, statusText: "OK", headers: found.fields, body: null };
  return Promise.resolve(fetchedResponse(head, found.body, withoutFragment(url), false));
}

function contentOf(blob: Blob | null): LocalBody | null {
  return blob === null ? null : { fields: ["content-length", String(blob.size), "content-type", blob.type], body: bytesOf(blob) };
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
async function send({ network, method, url, fields, content, signal }: Exchange): Promise<NativeResponse> {
  if (signal?.aborted === true) throw signal.reason;
  refuseBadPort(url);
  const streaming = content instanceof ReadableStream;
  const sending = network.fetch(method, url, streaming ? withLength(fields, content)! : fields, streaming ? null : content, streaming);
  if (streaming) pumpRequest(sending, content, signal);
  if (signal === null) return sending.response;
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      sending.abort();
      reject(signal.reason as Error);
    });
    then(then(sending.response, resolve, reject), forget);
  });
}

function refuseBadPort(url: string): void {
  // A serialised URL names its port only where that is not the scheme's own.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1];
  if (port !== undefined && BAD_PORTS.includes(` ${port} `)) throw new TypeError(`fetch failed: port ${port} belongs to another protocol`);
}

/** A body that breaks breaks the exchange; a peer that answers before it has read everything does not. */
function pumpRequest(sending: NativeFetch, content: ReadableStream<Uint8Array>, signal: AbortSignal | null): void {
  const writer = sending.writer!;
  const forget = signal === null ? null : onAbort(signal, () => writer.abort());
  const pumped = then(pump(writer, content), undefined, () => writer.abort());
  if (forget !== null) then(pumped, forget);
}

function answer(exchange: Exchange, head: NativeResponse, redirected: boolean): Response {
  const { body } = head;
  const content = body !== null && exchange.signal !== null ? abortableStream(body, exchange.signal) : body;
  return fetchedResponse(head, content, withoutFragment(exchange.url), redirected);
}

/** The request that follows a redirect (Fetch 4.4, HTTP-redirect fetch). */
function redirect(exchange: Exchange, status: number, location: string): void {
  const from = native.parseUrl(exchange.url);
  // The bytes of the field, percent-encoded: as UTF-8 where they are that, and without loss where not.
  const ascii = location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
  const to = native.tryParseUrl(ascii, exchange.url);
  if (to === null) throw new TypeError(`fetch failed: the redirect to \`${location}\` is no URL`);
  if (to.protocol !== "http:" && to.protocol !== "https:") throw new TypeError(`fetch failed: the redirect to \`${location}\` leaves http and https`);
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

/** There is no cache here; those on the way are told what the worker wants (Fetch 4.6, steps 15 to 17). */
function withCacheMode(fields: string[], mode: string): string[] {
  const control = mode === "no-cache" ? "max-age=0" : mode === "no-store" || mode === "reload" ? "no-cache" : null;
  if (control === null) return fields;
  const added = fields.slice();
  if (control === "no-cache" && field(fields, "pragma") === null) added.push("pragma", "no-cache");
  if (field(fields, "cache-control") === null) added.push("cache-control", control);
  return added;
}

/** The few options of a Request that a server can act upon. */
async function withOptions(fetching: Promise<Response>, integrity: string, keepalive: boolean): Promise<Response> {
  const release = keepalive ? native.holdInvocation() : null;
  try {
    const response = await fetching;
    return integrity === "" ? response : await checked(response, integrity);
  } finally {
    release?.();
  }
}

/** Nothing of a body is given out before all of it was checked (Fetch 4.1, main fetch, step 22). */
async function checked(response: Response, integrity: string): Promise<Response> {
  const bytes = response._content === null ? new Uint8Array(0) : await response.bytes();
  if (!matchesIntegrity(bytes, integrity)) throw new TypeError(`fetch failed: \`${response.url}\` does not have the integrity \`${integrity}\``);
  const { _status: status, _statusText: statusText, _url: url } = response;
  return fetchedResponse({ status, statusText, headers: response.headers._list, body: null }, bytes, url, response._redirected);
}

function without(fields: readonly string[], names: readonly string[]): string[] {
  return fields.filter((_, i) => !names.includes(fields[i & ~1]!));
}

function withoutFragment(url: string): string {
  const fragment = url.indexOf("#");
  return fragment < 0 ? url : url.slice(0, fragment);
}

exposeFunctions({ fetch });
