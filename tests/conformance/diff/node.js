// nodejs_compat.
//// buffer
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
export default { fetch() { const b = Buffer.from("héllo"); return Response.json([b.toString("base64"), b.toString("hex"), Buffer.concat([b, Buffer.alloc(2)]).length, Buffer.byteLength("€"), b.equals(Buffer.from("héllo")), b.indexOf("l"), b.subarray(1, 3).toString("latin1"), Buffer.compare(Buffer.from("a"), Buffer.from("b")), b.readUInt16BE(0), JSON.stringify(Buffer.from("a"))]); } };
//// buffer-global
//// flags: nodejs_compat
return [typeof Buffer, typeof process, typeof global, typeof setImmediate];
//// events
//// flags: nodejs_compat
//// module
import { EventEmitter, once } from "node:events";
export default { async fetch() { const e = new EventEmitter(); const out = []; e.on("x", (v) => out.push(v)); e.once("x", (v) => out.push("once" + v)); e.emit("x", 1); e.emit("x", 2); setTimeout(() => e.emit("y", 9), 1); return Response.json([out, e.listenerCount("x"), await once(e, "y")]); } };
//// util
//// flags: nodejs_compat
//// module
import util from "node:util";
export default { async fetch() { const p = util.promisify((a, cb) => cb(null, a + 1)); return Response.json([await p(1), util.format("%s %d %j %o", "a", 1, { b: 2 }, [3]), util.inspect({ a: { b: { c: { d: 1 } } }, m: new Map([[1, 2]]) }), util.types.isDate(new Date()), util.isDeepStrictEqual({ a: [1] }, { a: [1] }), util.inspect("str"), util.inspect([1, , 3])]); } };
//// path
//// flags: nodejs_compat
//// module
import path from "node:path";
export default { fetch: () => Response.json([path.join("/a", "..", "b", "./c"), path.resolve("/x", "y"), path.basename("/a/b.txt", ".txt"), path.extname("x.tar.gz"), path.relative("/a/b", "/a/c/d"), path.parse("/h/f.txt"), path.normalize("/a//b/../c/"), path.isAbsolute("a"), path.sep, path.posix === path]) };
//// url-and-querystring
//// flags: nodejs_compat
//// module
import url from "node:url"; import qs from "node:querystring";
export default { fetch: () => Response.json([url.parse("https://u:p@h.com:80/p?q=1#f").pathname, qs.parse("a=1&a=2&b=%20"), qs.stringify({ a: [1, 2], b: "x y" }), url.fileURLToPath("file:///a/b"), url.format({ protocol: "http", host: "a.com", pathname: "/x" })]) };
//// string-decoder
//// flags: nodejs_compat
//// module
import { StringDecoder } from "node:string_decoder"; import { Buffer } from "node:buffer";
export default { fetch() { const d = new StringDecoder("utf8"); return Response.json([d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac])), d.end()]); } };
//// assert
//// flags: nodejs_compat
//// module
import assert from "node:assert";
const tryIt = (f) => { try { f(); return "ok"; } catch (e) { return [e.name, e.code]; } };
export default { fetch: () => Response.json([tryIt(() => assert.equal(1, 1)), tryIt(() => assert.strictEqual(1, "1")), tryIt(() => assert.deepStrictEqual({ a: [1] }, { a: [1] })), tryIt(() => assert.deepEqual({ a: 1 }, { a: 2 })), tryIt(() => assert.throws(() => { throw new TypeError("x"); }, TypeError)), tryIt(() => assert(0))]) };
//// crypto
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
export default { fetch: () => Response.json([crypto.createHash("sha256").update("a").update("b").digest("hex"), crypto.createHmac("sha1", "k").update("d").digest("base64"), crypto.createHash("md5").update("x").digest("hex"), crypto.randomBytes(8).length, crypto.pbkdf2Sync("p", "s", 10, 16, "sha256").toString("hex"), crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")), typeof crypto.randomUUID(), crypto.scryptSync("p", "s", 16, { N: 16 }).toString("hex"), crypto.getHashes().includes("sha256")]) };
//// crypto-cipher
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
export default { fetch() { const c = crypto.createCipheriv("aes-256-cbc", Buffer.alloc(32), Buffer.alloc(16)); const out = c.update("secret", "utf8", "hex") + c.final("hex"); const d = crypto.createDecipheriv("aes-256-cbc", Buffer.alloc(32), Buffer.alloc(16)); return Response.json([out, d.update(out, "hex", "utf8") + d.final("utf8")]); } };
//// async-local-storage
//// flags: nodejs_compat
//// module
import { AsyncLocalStorage } from "node:async_hooks";
const als = new AsyncLocalStorage();
export default { async fetch() { const seen = []; await als.run({ id: 7 }, async () => { seen.push(als.getStore().id); await null; seen.push(als.getStore().id); await new Promise((r) => setTimeout(r, 1)); seen.push(als.getStore().id); queueMicrotask(() => seen.push(als.getStore()?.id)); await new Promise((r) => setTimeout(r, 1)); }); seen.push(als.getStore() ?? "none"); const bound = als.run(5, () => AsyncLocalStorage.snapshot()); seen.push(bound(() => als.getStore())); return Response.json(seen); } };
//// zlib
//// flags: nodejs_compat
//// module
import zlib from "node:zlib"; import { promisify } from "node:util";
export default { async fetch() { const z = zlib.gzipSync("hello hello hello"); const b = zlib.brotliCompressSync("hello"); return Response.json([zlib.gunzipSync(z).toString(), zlib.inflateSync(zlib.deflateSync("x")).toString(), (await promisify(zlib.deflateRaw)("abc")).length > 0, zlib.crc32("hello"), zlib.brotliDecompressSync(b).toString()]); } };
//// stream
//// flags: nodejs_compat
//// module
import { Readable, Transform, pipeline } from "node:stream"; import { promisify } from "node:util";
export default { async fetch() { const out = []; await promisify(pipeline)(Readable.from(["a", "b"]), new Transform({ objectMode: true, transform(c, _, cb) { cb(null, String(c).toUpperCase()); } }), async function* (s) { for await (const c of s) out.push(String(c)); }); return Response.json(out); } };
//// diagnostics-channel
//// flags: nodejs_compat
//// module
import dc from "node:diagnostics_channel";
export default { fetch() { const out = []; dc.subscribe("c", (m, n) => out.push([m, n])); dc.channel("c").publish({ a: 1 }); return Response.json([out, dc.hasSubscribers("c")]); } };
//// process
//// flags: nodejs_compat
//// module
import process from "node:process";
export default { async fetch() { const order = []; process.nextTick(() => order.push("tick")); await new Promise((r) => setTimeout(r, 1)); return Response.json([order, process.platform, process.argv.length >= 0, typeof process.hrtime.bigint(), process.env.TEXT ?? null, typeof process.version, process.cwd()]); } };
//// os-and-perf-hooks-and-punycode
//// flags: nodejs_compat
//// module
import os from "node:os"; import { performance } from "node:perf_hooks"; import punycode from "node:punycode";
export default { fetch: () => Response.json([os.EOL, os.platform(), typeof performance.now(), punycode.toASCII("mañana.com")]) };
//// fs-is-a-stub-or-virtual
//// flags: nodejs_compat
//// module
import fs from "node:fs";
export default { fetch() { try { fs.readFileSync("/nope"); return new Response("read"); } catch (e) { return new Response("throws " + (e instanceof Error)); } } };
//// child-process-throws
//// flags: nodejs_compat
//// module
import cp from "node:child_process";
export default { fetch() { try { cp.execSync("ls"); return new Response("ran"); } catch (e) { return new Response("throws " + (e instanceof Error)); } } };
//// bare-names
//// flags: nodejs_compat
//// module
import { EventEmitter } from "events"; import { join } from "path"; import { Buffer as B } from "buffer";
export default { fetch: () => Response.json([typeof EventEmitter, join("a", "b"), B.from("a").length]) };
//// timers-promises
//// flags: nodejs_compat
//// module
import { setTimeout as sleep } from "node:timers/promises"; import timers from "node:timers";
export default { async fetch() { return Response.json([await sleep(1, "v"), typeof timers.setImmediate]); } };
//// util-types-and-parse-args
//// flags: nodejs_compat
//// module
import { types, parseArgs, stripVTControlCharacters, TextEncoder as TE, inherits, deprecate, debuglog, callbackify } from "node:util";
export default { fetch: () => Response.json([types.isPromise(Promise.resolve()), types.isUint8Array(new Uint8Array()), typeof parseArgs, stripVTControlCharacters("\u001b[31mx\u001b[0m"), TE === TextEncoder, typeof inherits, typeof deprecate, typeof debuglog, typeof callbackify]) };
