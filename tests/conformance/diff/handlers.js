// Shapes of workers.
//// class-entrypoint
//// module
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint { async fetch(request) { return Response.json([typeof this.env, typeof this.ctx, this.env.TEXT, request.method]); } }
//// env-import
//// module
import { env } from "cloudflare:workers";
export default { fetch() { return Response.json([env.TEXT, env.JSON]); } };
//// service-worker-shape-of-context
return [typeof ctx.waitUntil, typeof ctx.passThroughOnException, ctx.constructor.name];
//// env-values
return [env.TEXT, env.JSON, Object.keys(env).sort(), typeof env.NOPE];
//// wait-until
ctx.waitUntil(new Promise((r) => setTimeout(r, 5))); return "ok";
//// wait-until-rejects
ctx.waitUntil(Promise.reject(new Error("later"))); return "ok";
//// throws-sync
//// module
export default { fetch() { throw new Error("sync"); } };
//// throws-async
//// module
export default { async fetch() { throw new TypeError("async"); } };
//// throws-non-error
//// module
export default { async fetch() { throw "text"; } };
//// request-cf-is-an-object
return typeof request.cf;
//// handler-this
//// module
export default { name: "me", fetch() { return new Response(this.name); } };
//// never-resolves
//// module
export default { fetch() { return new Promise(() => {}); } };
//// global-state-top-level
//// module
const started = [1, 2, 3].map((x) => x * 2); let count = 0;
export default { fetch() { return Response.json([started, ++count]); } };
//// dynamic-import-of-self-is-absent
return import("nope:nothing").catch((e) => e instanceof Error);
//// top-level-await
//// module
const value = await Promise.resolve(41);
export default { fetch: () => new Response(String(value + 1)) };
//// import-meta
return typeof import.meta;
//// random-at-top-level
//// module
let failed = null; try { crypto.randomUUID(); } catch (e) { failed = e instanceof Error; }
export default { fetch: () => Response.json(failed) };
//// timer-at-top-level
//// module
let failed = null; try { setTimeout(() => {}, 1); } catch (e) { failed = e instanceof Error; }
export default { fetch: () => Response.json(failed) };
//// fetch-at-top-level
//// module
let failed = null; try { await fetch("http://127.0.0.1:1/"); } catch (e) { failed = e instanceof Error; }
export default { fetch: () => Response.json(failed) };
//// method-options
//// request: OPTIONS /
//// header: origin: https://a.com
return new Response(null, { status: 204, headers: { "access-control-allow-origin": "*" } });
//// put-and-delete
//// request: PUT /x
//// body: v
//// request: DELETE /x
//// request: PATCH /x
//// body: p
return [request.method, await request.text()];
//// path-is-kept-as-sent
//// request: GET /a%20b/%C3%A9/../c?x=%20&y=+
const u = new URL(request.url); return [u.pathname, u.search];
//// double-slash-path
//// request: GET //a//b
return new URL(request.url).pathname;
//// host-and-protocol
const u = new URL(request.url); return [u.protocol, request.headers.get("host") !== null];
