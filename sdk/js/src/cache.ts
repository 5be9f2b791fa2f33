/** The Cache API as Workers have it: `caches.default`, `caches.open(name)`, and match, put and delete. */
import { exposeClasses, exposeGlobal } from "./expose";
import { native } from "./host";
import { takeContent } from "./web/body";
import { pump } from "./web/body-stream";
import { Request, type RequestInfo } from "./web/request";
import { fetchedResponse, Response } from "./web/response";
import { ReadableStream } from "./web/streams";

export interface CacheQueryOptions {
  ignoreMethod?: boolean;
}

const token = Symbol();

class Cache {
  declare readonly _name: string;

  constructor(allowed: symbol, name: string) {
    if (allowed !== token) throw new TypeError("Illegal constructor");
    Object.defineProperty(this, "_name", { value: name });
  }

  async match(input: RequestInfo, options?: CacheQueryOptions): Promise<Response | undefined> {
    const request = requestOf(input);
    if (request.method !== "GET" && options?.ignoreMethod !== true) return undefined;
    const found = native.cacheMatch(this._name, keyOf(request), request.headers._list);
    return found === null ? undefined : fetchedResponse(found, found.body, request.url, false);
  }

  /** The texts of errors are Cloudflare's. */
  async put(input: RequestInfo, response: Response): Promise<void> {
    const request = requestOf(input);
    if (!(response instanceof Response)) throw new TypeError("`put` needs a Response");
    if (request.method !== "GET") throw new TypeError("Cannot cache response to non-GET request.");
    const url = keyOf(request);
    if (response.bodyUsed) throw new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
    const fields = response.headers._list;
    const storing = native.cachePut(this._name, url, response.status, fields);
    if (storing === null) return discard(response);
    const content = takeContent(response);
    if (content === null) storing.writer.finish();
    else await pump(storing.writer, typeof content === "string" || content instanceof Uint8Array ? new Response(content).body! : content);
    storing.check();
  }

  async delete(input: RequestInfo, options?: CacheQueryOptions): Promise<boolean> {
    const request = requestOf(input);
    if (request.method !== "GET" && options?.ignoreMethod !== true) return false;
    return native.cacheDelete(this._name, keyOf(request));
  }
}

/** The body of a response that is not stored is cancelled: its source must not wait for ever. */
async function discard(response: Response): Promise<void> {
  const content = takeContent(response);
  if (content instanceof ReadableStream) await content.cancel();
  else if (content !== null && typeof content !== "string" && !(content instanceof Uint8Array)) content.cancel();
}

function requestOf(input: RequestInfo): Request {
  return input instanceof Request ? input : new Request(input);
}

/** A fragment is no part of the key (Service Workers, "request matches cached item"). */
function keyOf(request: Request): string {
  const url = native.parseUrl(request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError(`a cache holds responses of http and https, not of \`${url.protocol}\``);
  url.hash = "";
  return url.href;
}

for (const name of ["add", "addAll", "keys", "matchAll"]) {
  const missing = (): Promise<never> => Promise.reject(new TypeError(`Failed to execute '${name}' on 'Cache': the method is not implemented.`));
  Object.defineProperty(Cache.prototype, name, { value: missing, writable: true, configurable: true });
}

const caches = new Map<string, Cache>();

class CacheStorage {
  constructor(allowed: symbol) {
    if (allowed !== token) throw new TypeError("Illegal constructor");
  }

  get default(): Cache {
    return cacheOf("");
  }

  /** Named caches are apart from the default one, which has no name. */
  async open(name: string): Promise<Cache> {
    return cacheOf(`:${String(name)}`);
  }
}

function cacheOf(name: string): Cache {
  let cache = caches.get(name);
  if (cache === undefined) caches.set(name, (cache = new Cache(token, name)));
  return cache;
}

exposeClasses({ Cache, CacheStorage });
exposeGlobal("caches", new CacheStorage(token));
