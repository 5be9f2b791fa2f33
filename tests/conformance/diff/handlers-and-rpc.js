// Handlers beside `fetch`, the older form of workers, and calls between entrypoints.
//// listener
//// script
addEventListener("fetch", (event) => { event.respondWith(new Response([event.type, TEXT, event instanceof FetchEvent, typeof event.waitUntil, typeof event.passThroughOnException, event.request.method].join())); });
//// listener-answers-with-a-promise
//// script
addEventListener("fetch", (event) => { event.respondWith(answer(event.request)); });
async function answer(request) { await null; return Response.json([new URL(request.url).pathname, TEXT]); }
//// listener-first-answer-wins
//// script
addEventListener("fetch", (event) => { event.respondWith(new Response("first")); });
addEventListener("fetch", (event) => { event.respondWith(new Response("second")); });
//// listener-that-throws
//// script
addEventListener("fetch", () => { throw new TypeError("no"); });
//// listener-answers-twice
//// script
addEventListener("fetch", (event) => { event.respondWith(new Response("first")); let name = "none"; try { event.respondWith(new Response("second")); } catch (error) { name = error.name; } globalThis.name = name; });
//// listener-rejects
//// script
addEventListener("fetch", (event) => { event.respondWith(Promise.reject(new Error("no"))); });
//// listener-object
//// script
addEventListener("fetch", { handleEvent(event) { event.respondWith(new Response("object")); } });
//// listener-waits
//// script
addEventListener("fetch", (event) => { event.waitUntil(new Promise((done) => setTimeout(done, 5))); event.respondWith(new Response("waits")); });
//// listener-globals
//// script
const seen = [typeof TEXT, typeof UPSTREAM, typeof self, this === globalThis];
addEventListener("fetch", (event) => event.respondWith(Response.json(seen)));
//// pass-through-on-exception
//// module
export default { fetch(request, env, ctx) { return Response.json([ctx.passThroughOnException() === undefined, typeof ctx.props, typeof ctx.exports, typeof ctx.abort]); } };
//// context-is-bound
//// module
export default { fetch(request, env, ctx) { const { waitUntil } = ctx; try { waitUntil(Promise.resolve()); return new Response("called"); } catch (error) { return new Response(error.name); } } };
//// wait-until-of-a-value
ctx.waitUntil(5); ctx.waitUntil(undefined); return "ok";
//// wait-until-without-an-argument
ctx.waitUntil();
//// wait-until-import
//// module
import { waitUntil } from "cloudflare:workers";
export default { fetch() { let later; waitUntil(new Promise((done) => { later = done; })); setTimeout(later, 1); return Response.json([waitUntil.length, typeof later]); } };
//// cloudflare-workers-exports
//// module
import * as workers from "cloudflare:workers";
export default { fetch() { return Response.json(["WorkerEntrypoint", "DurableObject", "RpcTarget", "RpcStub", "WorkflowEntrypoint", "env", "waitUntil", "withEnv", "exports", "RpcPromise", "RpcProperty", "ServiceStub"].map((name) => [name, typeof workers[name]])); } };
//// with-env
//// module
import { env, withEnv } from "cloudflare:workers";
export default { async fetch() { return Response.json([withEnv({ TEXT: "other" }, () => env.TEXT), await withEnv({ TEXT: "later" }, async () => { await null; return env.TEXT; }), env.TEXT]); } };
//// entrypoint-constructor
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint { constructor(ctx, env) { super(ctx, env); this.seen = [ctx === this.ctx, env === this.env, env.TEXT]; } fetch() { return Response.json(this.seen); } }
//// entrypoint-without-fetch
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint { add() { return 1; } }
//// handler-as-getter
//// module
export default { get fetch() { return () => new Response("from a getter"); } };
//// handler-inherited
//// module
class Base { fetch() { return new Response("inherited"); } }
export default new (class extends Base {})();
//// handler-arguments
//// module
export default { fetch(...all) { return Response.json([all.length, all[0].constructor.name, typeof all[1], all[2].constructor.name]); } };
//// rpc-calls
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export class Named extends WorkerEntrypoint { add(a, b) { return a + b; } text() { return this.env.TEXT; } get value() { return 5; } fetch(request) { return new Response("named " + request.method); } fail() { throw new RangeError("far"); } rejects() { return Promise.reject(new TypeError("type")); } back(x) { return x; } }
const name = async (promise) => { try { return await promise; } catch (error) { return [error.name, error.message, error.constructor.name]; } };
export default { async fetch(request, env, ctx) { const { Named } = ctx.exports; return Response.json([Object.keys(ctx.exports).sort(), await Named.add(1, 2), await Named.text(), await Named.value, await (await Named.fetch("http://x/", { method: "PUT" })).text(), await name(Named.fail()), await name(Named.rejects()), await name(Named.absent()), await name(Named.back(Symbol.iterator))]); } };
//// rpc-values
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export class Named extends WorkerEntrypoint { back(x) { return x; } kinds(x) { return [x instanceof Date, x instanceof Map, x.constructor?.name, typeof x]; } }
export default { async fetch(request, env, ctx) { const { Named } = ctx.exports; const out = []; for (const value of [new Date(5), new Map([[1, 2]]), new Set([1]), 10n, /x/g, new Uint8Array([1]), new RangeError("m"), { a: { b: [undefined] } }, null, undefined, "text"]) { const back = await Named.back(value); out.push([Object.prototype.toString.call(back), back instanceof Error ? back.message : String(back)]); } return Response.json(out); } };
//// rpc-functions-and-targets
//// module
import { WorkerEntrypoint, RpcTarget } from "cloudflare:workers";
class Counter extends RpcTarget { #n = 0; add(n) { return (this.#n += n); } get twice() { return this.#n * 2; } own = 1; }
export class Named extends WorkerEntrypoint { counter() { return new Counter(); } async use(f) { return [await f(1), await f(2)]; } maker() { return (x) => x * 2; } object() { return { call: (x) => x + 1, value: 3 }; } plain() { return new (class Odd { x = 1; })(); } }
const name = async (promise) => { try { return await promise; } catch (error) { return [error.name, error.constructor.name]; } };
export default { async fetch(request, env, ctx) { const { Named } = ctx.exports; using counter = await Named.counter(); using object = await Named.object(); using maker = await Named.maker(); return Response.json([await counter.add(2), await counter.add(3), await counter.twice, await name(counter.own), await Named.counter().add(7), await Named.use((x) => x * 10), await maker(4), await object.call(1), await object.value, await name(Named.plain())]); } };
//// rpc-reserved-names
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export class Named extends WorkerEntrypoint { #secret() { return 1; } own = 2; constructor(...all) { super(...all); this.instance = () => 3; } }
const name = async (make) => { try { return await make(); } catch (error) { return [error.name]; } };
export default { async fetch(request, env, ctx) { const { Named } = ctx.exports; return Response.json([await name(() => Named.own), await name(() => Named.instance()), await name(() => Named.constructor()), await name(() => Named.toString()), await name(() => Named.env), await name(() => Named.ctx)]); } };
//// rpc-streams-and-responses
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export class Named extends WorkerEntrypoint { stream() { return new Response("streamed").body; } async read(stream) { return new Response(stream).text(); } response() { return new Response("r", { status: 201, headers: { "x-a": "1" } }); } request(r) { return [r.method, r.url]; } headers() { return new Headers({ a: "1" }); } }
export default { async fetch(request, env, ctx) { const { Named } = ctx.exports; const r = await Named.response(); return Response.json([await new Response(await Named.stream()).text(), await Named.read(new Response("sent").body), r.status, r.headers.get("x-a"), await r.text(), await Named.request(new Request("http://x/", { method: "PUT" })), [...(await Named.headers())]]); } };
//// rpc-stub-shape
//// module
import { WorkerEntrypoint, RpcTarget, RpcStub } from "cloudflare:workers";
class Target extends RpcTarget { hi() { return "hi"; } }
export default { async fetch(request, env, ctx) { const stub = new RpcStub(new Target()); const copy = stub.dup(); const promise = stub.hi(); return Response.json([stub instanceof RpcStub, typeof stub, await promise, await copy.hi(), typeof stub[Symbol.dispose], typeof copy.dup]); } };
//// cf-object
return [Object.prototype.toString.call(request.cf), Object.getPrototypeOf(request.cf) === Object.prototype];
//// cf-on-a-new-request
return [new Request("https://e.com").cf ?? "none", new Request("https://e.com", { cf: { cacheTtl: 5 } }).cf, new Response("", { cf: { a: 1 } }).cf];
//// performance-now-is-coarse
await new Promise((done) => setTimeout(done, 2)); const now = performance.now(); return now === Math.round(now);
//// scheduler-wait
return [await scheduler.wait(1), typeof scheduler.postTask];
//// scheduler-wait-aborted
await scheduler.wait(1000, { signal: AbortSignal.abort() });
//// event-source-shape
return [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED, typeof EventSource.from, EventSource.length];
//// event-source-bad-url
new EventSource("nope");
//// event-source-from-a-stream
const source = EventSource.from(new Response("id: 7\nevent: tick\ndata: a\ndata: b\n\ndata: second\n\n").body); const seen = []; await new Promise((done) => { source.addEventListener("tick", (e) => seen.push([e.type, e.data, e.lastEventId])); source.onmessage = (e) => { seen.push([e.type, e.data, e.lastEventId]); done(); }; }); source.close(); return [seen, source.readyState];
//// socket-pair-types
const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const seen = []; const done = new Promise((r) => b.addEventListener("message", (e) => { seen.push(typeof e.data === "string" ? e.data : [Object.prototype.toString.call(e.data), e.data.byteLength]); if (seen.length === 3) r(); })); a.send("text"); a.send(new Uint8Array([1, 2])); a.send(new ArrayBuffer(3)); await done; return [seen, a.binaryType, a.readyState, a.url, a.protocol, a.extensions];
//// socket-pair-close-back
const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const seen = []; b.addEventListener("close", (e) => { seen.push(["b", e.code, e.reason, e.wasClean]); b.close(e.code, e.reason); }); const done = new Promise((r) => a.addEventListener("close", (e) => { seen.push(["a", e.code, e.reason, e.wasClean]); r(); })); for (const s of [a, b]) s.addEventListener("error", () => seen.push("error")); a.close(1000, "done"); await done; return [seen, a.readyState, b.readyState];
//// socket-send-after-close
const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); a.close(); a.send("x");
//// socket-accept-twice
const [a] = Object.values(new WebSocketPair()); a.accept(); a.accept(); return "twice";
//// socket-attachment
const [a] = Object.values(new WebSocketPair()); a.serializeAttachment({ x: 1 }); return [a.deserializeAttachment()];
//// socket-in-a-response-that-was-accepted
const [a, b] = Object.values(new WebSocketPair()); a.accept(); return new Response(null, { status: 101, webSocket: a }).status;
//// html-many-selectors
return new HTMLRewriter().on("ul > li:first-child", { element(e) { e.setAttribute("x", "1"); } }).on('[data-a^="q"], .c', { element(e) { e.setAttribute("y", "2"); } }).on("*:not(li)", { element(e) { e.setAttribute("z", "3"); } }).transform(new Response('<ul><li>a<li class="c">b</ul><p data-a="qr">'));
//// html-entities-and-text
return new HTMLRewriter().on("p", { text(t) { if (t.text) t.replace("<" + t.text + ">"); }, element(e) { e.setInnerContent; } }).transform(new Response("<p>a &amp; b</p>"));
//// html-stream-content
return new HTMLRewriter().on("p", { element(e) { e.append(new Response("<b>streamed</b>").body, { html: true }); e.prepend(new Response("text")); } }).transform(new Response("<p>x</p>"));
//// html-without-a-body
return new HTMLRewriter().on("p", {}).transform(new Response(null, { status: 204 }));
//// html-bad-handler
new HTMLRewriter().on("p", 5);
//// html-transform-of-text
new HTMLRewriter().transform("<p>");
//// html-attribute-errors
const out = []; await new HTMLRewriter().on("p", { element(e) { for (const name of ["", "a b", "a>"]) { try { e.setAttribute(name, "x"); out.push("ok"); } catch (error) { out.push(error.name); } } try { e.tagName = "1x"; out.push("ok"); } catch (error) { out.push(error.name); } } }).transform(new Response("<p>")).text(); return out;
//// cache-match-by-method
const url = "https://example.com/m" + Math.random(); await caches.default.put(url, new Response("x", { headers: { "cache-control": "max-age=60" } })); return [(await caches.default.match(new Request(url, { method: "POST" }))) ?? "none", await (await caches.default.match(new Request(url, { method: "HEAD" }), { ignoreMethod: true }))?.text()];
//// cache-put-used-body
const r = new Response("x"); await r.text(); await caches.default.put("https://example.com/u", r);
//// cache-bad-url
await caches.default.match("nope");
//// date-formdata-strings
//// date: 2021-10-01
const form = new FormData(); form.append("f", new File(["x"], "a.txt")); return typeof (await new Response(form).formData()).get("f");
//// date-no-navigator
//// date: 2021-10-01
return [typeof navigator, typeof new Headers().getSetCookie];
//// date-node-compat-v1
//// date: 2024-08-01
//// flags: nodejs_compat
return [typeof Buffer, typeof process, typeof globalThis.global];
//// date-node-process-env
//// date: 2024-10-01
//// flags: nodejs_compat
return [typeof process.env.TEXT, Object.keys(process.env).length];
//// date-global-navigator-flag
//// flags: no_global_navigator
return typeof navigator;
//// date-url-search-params
//// date: 2023-01-01
const p = new URLSearchParams("a=1&a=2"); p.delete("a", "1"); return [String(p), p.has("a", "9")];
//// no-nodejs-compat
return import("node:path").then((m) => typeof m.join, (e) => e instanceof Error);
//// als-flag
//// flags: nodejs_als
//// module
import { AsyncLocalStorage } from "node:async_hooks";
const als = new AsyncLocalStorage();
export default { fetch: () => als.run(5, async () => { await null; return new Response(String(als.getStore())); }) };
//// sockets
//// module
import { connect } from "cloudflare:sockets";
export default { fetch() { try { const socket = connect("127.0.0.1:1"); socket.opened.catch(() => {}); socket.closed.catch(() => {}); return new Response("made"); } catch (error) { return new Response(error.name); } } };
