/** What other platforms have and workers of Ouro have not is an error. */

// Of browsers
// @ts-expect-error
document;
// @ts-expect-error
window;
// @ts-expect-error
location;
// @ts-expect-error
localStorage;
// @ts-expect-error
sessionStorage;
// @ts-expect-error
indexedDB;
// @ts-expect-error
alert("a");
// @ts-expect-error
requestAnimationFrame(() => {});
// @ts-expect-error
new XMLHttpRequest();
// @ts-expect-error
new DOMParser();
// @ts-expect-error
new Worker("a.js");
// @ts-expect-error
new SharedWorker("a.js");
// @ts-expect-error
new BroadcastChannel("a");
// @ts-expect-error
new WebTransport("https://example.com/");
// @ts-expect-error
new ReportingObserver(() => {});
// @ts-expect-error
importScripts("a.js");
// @ts-expect-error
postMessage("a");
// @ts-expect-error
onmessage = null;
// @ts-expect-error
WebAssembly;
// @ts-expect-error
navigator.sendBeacon("a");
// @ts-expect-error
navigator.languages;
// @ts-expect-error
performance.timing;
// @ts-expect-error
scheduler.postTask(() => {});
// @ts-expect-error
crypto.subtle.getPublicKey;
// @ts-expect-error
Temporal;

// Of Node.js, Deno and Bun: `ouro/node` brings the first.
// @ts-expect-error
process;
// @ts-expect-error
Buffer;
// @ts-expect-error
global;
// @ts-expect-error
require("a");
// @ts-expect-error
__dirname;
// @ts-expect-error
setImmediate(() => {});
// @ts-expect-error
Deno;
// @ts-expect-error
Bun;
// @ts-expect-error
export type Fs = typeof import("node:fs");

// Of Cloudflare
// @ts-expect-error
export type Sockets = typeof import("cloudflare:sockets");
// @ts-expect-error
export type Workflows = typeof import("cloudflare:workflows");
// @ts-expect-error
export { DurableObject } from "cloudflare:workers";
// @ts-expect-error
export { WorkflowEntrypoint } from "cloudflare:workers";
// @ts-expect-error
export type Kv = KVNamespace;
// @ts-expect-error
export type Bucket = R2Bucket;
// @ts-expect-error
export type Objects = DurableObjectNamespace;
// @ts-expect-error
export type Producer = Queue;
// @ts-expect-error
export type Tunnel = Hyperdrive;
// @ts-expect-error
export type Models = Ai;
// @ts-expect-error
export type Vectors = VectorizeIndex;
// @ts-expect-error
caches.default.keys();
// @ts-expect-error
caches.default.match("https://example.com/", { ignoreSearch: true });
// @ts-expect-error
caches.match("https://example.com/");
// @ts-expect-error
caches.delete("a");
// @ts-expect-error
new HTMLRewriter().on("a", { endTag() {} });

// What nobody can construct
// @ts-expect-error
new AbortSignal();
// @ts-expect-error
new Cache();
// @ts-expect-error
new CryptoKey();
// @ts-expect-error
new MessagePort();
// @ts-expect-error
new Navigator();
// @ts-expect-error
new ReadableStreamDefaultController();
