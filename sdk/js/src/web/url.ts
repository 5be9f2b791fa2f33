/** URL and URLSearchParams (URL Standard): thin classes over the engine's parser. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import type { NativeUrl } from "../native";
import { definePairs, type PairIterable } from "./pairs";
import { need } from "./webidl";

export class URL {
  declare _url: NativeUrl;
  declare _params: URLSearchParams | null;

  constructor(url: string | URL, base: string | URL | undefined = undefined) {
    if (url === undefined) need(arguments.length, 1, "new URL");
    this._url = base === undefined ? native.parseUrl(`${url}`) : native.parseUrl(`${url}`, `${base}`);
    this._params = null;
  }

  static canParse(url: string | URL, base: string | URL | undefined = undefined): boolean {
    if (url === undefined) need(arguments.length, 1, "canParse");
    return base === undefined ? native.canParseUrl(`${url}`) : native.canParseUrl(`${url}`, `${base}`);
  }

  static parse(url: string | URL, base: string | URL | undefined = undefined): URL | null {
    if (url === undefined) need(arguments.length, 1, "parse");
    const parsed = base === undefined ? native.tryParseUrl(`${url}`) : native.tryParseUrl(`${url}`, `${base}`);
    if (parsed === null) return null;
    const result = Object.create(URL.prototype) as URL;
    result._url = parsed;
    result._params = null;
    return result;
  }

  get href(): string {
    return this._url.href;
  }

  set href(value: string) {
    this._url.href = `${value}`;
    this._params?._read();
  }

  get origin(): string {
    return this._url.origin;
  }

  get protocol(): string {
    return this._url.protocol;
  }

  set protocol(value: string) {
    this._url.protocol = `${value}`;
  }

  get username(): string {
    return this._url.username;
  }

  set username(value: string) {
    this._url.username = `${value}`;
  }

  get password(): string {
    return this._url.password;
  }

  set password(value: string) {
    this._url.password = `${value}`;
  }

  get host(): string {
    return this._url.host;
  }

  set host(value: string) {
    this._url.host = `${value}`;
  }

  get hostname(): string {
    return this._url.hostname;
  }

  set hostname(value: string) {
    this._url.hostname = `${value}`;
  }

  get port(): string {
    return this._url.port;
  }

  set port(value: string) {
    this._url.port = `${value}`;
  }

  get pathname(): string {
    return this._url.pathname;
  }

  set pathname(value: string) {
    this._url.pathname = `${value}`;
  }

  get search(): string {
    return this._url.search;
  }

  set search(value: string) {
    this._url.search = `${value}`;
    this._params?._read();
  }

  get searchParams(): URLSearchParams {
    if (this._params === null) {
      this._params = new URLSearchParams();
      this._params._owner = this;
      this._params._read();
    }
    if (this._params === undefined) throw new TypeError("Illegal invocation");
    return this._params;
  }

  get hash(): string {
    return this._url.hash;
  }

  set hash(value: string) {
    this._url.hash = `${value}`;
  }

  toString(): string {
    return this._url.href;
  }

  toJSON(): string {
    return this._url.href;
  }
}

export type URLSearchParamsInit = string | URLSearchParams | Iterable<Iterable<string>> | Record<string, string>;

export class URLSearchParams {
  declare _list: [string, string][];
  declare _owner: URL | null;

  constructor(init: URLSearchParamsInit | undefined = undefined) {
    this._owner = null;
    if (init === undefined) this._list = [];
    else if (typeof init === "object" && init !== null) this._list = listOf(init);
    else if (typeof init === "function") this._list = recordOf(init);
    else {
      const text = String(init);
      this._list = parseQuery(text.startsWith("?") ? text.slice(1) : text);
    }
  }

  get size(): number {
    return this._list.length;
  }

  append(name: string, value: string): void {
    if (value === undefined) need(arguments.length, 2, "append");
    this._list.push([scalar(name), scalar(value)]);
    this._write();
  }

  delete(name: string, value: string | undefined = undefined): void {
    if (name === undefined) need(arguments.length, 1, "delete");
    const key = scalar(name);
    const only = value === undefined ? undefined : scalar(value);
    this._list = this._list.filter((pair) => pair[0] !== key || (only !== undefined && pair[1] !== only));
    this._write();
  }

  get(name: string): string | null {
    if (name === undefined) need(arguments.length, 1, "get");
    const key = scalar(name);
    for (const pair of this._list) if (pair[0] === key) return pair[1];
    return null;
  }

  getAll(name: string): string[] {
    if (name === undefined) need(arguments.length, 1, "getAll");
    const key = scalar(name);
    return this._list.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }

  has(name: string, value: string | undefined = undefined): boolean {
    if (name === undefined) need(arguments.length, 1, "has");
    const key = scalar(name);
    const only = value === undefined ? undefined : scalar(value);
    return this._list.some((pair) => pair[0] === key && (only === undefined || pair[1] === only));
  }

  set(name: string, value: string): void {
    if (value === undefined) need(arguments.length, 2, "set");
    const key = scalar(name);
    const text = scalar(value);
    const at = this._list.findIndex((pair) => pair[0] === key);
    if (at < 0) {
      this._list.push([key, text]);
    } else {
      this._list[at] = [key, text];
      this._list = this._list.filter((pair, index) => index <= at || pair[0] !== key);
    }
    this._write();
  }

  sort(): void {
    this._list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this._write();
  }

  toString(): string {
    return this._list.length === 0 ? "" : native.serializeQuery(this._list.flat());
  }

  _read(): void {
    this._list = parseQuery(this._owner!._url.query);
  }

  _write(): void {
    if (this._owner !== null) this._owner._url.query = this.toString();
  }
}
export interface URLSearchParams extends PairIterable<string> {}
definePairs<URLSearchParams, string>(URLSearchParams, "URLSearchParams", (params) => {
  if (params._list === undefined) throw new TypeError("Illegal invocation");
  return params._list;
});

function listOf(init: Exclude<URLSearchParamsInit, string>): [string, string][] {
  if (!(Symbol.iterator in init) || init[Symbol.iterator] == null) return recordOf(init);
  return Array.from(init as Iterable<Iterable<string>>, (pair) => {
    const items = typeof pair === "object" && pair !== null ? [...pair] : [];
    if (items.length !== 2) throw new TypeError("each parameter must be a pair of name and value");
    return [scalar(items[0]), scalar(items[1])];
  });
}

function recordOf(init: object): [string, string][] {
  const record = new Map<string, string>();
  for (const [name, value] of Object.entries(init)) record.set(scalar(name), scalar(value));
  return [...record];
}

/** Without a question mark. */
function parseQuery(query: string): [string, string][] {
  if (query === "") return [];
  const flat = native.parseQuery(query);
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i]!, flat[i + 1]!]);
  return list;
}

function scalar(value: unknown): string {
  return `${value as string}`.toWellFormed();
}

exposeClasses({ URL, URLSearchParams });
