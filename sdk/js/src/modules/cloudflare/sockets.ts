/** `cloudflare:sockets`. */

export function connect(_address: unknown, _options?: unknown): never {
  throw new Error("`connect` of `cloudflare:sockets` is not available: workers of Ouro reach the network by `fetch` and WebSockets");
}
