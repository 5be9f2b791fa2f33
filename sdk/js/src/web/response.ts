/** Response (Fetch 5.5). Headers are made when somebody asks for them. */
import { exposeClasses } from "../expose";
import type { NativeBody, NativeResponse } from "../native";
import { codingOf } from "./body-stream";
import { Body, type BodyInit, cloneContent, type Content, extract, mixinBody, TEXT_TYPE } from "./body";
import { field, Headers, type HeadersInit, headersOf } from "./headers";
import { native } from "../host";
import { ReadableStream } from "./streams";
import { illegal, need } from "./webidl";
import { isWebSocket, type WebSocket } from "./websocket/websocket";

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  /** Whether the body is already as `content-encoding` says (`manual`) or not (Workers). */
  encodeBody?: "automatic" | "manual";
  /** Of no effect; `cf` of the Response gives it back (Workers). */
  cf?: unknown;
  webSocket?: WebSocket | null;
}

const TEXT_HEADERS: readonly string[] = ["content-type", TEXT_TYPE];

export class Response {
  // Fields that stay as the prototype has them are not set: each one would cost every response of every worker.
  declare _status: number;
  declare _statusText: string;
  /** Null until somebody asks, or the constructor was given some. */
  declare _headers: Headers | null;
  /** The content type that the body implies, while `_headers` is null; undefined where it is that of text. */
  declare _type: string | null | undefined;
  declare _content: Content;
  declare _used: boolean;
  declare _url: string;
  declare _redirected: boolean;
  declare _kind: string;
  declare _manual: boolean;
  declare _cf: unknown;
  /** Of a response with status 101. */
  declare _webSocket: WebSocket | null;

  constructor(body: BodyInit | null | undefined = null, init: ResponseInit | null | undefined = undefined) {
    if (typeof body === "string" || body === null) {
      this._content = body;
    } else {
      const { content, type } = extract(body);
      this._content = content;
      this._type = type;
    }
    if (init !== undefined && init !== null) initialize(this, init);
  }

  static error(): Response {
    const response = new Response();
    response._status = 0;
    response._kind = "error";
    response._headers = headersOf([], true);
    return response;
  }

  static json(data: unknown, init: ResponseInit | null | undefined = undefined): Response {
    need(arguments.length, 1, "Response.json");
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError("the value is not serialisable as JSON");
    const response = new Response(text);
    response._type = "application/json";
    if (init !== undefined && init !== null) initialize(response, init);
    return response;
  }

  static redirect(url: string | { toString(): string }, status: number = 302): Response {
    need(arguments.length, 1, "Response.redirect");
    const location = native.parseUrl(`${url as string}`).href;
    const code = +status & 0xffff;
    if (!isRedirect(code)) throw new RangeError(`${status} is not a redirect status; it must be 301, 302, 303, 307 or 308`);
    const response = new Response();
    response._status = code;
    response._headers = headersOf(["location", location], true);
    return response;
  }

  get status(): number {
    if (this._content === undefined) throw illegal();
    return this._status;
  }

  get statusText(): string {
    return own(this)._statusText;
  }

  get ok(): boolean {
    return own(this)._status >= 200 && this._status < 300;
  }

  get headers(): Headers {
    if (this._content === undefined) throw illegal();
    if (this._headers !== null) return this._headers;
    const type = impliedType(this);
    return (this._headers = headersOf(type === null ? [] : ["content-type", type], false));
  }

  get type(): string {
    return own(this)._kind;
  }

  get url(): string {
    return own(this)._url;
  }

  get redirected(): boolean {
    return own(this)._redirected;
  }

  get webSocket(): WebSocket | null {
    return this._webSocket;
  }

  get cf(): unknown {
    return this._cf;
  }

  clone(): Response {
    if (this._webSocket !== null) throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    const headers = this.headers;
    const copy = new Response();
    copy._content = cloneContent(this);
    copy._status = this._status;
    copy._statusText = this._statusText;
    copy._headers = headersOf(headers._list.slice(), headers._immutable);
    copy._url = this._url;
    copy._redirected = this._redirected;
    copy._kind = this._kind;
    if (this._manual) copy._manual = true;
    if (this._cf !== undefined) copy._cf = this._cf;
    return copy;
  }
}

export interface Response extends Body {}
mixinBody(Response.prototype);

