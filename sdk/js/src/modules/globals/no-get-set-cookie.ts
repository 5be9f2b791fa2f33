/** Before 2023-03-01 `Headers` had no `getSetCookie`: flag `no_http_headers_getsetcookie`. */
delete (globalThis as unknown as { Headers: { prototype: { getSetCookie?: unknown } } }).Headers.prototype.getSetCookie;
export {};
