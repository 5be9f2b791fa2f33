/** Headers (Fetch 5.1): one flat list of lower-cased names and values, sorted and combined only when it is iterated. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import { isSafelisted, isSafelistedName } from "./no-cors";
import { definePairs, type PairIterable } from "./pairs";
import { illegal, need } from "./webidl";

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;

const COMMON_NAMES =
  "Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers " +
  "Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age Access-Control-Request-Headers " +
  "Access-Control-Request-Method Age Allow Authorization Cache-Control Connection Content-Disposition Content-Encoding Content-Language " +
  "Content-Length Content-Location Content-Range Content-Security-Policy Content-Type Cookie Cross-Origin-Opener-Policy " +
  "Cross-Origin-Resource-Policy Date ETag Expect Expires Forwarded Host If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since " +
  "Keep-Alive Last-Modified Link Location Origin Origin-Agent-Cluster Permissions-Policy Pragma Range Referer Referrer-Policy Retry-After " +
  "Server Server-Timing Set-Cookie Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade User-Agent Vary Via WWW-Authenticate " +
  "X-Content-Type-Options X-DNS-Prefetch-Control X-Download-Options X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Frame-Options " +
  "X-Permitted-Cross-Domain-Policies X-Powered-By X-Real-IP X-Request-ID X-Response-Time X-XSS-Protection";

/** Names that need no validation and no lower-casing. It does not grow: a request must not dirty the snapshot's memory. */
const lowerCased = new Map<string, string>();
for (const name of COMMON_NAMES.split(" ")) {
  const lower = name.toLowerCase();
  lowerCased.set(name, lower);
  lowerCased.set(lower, lower);
}

export class Headers {
  /** name, value, name, value, …; names in lower case, in the order of arrival. */
  declare _list: string[];
  declare _immutable: boolean;
  /** Those of a Request of `mode: "no-cors"`, which leave out what it may not carry. */
  declare _noCors: boolean;
  declare _view: [string, string][] | null;

  constructor(init: HeadersInit | undefined = undefined) {
    this._list = init === undefined ? [] : listOf(init);
  }

  append(name: string, value: string): void {
    need(arguments.length, 2, "Headers.append");
    const lower = fieldName(name);
    const field = fieldValue(value);
    change(this);
    if (this._noCors && !isSafelisted(lower, combined(this._list, lower, field))) return;
    this._list.push(lower, field);
  }

  delete(name: string): void {
    need(arguments.length, 1, "Headers.delete");
    const lower = fieldName(name);
    change(this);
    if (this._noCors && !isSafelistedName(lower)) return;
    remove(this._list, lower, 0);
  }

  get(name: string): string | null {
    need(arguments.length, 1, "Headers.get");
    const lower = fieldName(name);
    const list = this._list;
    let found: string | null = null;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === lower) found = found === null ? list[i + 1]! : found + ", " + list[i + 1]!;
    }
    return found;
  }

  getSetCookie(): string[] {
    const list = this._list;
    const cookies: string[] = [];
    for (let i = 0; i < list.length; i += 2) if (list[i] === "set-cookie") cookies.push(list[i + 1]!);
    return cookies;
  }

  has(name: string): boolean {
    need(arguments.length, 1, "Headers.has");
    return indexOf(this._list, fieldName(name)) >= 0;
  }

  set(name: string, value: string): void {
    need(arguments.length, 2, "Headers.set");
    const lower = fieldName(name);
    const field = fieldValue(value);
    change(this);
    if (this._noCors && !isSafelisted(lower, field)) return;
    const list = this._list;
    const at = indexOf(list, lower);
    if (at < 0) {
      list.push(lower, field);
    } else {
      list[at + 1] = field;
      remove(list, lower, at + 2);
    }
  }
}

export interface Headers extends PairIterable<string> {}

/** Sorted by name; values of one name combined, but for `set-cookie` (Fetch 2.2.2, sort and combine). */
function sortedPairs(headers: Headers): readonly [string, string][] {
  const list = headers._list;
  if (list === undefined) throw illegal();
  if (headers._view !== null) return headers._view;
  const combined = new Map<string, string>();
  const pairs: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) {
    if (list[i] === "set-cookie") {
      pairs.push(["set-cookie", list[i + 1]!]);
      continue;
    }
    const before = combined.get(list[i]!);
    combined.set(list[i]!, before === undefined ? list[i + 1]! : before + ", " + list[i + 1]!);
  }
  pairs.push(...combined);
  pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  return (headers._view = pairs);
}

definePairs<Headers, string>(Headers, "Headers", sortedPairs);

