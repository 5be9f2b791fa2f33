/** Request (Fetch 5.4). One that is being served costs an object: its headers are read when somebody asks for them. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import { AbortController, AbortSignal } from "./abort";
import type { Blob } from "./blob";
import { Body, type BodyInit, cloneContent, type Content, extract, mixinBody, takeContent, TEXT_TYPE } from "./body";
import type { Source } from "./body-stream";
import { type Cf, cfOf, heirloom, type SERVED } from "./cf";
import { Headers, type HeadersInit, headersOf, noCorsHeaders } from "./headers";
import { isSafelistedMethod } from "./no-cors";
import { blobOfUrl } from "./object-url";
import { illegal, need } from "./webidl";

export type RequestRedirect = "follow" | "error" | "manual";

const OPTIONS = {
  cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
  credentials: ["omit", "same-origin", "include"],
  mode: ["navigate", "same-origin", "no-cors", "cors"],
  priority: ["high", "low", "auto"],
  redirect: ["follow", "error", "manual"],
  referrerPolicy: [
    "",
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
  ],
} as const;

/** What a Request reports and nothing here acts upon, but for `integrity`, `keepalive` and `mode: "no-cors"`: a server has no origin, no page and no cache. */
interface Options {
  cache?: string;
  credentials?: string;
  integrity?: string;
  keepalive?: boolean;
  mode?: string;
  referrer?: string;
  referrerPolicy?: string;
}

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: RequestRedirect;
  signal?: AbortSignal | null;
  cf?: Record<string, unknown>;
  cache?: string;
  credentials?: string;
  integrity?: string;
  keepalive?: boolean;
  mode?: string;
  referrer?: string;
  referrerPolicy?: string;
  duplex?: "half";
  priority?: string;
  window?: null;
}

export type RequestInfo = string | Request | { toString(): string };

export class Request {
  declare _method: string;
  declare _url: string;
  /** What a `blob:` URL stood for when the Request was made: it may be revoked since (File API 8.3.2). */
  declare _blob: Blob | null;
  /** Null for a served request whose headers nobody has asked for. */
  declare _headers: Headers | null;
  declare _content: Content;
  declare _used: boolean;
  /** The signal that it was given, which `signal` follows. */
  declare _source: AbortSignal | null;
  /** Null until somebody asks. */
  declare _signal: AbortSignal | null;
  declare _redirect: RequestRedirect;
  declare _options: Options | null;
  declare _cf: Cf | typeof SERVED | undefined;

  constructor(input: RequestInfo, init: RequestInit | null | undefined = undefined) {
    need(arguments.length, 1, "new Request");
    const source = input instanceof Request ? input : null;
    this._method = source === null ? "GET" : source._method;
    this._url = source === null ? parseUrl(input) : source._url;
    if (this._url.startsWith("blob:")) this._blob = source === null ? blobOfUrl(this._url) : source._blob;
    this._content = null;
    this._redirect = "follow";
    if (source !== null) inherit(this, source);
    if (init !== undefined && init !== null) applyOptions(this, init);
    this._headers = init?.headers != null ? new Headers(init.headers) : copyHeaders(source);
    if (this._options?.mode === "no-cors") confine(this, this._headers);
    if (init?.body != null) {
      setBody(this, init.body);
    } else if (source !== null && source._content !== null) {
      if (isBodiless(this._method)) throw new TypeError(`a ${this._method} request cannot have a body`);
      // A Request made of another takes its body over (Fetch 5.4, constructor, step 41).
      this._content = takeContent(source);
    }
  }

  get method(): string {
    if (this._method === undefined) throw illegal();
    return this._method;
  }

  get url(): string {
    if (this._url === undefined) throw illegal();
    return this._url;
  }

  get headers(): Headers {
    if (this._method === undefined) throw illegal();
    return (this._headers ??= headersOf(native.requestHeaders(), true));
  }

  get signal(): AbortSignal {
    return (own(this)._signal ??= this._source === null ? new AbortController().signal : AbortSignal.any([this._source]));
  }

  get redirect(): RequestRedirect {
    return own(this)._redirect;
  }

  get cache(): string {
    return own(this)._options?.cache ?? "default";
  }

  get credentials(): string {
    return own(this)._options?.credentials ?? "same-origin";
  }

  /** What is known of the client's connection; what a `fetch` of the worker's own was given. */
  get cf(): Record<string, unknown> | undefined {
    return cfOf(this);
  }

  get destination(): string {
    own(this);
    return "";
  }

  get duplex(): "half" {
    own(this);
    return "half";
  }

  get integrity(): string {
    return own(this)._options?.integrity ?? "";
  }

  get isHistoryNavigation(): boolean {
    own(this);
    return false;
  }

  get isReloadNavigation(): boolean {
    own(this);
    return false;
  }

  get keepalive(): boolean {
    return own(this)._options?.keepalive === true;
  }

  get mode(): string {
    return own(this)._options?.mode ?? "cors";
  }

  get referrer(): string {
    return own(this)._options?.referrer ?? "about:client";
  }

  get referrerPolicy(): string {
    return own(this)._options?.referrerPolicy ?? "";
  }

  clone(): Request {
    const content = cloneContent(this);
    const copy = new ServedRequest(this._method, this._url, content);
    if (this._blob !== null) copy._blob = this._blob;
    copy._headers = headersOf(this.headers._list.slice(), this.headers._immutable);
    if (this.headers._noCors) copy._headers._noCors = true;
    copy._redirect = this._redirect;
    copy._options = this._options;
    copy._source = this._signal ?? this._source;
    const cf = heirloom(this);
    if (cf !== undefined) copy._cf = cf;
    return copy;
  }
}

