/** Requests, responses, headers, caches, WebSockets and server-sent events. */

const headers = new Headers({ a: "1" });
new Headers([["a", "1"]]);
new Headers(new Map([["a", "1"]]));
new Headers(headers);
headers.append("set-cookie", "a=1");
const cookies: string[] = headers.getSetCookie();
const pairs: [string, string][] = [...headers];
const names: string[] = headers.keys().map((name) => name.toUpperCase()).toArray();
headers.forEach((value, name, all) => all.has(name) && console.log(value));
// @ts-expect-error values are text
headers.set("a", 1);
// @ts-expect-error
new Headers([["a", 1]]);
// @ts-expect-error an old form that no engine has any more
headers.getAll("a");

const request = new Request(new URL("https://example.com/"), {
  method: "POST",
  headers,
  body: new URLSearchParams({ a: "1" }),
  redirect: "manual",
  signal: AbortSignal.timeout(1),
  cf: { cacheTtl: 1 },
  integrity: "sha256-a",
  keepalive: true,
  cache: "no-store",
  duplex: "half",
});
const duplex: "half" = request.duplex;
const cf: Record<string, unknown> | undefined = request.cf;
new Request(request.clone(), request);
// @ts-expect-error
new Request("https://example.com/", { redirect: "never" });
// @ts-expect-error nothing is navigated
new Request("https://example.com/", { mode: "navigate" });
// @ts-expect-error
new Request("https://example.com/", { timeout: 1 });
// @ts-expect-error read-only
request.method = "GET";

async function* chunks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}
const response = new Response(chunks(), { status: 201, headers: [["a", "b"]], encodeBody: "manual" });
new Response(new Uint8Array(1));
new Response(new SharedArrayBuffer(1));
new Response(new Blob(["a"]), response);
new Response(new FormData());
new Response(null, null);
new Response(new ReadableStream<Uint8Array>());
// @ts-expect-error chunks are bytes
new Response(new ReadableStream<string>());
// @ts-expect-error an object is no body: `Response.json`
new Response({ a: 1 });
// @ts-expect-error there is no other way
new Response(null, { encodeBody: "always" });
const json: Response = Response.json({ a: 1 }, { status: 200 });
Response.redirect(new URL("https://example.com/"), 303);
const kind: "basic" | "default" | "error" = Response.error().type;
const value: { a: number } = await json.json<{ a: number }>();
// @ts-expect-error nobody knows what came
(await json.json()).a;
const bytes: Uint8Array<ArrayBuffer> = await response.bytes();
for await (const chunk of response.body ?? []) bytes.set(chunk);
const file: File | string | null = (await request.formData()).get("file");

const fetched: Response = await fetch("https://example.com/", { headers: { Upgrade: "websocket" }, body: null });
fetched.webSocket?.accept();
await fetch(new URL("https://example.com/"));
// @ts-expect-error
await fetch({ url: "https://example.com/" });

const cache: Cache = await caches.open("a");
const cached: Response | undefined = await cache.match(request, { ignoreMethod: true });
await caches.default.put("https://example.com/", json);
const deleted: boolean = await cache.delete(request);

async function serveSocket(): Promise<Response> {
  const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  const { 0: first, 1: second } = new WebSocketPair();
  const [third] = new WebSocketPair();
  first.accept();
  second.close(1000, "done");
  server.accept();
  server.addEventListener("message", ({ data }) => {
    if (typeof data === "string") server.send(data);
    else if (data instanceof Blob) server.send(new Uint8Array(1));
    else server.send(data.slice(1));
  });
  server.addEventListener("close", ({ code, reason, wasClean }) => console.log(code, reason, wasClean));
  // @ts-expect-error binary messages are Blobs or buffers
  server.onmessage = (event: MessageEvent<string>) => console.log(event.data.length);
  console.log(third?.readyState === WebSocket.OPEN, third?.url);
  // @ts-expect-error
  server.binaryType = "text";
  return new Response(null, { status: 101, webSocket: client });
}
const socket = new WebSocket("wss://example.com/", ["a", "b"]);
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send("a");
// @ts-expect-error an object is no message
socket.send({ a: 1 });

const source = new EventSource(new URL("https://example.com/"), { withCredentials: true });
source.onmessage = ({ data, lastEventId }) => console.log(data.length, lastEventId);
source.addEventListener("mine", (event) => console.log(event.type));
EventSource.from(new ReadableStream<Uint8Array>()).close();

export { cached, cf, cookies, deleted, duplex, file, kind, names, pairs, serveSocket, value };
