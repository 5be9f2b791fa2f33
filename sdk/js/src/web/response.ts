/** Response (Fetch 5.5). Headers are made when somebody asks for them. */
import { exposeClasses } from "../expose";
import type { NativeResponse } from "../native";
import { Body, type BodyInit, cloneContent, type Content, extract, mixinBody, TEXT_TYPE } from "./body";
import { field, Headers, type HeadersInit, headersOf } from "./headers";
import { native } from "../host";

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

const TEXT_HEADERS: readonly string[] = ["content-type", TEXT_TYPE];

export class Response {
  declare _status: number;
  declare _statusText: string;
  /** Null until somebody asks, or the constructor was given some. */
  declare _headers: Headers | null;
  /** The content type that the body implies, while `_headers` is null. */
  declare _type: string | null;
  declare _content: Content;
  declare _used: boolean;
  declare _url: string;
  declare _redirected: boolean;
  declare _kind: string;

  constructor(body?: BodyInit | null, init?: ResponseInit) {
    this._status = 200;
    this._statusText = "";
    this._headers = null;
    this._type = null;
    this._content = null;
    this._used = false;
    if (typeof body === "string") {
      this._content = body;
      this._type = TEXT_TYPE;
    } else if (body !== undefined && body !== null) {
      const { content, type } = extract(body);
      this._content = content;
      this._type = type;
    }
    if (init !== undefined) initialize(this, init);
  }

  static error(): Response {
    const response = new Response();
    response._status = 0;
    response._kind = "error";
    response._headers = headersOf([], true);
    return response;
  }

  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) throw new TypeError("the value is not serialisable as JSON");
    const response = new Response(text);
    response._type = "application/json";
    if (init !== undefined) initialize(response, init);
    return response;
  }

  static redirect(url: string | { toString(): string }, status = 302): Response {
    const location = native.parseUrl(`${url}`).href;
    if (!isRedirect(status)) throw new RangeError(`${status} is not a redirect status; it must be 301, 302, 303, 307 or 308`);
    const response = new Response();
    response._status = status;
    response._headers = headersOf(["location", location], true);
    return response;
  }

  get status(): number {
    return this._status;
  }

  get statusText(): string {
    return this._statusText;
  }

  get ok(): boolean {
    return this._status >= 200 && this._status < 300;
  }

  get headers(): Headers {
    return (this._headers ??= headersOf(this._type === null ? [] : ["content-type", this._type], false));
  }

  get type(): string {
    return this._kind;
  }

  get url(): string {
    return this._url;
  }

  get redirected(): boolean {
    return this._redirected;
  }

  get webSocket(): null {
    return null;
  }

  clone(): Response {
    const content = cloneContent(this);
    const copy = new Response();
    copy._status = this._status;
    copy._statusText = this._statusText;
    copy._headers = this._headers === null ? null : headersOf(this._headers._list.slice(), this._headers._immutable);
    copy._type = this._type;
    copy._content = content;
    copy._url = this._url;
    copy._redirected = this._redirected;
    copy._kind = this._kind;
    return copy;
  }
}

export interface Response extends Body {}
mixinBody(Response.prototype);

// What only fetched responses have of their own.
Object.assign(Response.prototype, { _url: "", _redirected: false, _kind: "default" });

/** The flat list that goes to the host; null for no headers at all. */
export function responseFields(response: Response): string[] | null {
  if (response._headers !== null) return response._headers._list;
  if (response._type === null) return null;
  return response._type === TEXT_TYPE ? (TEXT_HEADERS as string[]) : ["content-type", response._type];
}

/** A response of the network or of the assets. */
export function fetchedResponse(from: NativeResponse, content: Content, url: string, redirected: boolean): Response {
  const response = new Response();
  response._status = from.status;
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
  if (init.status !== undefined) response._status = checkStatus(init.status);
  if (init.statusText !== undefined) response._statusText = checkStatusText(init.statusText);
  const given = init.headers;
  if (given !== undefined && given !== null) {
    const headers = new Headers(given);
    if (response._type !== null && field(headers._list, "content-type") === null) headers._list.push("content-type", response._type);
    response._headers = headers;
  }
  if (response._content === null || !isNullBody(response._status)) return;
  // Workers of other platforms give an empty text here; only a body with something in it is refused.
  if (response._content !== "") throw new TypeError(`a response with status ${response._status} cannot have a body`);
  response._content = null;
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

function isNullBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304 || status === 101 || status === 103;
}

exposeClasses({ Response });
