/** `@types/node` beside `ouro`: modules and globals of Node.js, and the web's classes as they are here. */
import { AsyncLocalStorage } from "node:async_hooks";
import { Buffer as NodeBuffer } from "node:buffer";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";

const storage = new AsyncLocalStorage<string>();

export default {
  async fetch(request, _env, ctx) {
    const bytes: Uint8Array = NodeBuffer.from(await request.arrayBuffer());
    const digest = createHash("sha256").update(bytes).digest("hex");
    const colo: string = request.cf.colo;
    ctx.waitUntil(scheduler.wait(1));
    setImmediate(() => console.log(process.env["NAME"], Buffer.byteLength(digest), global === globalThis));
    const body: AsyncIterable<Uint8Array> = Readable.from([bytes]);
    return storage.run(colo, () => new Response(body, { encodeBody: "manual", headers: { digest, "x-id": storage.getStore() ?? "" } }));
  },
} satisfies ExportedHandler;

const signal: AbortSignal = AbortSignal.timeout(1);
signal.addEventListener("abort", (event) => console.log(event.type, signal.reason));
new crypto.DigestStream("SHA-256");
await caches.default.match("https://example.com/");
// @ts-expect-error still not here
document.title;
// @ts-expect-error nor this, which Node.js has
new BroadcastChannel("a");
// @ts-expect-error the web's classes are not those of Node.js
new Response(null, { encodeBody: "always" });