Object.assign(Response.prototype, {
  _status: 200,
  _statusText: "",
  _headers: null,
  _type: undefined,
  _used: false,
  _url: "",
  _redirected: false,
  _kind: "default",
  _manual: false,
  _cf: undefined,
  _webSocket: null,
});

/** The content is the one field that every Response has by itself. */
function own(response: Response): Response {
  if (response._content === undefined) throw illegal();
  return response;
}

function impliedType(response: Response): string | null {
  if (response._type !== undefined) return response._type;
  return typeof response._content === "string" ? TEXT_TYPE : null;
}

/** The flat list that goes to the host with this content; null for no headers at all. */
export function responseFields(response: Response, content: Content): string[] | null {
  if (response._headers !== null) return content === null ? response._headers._list : settleCoding(response, response._headers._list, content);
  const type = impliedType(response);
  if (type === null) return null;
  return type === TEXT_TYPE ? (TEXT_HEADERS as string[]) : ["content-type", type];
}

/**
 * Unless the worker encodes by itself, `content-encoding` is a wish, not the state of the body (Workers). A fetched body that nobody touched
 * goes on as it came where the field still says so; any other body is sent plain, without the field.
 */
function settleCoding(response: Response, list: string[], content: Content): string[] {
  const wish = contentCoding(list);
  if (wish === null && typeof content === "string") return list;
  const isStream = content instanceof ReadableStream;
  const held = isStream ? codingOf(content) : ((content as Partial<NativeBody>).coding ?? null);
  if (wish === held || (held === null ? response._manual : isStream)) return list;
  if (held !== null) (content as NativeBody).decode();
  return list.filter((_, i) => list[i & ~1] !== "content-encoding" && list[i & ~1] !== "content-length");
}

/** The content coding of a header list, where it is one that the host undoes. */
export function contentCoding(list: readonly string[]): string | null {
  const value = field(list, "content-encoding");
  if (value === null) return null;
  const coding = value.toLowerCase();
  return coding === "x-gzip" ? "gzip" : coding === "gzip" || coding === "br" || coding === "deflate" ? coding : null;
}

/** A response of the network or of the assets. */
export function fetchedResponse(from: NativeResponse, content: Content, url: string, redirected: boolean): Response {
  const response = new Response();
  response._status = from.status;
  response._statusText = from.statusText;
  response._headers = headersOf(from.headers, true);
  response._content = isNullBody(from.status) ? null : content;
  response._url = url;
  response._redirected = redirected;
  response._kind = "basic";
  return response;
}

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function initialize(response: Response, init: ResponseInit): void {
  const { webSocket } = init;
  if (webSocket !== undefined && webSocket !== null) takeSocket(response, webSocket, init.status);
  else if (init.status !== undefined) response._status = checkStatus(init.status);
  if (init.statusText !== undefined) response._statusText = checkStatusText(init.statusText);
  if (init.encodeBody === "manual" || (init as Partial<Response>)._manual === true) response._manual = true;
  if (init.cf !== undefined) response._cf = init.cf;
  const given = init.headers;
  if (given !== undefined && given !== null) {
    const headers = new Headers(given);
    const type = impliedType(response);
    if (type !== null && field(headers._list, "content-type") === null) headers._list.push("content-type", type);
    response._headers = headers;
  }
  if (response._content === null || !isNullBody(response._status)) return;
  // Workers of other platforms give an empty text here; only a body with something in it is refused.
  if (response._content !== "") throw new TypeError(`a response with status ${response._status} cannot have a body`);
  response._content = null;
}

function takeSocket(response: Response, socket: WebSocket, status: number | undefined): void {
  if (!isWebSocket(socket)) throw new TypeError("Incorrect type for the 'webSocket' field on 'ResponseInit': the provided value is not of type 'WebSocket'.");
  if (status !== 101) throw new RangeError("Responses with a WebSocket must have status code 101.");
  response._status = 101;
  response._webSocket = socket;
}

function checkStatus(value: number): number {
  const status = Math.trunc(Number(value)) & 0xffff;
  if (status < 200 || status > 599) throw new RangeError(`the status of a response must be from 200 to 599, not ${value}`);
  return status;
}

/** A reason phrase (RFC 9112 4). */
function checkStatusText(value: string): string {
  const text = String(value);
  if (text !== "" && !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw new TypeError("invalid status text");
  return text;
}

export function isNullBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304 || status === 101 || status === 103;
}

exposeClasses({ Response });