// Fields that stay as they are here are not set on the object.
Object.assign(Headers.prototype, { _immutable: false, _noCors: false, _view: null });

/** Headers around a list that is known to be good; the list is not copied. */
export function headersOf(list: string[], immutable: boolean): Headers {
  const headers = new Headers();
  headers._list = list;
  if (immutable) headers._immutable = true;
  return headers;
}

/** Headers of a Request of `mode: "no-cors"` with what it may carry of the list. */
export function noCorsHeaders(list: readonly string[]): Headers {
  const headers = new Headers();
  headers._noCors = true;
  for (let i = 0; i < list.length; i += 2) headers.append(list[i]!, list[i + 1]!);
  return headers;
}

/** What a field is once the value is appended. */
function combined(list: readonly string[], name: string, value: string): string {
  const before: string[] = [];
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) before.push(list[i + 1]!);
  return [...before, value].join(", ");
}

/** The value of a single field, by a name in lower case. */
export function field(list: readonly string[], name: string): string | null {
  const at = indexOf(list, name);
  return at < 0 ? null : list[at + 1]!;
}

function listOf(init: HeadersInit): string[] {
  if ((typeof init !== "object" && typeof init !== "function") || init === null) {
    throw new TypeError("`Headers` takes another `Headers`, pairs of name and value, or an object");
  }
  const iterator = (init as Iterable<unknown>)[Symbol.iterator];
  if (init instanceof Headers && iterator === Headers.prototype.entries) return init._list.slice();
  const list: string[] = [];
  if (iterator !== undefined && iterator !== null) {
    for (const [name, value] of pairsOf(init as Iterable<Iterable<string>>)) list.push(fieldName(name), fieldValue(value));
    return list;
  }
  // A record takes all own keys, of which a symbol is no name (Web IDL 3.2.23).
  const record = init as Record<string, string>;
  for (const name of Reflect.ownKeys(record) as string[]) {
    if (isEnumerable.call(record, name)) list.push(fieldName(name), fieldValue(record[name]!));
  }
  return list;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

/** All of them before the first is used, as Web IDL converts a sequence. */
function pairsOf(init: Iterable<Iterable<string>>): [string, string][] {
  const pairs: [string, string][] = [];
  for (const pair of init) {
    if ((typeof pair !== "object" && typeof pair !== "function") || pair === null) throw new TypeError("a header must be a pair of name and value");
    const items = [...pair];
    if (items.length !== 2) throw new TypeError(`a header must be a pair of name and value, not ${items.length} items`);
    pairs.push(items as [string, string]);
  }
  return pairs;
}

function change(headers: Headers): void {
  if (headers._immutable) throw new TypeError("these headers are immutable; copy them: `new Headers(headers)`");
  if (headers._view !== null) headers._view = null;
}

function indexOf(list: readonly string[], lower: string): number {
  for (let i = 0; i < list.length; i += 2) if (list[i] === lower) return i;
  return -1;
}

function remove(list: string[], lower: string, from: number): void {
  let kept = from;
  for (let i = from; i < list.length; i += 2) {
    if (list[i] === lower) continue;
    list[kept++] = list[i]!;
    list[kept++] = list[i + 1]!;
  }
  list.length = kept;
}

function fieldName(name: string): string {
  const known = lowerCased.get(name);
  if (known !== undefined) return known;
  if (typeof name === "symbol") throw new TypeError("a header name cannot be a symbol");
  const text = String(name);
  if (!native.isHeaderName(text)) throw new TypeError(`invalid header name: ${JSON.stringify(text)}`);
  return text.toLowerCase();
}

/** Values that need no check either. */
const GOOD_VALUES = new Set([
  "application/json",
  "application/json; charset=UTF-8",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8",
  "application/octet-stream",
  "no-cache",
  "no-store",
  "text/event-stream",
  "text/html",
  "text/html; charset=UTF-8",
  "text/html; charset=utf-8",
  "text/html;charset=UTF-8",
  "text/plain",
  "text/plain; charset=UTF-8",
  "text/plain; charset=utf-8",
  "text/plain;charset=UTF-8",
]);

/** Strips the white space around it and refuses what no field line can carry (Fetch 2.2.2, normalize). */
function fieldValue(value: string): string {
  if (GOOD_VALUES.has(value)) return value;
  let text = typeof value === "string" ? value : String(value);
  if (text.trim() !== text) text = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\n\r\u0100-\uffff]/.test(text)) {
    throw new TypeError("invalid header value: line breaks, NUL and characters over U+00FF are not allowed");
  }
  return text;
}

exposeClasses({ Headers });