export interface Request extends Body {}
mixinBody(Request.prototype);

// Fields that stay as they are here are not set on the object. A redirect that a request which is passed on meets is the client's to follow, as on Cloudflare.
Object.assign(Request.prototype, { _headers: null, _blob: null, _used: false, _source: null, _signal: null, _redirect: "manual", _options: null, _cf: undefined });

/** Makes a Request without the work of its constructor. */
export const ServedRequest = function (this: Request, method: string, url: string, content: Content): void {
  this._method = method;
  this._url = url;
  this._content = content;
} as unknown as new (method: string, url: string, content: Source | Content) => Request;
ServedRequest.prototype = Request.prototype;

/** The method is the one field that every Request has by itself. */
function own(request: Request): Request {
  if (request._method === undefined) throw illegal();
  return request;
}

function parseUrl(input: RequestInfo): string {
  const url = native.parseUrl(`${input as string}`);
  if (url.username !== "" || url.password !== "") throw new TypeError("the URL of a Request must not hold credentials");
  return url.href;
}

function inherit(request: Request, source: Request): void {
  request._redirect = source._redirect;
  request._options = source._options;
  request._source = source._signal ?? source._source;
  const cf = heirloom(source);
  if (cf !== undefined) request._cf = cf;
}

function applyOptions(request: Request, init: RequestInit): void {
  if (typeof init !== "object" && typeof init !== "function") throw new TypeError("the options of a Request must be an object");
  if (init.window !== undefined && init.window !== null) throw new TypeError("`window` can only be null");
  if (init.duplex !== undefined && init.duplex !== "half") throw new TypeError("`duplex` can only be `half`");
  if (init.method !== undefined) request._method = normalizeMethod(init.method);
  if (init.cf !== undefined) request._cf = init.cf;
  if (init.redirect !== undefined) request._redirect = option("redirect", init.redirect) as RequestRedirect;
  if (init.signal !== undefined) {
    if (init.signal !== null && !(init.signal instanceof AbortSignal)) throw new TypeError("`signal` must be an AbortSignal");
    request._source = init.signal;
  }
  if (init.priority !== undefined) option("priority", init.priority);
  const { cache, credentials, integrity, keepalive, mode, referrer, referrerPolicy } = init;
  if ((cache ?? credentials ?? integrity ?? keepalive ?? mode ?? referrer ?? referrerPolicy) !== undefined) reportOptions(request, init);
}

function reportOptions(request: Request, init: RequestInit): void {
  const options: Options = { ...request._options };
  if (init.cache !== undefined) options.cache = option("cache", init.cache);
  if (init.credentials !== undefined) options.credentials = option("credentials", init.credentials);
  if (init.integrity !== undefined) options.integrity = String(init.integrity);
  if (init.keepalive !== undefined) options.keepalive = Boolean(init.keepalive);
  if (init.mode !== undefined) options.mode = option("mode", init.mode);
  if (init.referrer !== undefined) options.referrer = parseReferrer(String(init.referrer));
  if (init.referrerPolicy !== undefined) options.referrerPolicy = option("referrerPolicy", init.referrerPolicy);
  if (options.mode === "navigate") throw new TypeError("`mode` cannot be `navigate`");
  if (options.cache === "only-if-cached" && options.mode !== "same-origin") throw new TypeError("`cache: only-if-cached` needs `mode: same-origin`");
  request._options = options;
}

/** A member of an enumeration (Web IDL 3.2.18). */
function option(name: keyof typeof OPTIONS, value: unknown): string {
  const text = `${value as string}`;
  if (!(OPTIONS[name] as readonly string[]).includes(text)) throw new TypeError(`invalid \`${name}\`: ${JSON.stringify(text)}`);
  return text;
}

/** No referrer is the empty text; `about:client` stands for the worker (Fetch 5.4, constructor, step 14). */
function parseReferrer(value: string): string {
  return value === "" ? "" : native.parseUrl(value).href;
}

/** A request of `mode: "no-cors"` is one that a form could send (Fetch 5.4, constructor, step 32). */
function confine(request: Request, headers: Headers): void {
  if (!isSafelistedMethod(request._method)) throw new TypeError(`\`mode: no-cors\` does not go with the method ${request._method}`);
  request._headers = noCorsHeaders(headers._list);
}

function copyHeaders(source: Request | null): Headers {
  return headersOf(source === null ? [] : source.headers._list.slice(), false);
}

function setBody(request: Request, body: BodyInit): void {
  if (isBodiless(request._method)) throw new TypeError(`a ${request._method} request cannot have a body`);
  const { content, type } = typeof body === "string" ? { content: body, type: TEXT_TYPE } : extract(body);
  request._content = content;
  const headers = request.headers;
  if (type === null || headers.has("content-type")) return;
  if (headers._noCors) headers.append("content-type", type);
  else headers._list.push("content-type", type);
}

function isBodiless(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** The six methods of Fetch 2.2.1 are upper case whatever was written, and `PATCH` with them, as on Cloudflare; others stay as they are. */
function normalizeMethod(value: string): string {
  const method = String(value);
  if (method === "GET" || method === "POST") return method;
  if (!native.isHeaderName(method)) throw new TypeError(`invalid method: ${JSON.stringify(method)}`);
  const upper = method.toUpperCase();
  if (upper === "CONNECT" || upper === "TRACE" || upper === "TRACK") throw new TypeError(`the method ${upper} is not allowed`);
  return ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"].includes(upper) ? upper : method;
}

exposeClasses({ Request });
