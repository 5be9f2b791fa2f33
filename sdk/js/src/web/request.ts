/** Request (Fetch 5.4). One that is being served costs an object: its headers are read when somebody asks for them. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import { AbortController, AbortSignal } from "./abort";
import { Body, type BodyInit, cloneContent, type Content, extract, mixinBody, takeContent, TEXT_TYPE } from "./body";
import type { Source } from "./body-stream";
import { Headers, type HeadersInit, headersOf } from "./headers";

export type RequestRedirect = "follow" | "error" | "manual";

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: RequestRedirect;
  signal?: AbortSignal | null;
  cache?: string;
  credentials?: string;
  integrity?: string;
  keepalive?: boolean;
  mode?: string;
  referrer?: string;
  referrerPolicy?: string;
  duplex?: "half";
  window?: null;
}

export type RequestInfo = string | Request | { toString(): string };

export class Request {
  declare _method: string;
  declare _url: string;
  /** Null for a served request whose headers nobody has asked for. */
  declare _headers: Headers | null;
  declare _content: Content;
  declare _used: boolean;
  declare _signal: AbortSignal | null;
  declare _redirect: RequestRedirect;
  declare _options: RequestInit | null;

  constructor(input: RequestInfo, init?: RequestInit) {
    if (arguments.length === 0) throw new TypeError("a `Request` needs a URL or another Request");
    const source = input instanceof Request ? input : null;
    this._method = source === null ? "GET" : source._method;
    this._url = source === null ? parseUrl(input) : source._url;
    if (source !== null) inherit(this, source);
    if (init !== undefined && init !== null) applyOptions(this, init);
    this._headers = init?.headers != null ? new Headers(init.headers) : copyHeaders(source);
    // A Request made of another takes its body over (Fetch 5.4, constructor, step 41).
    if (init?.body != null) setBody(this, init.body);
    else if (source !== null) this._content = takeContent(source);
  }

  get method(): string {
    return this._method;
  }

  get url(): string {
    return this._url;
  }

  get headers(): Headers {
    return (this._headers ??= headersOf(native.requestHeaders(), true));
  }

  get signal(): AbortSignal {
    return (this._signal ??= new AbortController().signal);
  }

  get redirect(): RequestRedirect {
    return this._redirect;
  }

  get cache(): string {
    return this._options?.cache ?? "default";
  }

  get credentials(): string {
    return this._options?.credentials ?? "same-origin";
  }

  get destination(): string {
    return "";
  }

  get duplex(): "half" {
    return "half";
  }

  get integrity(): string {
    return this._options?.integrity ?? "";
  }

  get isHistoryNavigation(): boolean {
    return false;
  }

  get keepalive(): boolean {
    return this._options?.keepalive === true;
  }

  get mode(): string {
    return this._options?.mode ?? "cors";
  }

  get referrer(): string {
    return this._options?.referrer ?? "about:client";
  }

  get referrerPolicy(): string {
    return this._options?.referrerPolicy ?? "";
  }

  clone(): Request {
    const content = cloneContent(this);
    const copy = new ServedRequest(this._method, this._url, content);
    copy._headers = headersOf(this.headers._list.slice(), this.headers._immutable);
    copy._redirect = this._redirect;
    copy._options = this._options;
    copy._signal = this._signal === null ? null : AbortSignal.any([this._signal]);
    return copy;
  }
}

export interface Request extends Body {}
mixinBody(Request.prototype);

// Fields that stay as they are here are not set on the object.
Object.assign(Request.prototype, { _headers: null, _content: null, _used: false, _signal: null, _redirect: "follow", _options: null });

/** Makes a Request without the work of its constructor. */
export const ServedRequest = function (this: Request, method: string, url: string, content: Content): void {
  this._method = method;
  this._url = url;
  if (content !== null) this._content = content;
} as unknown as new (method: string, url: string, content: Source | Content) => Request;
ServedRequest.prototype = Request.prototype;

function parseUrl(input: RequestInfo): string {
  const url = native.parseUrl(`${input as string}`);
  if (url.username !== "" || url.password !== "") throw new TypeError("the URL of a Request must not hold credentials");
  return url.href;
}

function inherit(request: Request, source: Request): void {
  request._redirect = source._redirect;
  request._options = source._options;
  request._signal = source._signal;
}

function applyOptions(request: Request, init: RequestInit): void {
  if (init.method !== undefined) request._method = normalizeMethod(init.method);
  if (init.redirect !== undefined) {
    if (!["follow", "error", "manual"].includes(init.redirect)) throw new TypeError(`invalid \`redirect\`: ${String(init.redirect)}`);
    request._redirect = init.redirect;
  }
  if (init.signal !== undefined) {
    if (init.signal !== null && !(init.signal instanceof AbortSignal)) throw new TypeError("`signal` must be an AbortSignal");
    request._signal = init.signal;
  }
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = init;
  if (cache ?? credentials ?? integrity ?? keepalive ?? mode ?? referrer ?? referrerPolicy) request._options = { ...request._options, ...init };
}

function copyHeaders(source: Request | null): Headers {
  return headersOf(source === null ? [] : source.headers._list.slice(), false);
}

function setBody(request: Request, body: BodyInit): void {
  if (request._method === "GET" || request._method === "HEAD") throw new TypeError(`a ${request._method} request cannot have a body`);
  const { content, type } = typeof body === "string" ? { content: body, type: TEXT_TYPE } : extract(body);
  request._content = content;
  const headers = request.headers;
  if (type !== null && !headers.has("content-type")) headers._list.push("content-type", type);
}

/** The six methods are upper case whatever was written; others stay as they are (Fetch 2.2.1). */
function normalizeMethod(value: string): string {
  const method = String(value);
  if (method === "GET" || method === "POST") return method;
  if (!native.isHeaderName(method)) throw new TypeError(`invalid method: ${JSON.stringify(method)}`);
  const upper = method.toUpperCase();
  if (upper === "CONNECT" || upper === "TRACE" || upper === "TRACK") throw new TypeError(`the method ${upper} is not allowed`);
  return ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].includes(upper) ? upper : method;
}

exposeClasses({ Request });
