// Modules of Node.js, one corner at a time. `tried` gives what a call gives, or its error's name and code.
//// buffer-encodings
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => ["utf8", "utf-8", "hex", "base64", "base64url", "latin1", "binary", "ascii", "ucs2", "utf16le"].map((e) => [Buffer.from("hé+/=", e).toString("hex"), Buffer.from([104, 195, 169, 255, 62]).toString(e), Buffer.isEncoding(e)]);
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-bad-arguments
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => [tried(() => Buffer.from(5)), tried(() => Buffer.from(null)), tried(() => Buffer.alloc(-1)), tried(() => Buffer.alloc("5")), tried(() => Buffer.from("x", "bogus")), tried(() => Buffer.concat("x")), tried(() => Buffer.alloc(2).readUInt32LE(0)), tried(() => Buffer.alloc(2).writeUInt8(256)), tried(() => Buffer.alloc(2).readInt8(1.5)), tried(() => Buffer.alloc(4).fill("x", 9)), tried(() => Buffer.from("a").toString("bogus"))];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-numbers
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => (() => { const b = Buffer.alloc(24); b.writeDoubleBE(1.5, 0); b.writeBigInt64LE(-5n, 8); b.writeIntBE(-3, 16, 3); b.writeUIntLE(70000, 19, 3); return [b.toString("hex"), b.readDoubleBE(0), String(b.readBigInt64LE(8)), b.readIntBE(16, 3), b.readUIntLE(19, 3), b.readFloatLE(0), b.readInt16LE(8)]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-search
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => (() => { const b = Buffer.from("abcabc"); return [b.indexOf("c"), b.lastIndexOf("c"), b.includes("bca"), b.indexOf(98), b.indexOf(Buffer.from("ca")), b.indexOf("x"), b.indexOf("a", -3), b.indexOf(""), b.lastIndexOf("a", 2), b.indexOf("6263", "hex")]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-views
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => (() => { const a = Buffer.from([1, 2, 3, 4]); const s = a.slice(1, 3); s[0] = 9; const t = a.subarray(2); return [[...a], s.length, [...t], a.buffer === s.buffer, [...Buffer.from(new Uint16Array([1, 256]))], [...Buffer.from(new Uint16Array([1]).buffer)], a.equals(Buffer.from(a)), Buffer.compare(a, t), a.toJSON(), [...a.swap16()], tried(() => Buffer.alloc(3).swap16()), [...a.entries()], a.copy(t, 0, 0, 1), a.parent === a.buffer]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-fill-and-write
//// flags: nodejs_compat
//// module
import { Buffer } from "node:buffer";
const run = async (env) => [Buffer.alloc(5, "ab").toString(), Buffer.alloc(3).fill(257)[0], Buffer.alloc(4).fill("é").toString("hex"), (() => { const b = Buffer.alloc(4); return [b.write("€€"), b.toString("hex"), b.write("ff", 1, "hex"), b.write("abc", 2, 1)]; })(), Buffer.concat([Buffer.from("a"), Buffer.from("bc")], 2).toString(), Buffer.byteLength("é", "latin1"), Buffer.byteLength(new ArrayBuffer(3)), Buffer.poolSize, Buffer.alloc(2).inspect()];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// buffer-module
//// flags: nodejs_compat
//// module
import * as buffer from "node:buffer";
const run = async (env) => [Object.keys(buffer).sort(), typeof buffer.constants?.MAX_LENGTH, buffer.isUtf8(new Uint8Array([255])), buffer.isAscii(new Uint8Array([65])), buffer.transcode(Buffer.from("€"), "utf8", "latin1").toString("hex"), buffer.atob("aGk="), buffer.btoa("hi"), buffer.kMaxLength === buffer.constants.MAX_LENGTH, buffer.INSPECT_MAX_BYTES];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// events-errors
//// flags: nodejs_compat
//// module
import { EventEmitter, once, on, getEventListeners, errorMonitor, setMaxListeners, captureRejectionSymbol } from "node:events";
const run = async (env) => [tried(() => new EventEmitter().emit("error", new RangeError("x"))), tried(() => new EventEmitter().emit("error", "text")), tried(() => new EventEmitter().on("x", 5)), tried(() => new EventEmitter().setMaxListeners(-1)), EventEmitter.defaultMaxListeners];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// events-order
//// flags: nodejs_compat
//// module
import { EventEmitter, once, on, getEventListeners, errorMonitor, setMaxListeners, captureRejectionSymbol } from "node:events";
const run = async (env) => (() => { const e = new EventEmitter(), out = []; e.on("newListener", (n) => out.push("new " + String(n))); e.on("a", () => out.push(1)); e.prependListener("a", () => out.push(0)); e.prependOnceListener("a", () => out.push(-1)); e.emit("a"); e.emit("a"); e.on(errorMonitor, () => out.push("monitor")); tried(() => e.emit("error", new Error())); const f = () => {}; e.once("b", f); return [out, e.eventNames().map(String), e.listeners("b")[0] === f, e.rawListeners("b")[0] === f, e.off("b", f) === e, e.listenerCount("b"), e.emit("none"), getEventListeners(e, "a").length, e.getMaxListeners()]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// events-async
//// flags: nodejs_compat
//// module
import { EventEmitter, once, on, getEventListeners, errorMonitor, setMaxListeners, captureRejectionSymbol } from "node:events";
const run = async (env) => (async () => { const e = new EventEmitter(); setTimeout(() => { e.emit("x", 1, 2); }, 1); const first = await once(e, "x"); setTimeout(() => { e.emit("y", 1); e.emit("y", 2); }, 1); const seen = []; for await (const [v] of on(e, "y")) { seen.push(v); if (v === 2) break; } const failing = once(e, "z").catch((x) => x.message); e.emit("error", new Error("bad")); const aborted = await once(e, "q", { signal: AbortSignal.abort() }).catch((x) => [x.name, x.code]); const t = new EventTarget(); setTimeout(() => t.dispatchEvent(new Event("t")), 1); return [first, seen, await failing, aborted, (await once(t, "t"))[0].type]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// events-module
//// flags: nodejs_compat
//// module
import * as events from "node:events";
const run = async (env) => [Object.keys(events).sort(), events.default === events.EventEmitter, events.default.EventEmitter === events.default];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-inspect
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [util.inspect({ a: 1, "b-c": [1, "x"], [Symbol("s")]: null }), util.inspect(new Map([["k", { v: 1 }]])), util.inspect(new Set([1, "a"])), util.inspect([undefined, null, -0, 1n]), util.inspect(() => {}), util.inspect(function named() {}), util.inspect(class A {}), util.inspect(class B extends Map {}), util.inspect(new (class Foo { x = 1; })()), util.inspect(Object.create(null)), util.inspect(new Date(0)), util.inspect(/x/g), util.inspect(Symbol("s")), util.inspect(new Uint8Array(3)), util.inspect(Buffer.from("hi")), util.inspect(new ArrayBuffer(2)), util.inspect("it's"), util.inspect("a\nb"), util.inspect(new Proxy({ a: 1 }, {})), util.inspect(Promise.resolve(4)), util.inspect(new WeakMap()), util.inspect({ get a() { return 1; }, set b(v) {} })];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-inspect-options
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: Infinity }), util.inspect({ b: 1, a: 2 }, { sorted: true }), util.inspect("x", { colors: true }), util.inspect([1, 2, 3, 4], { maxArrayLength: 2 }), util.inspect("abcdef", { maxStringLength: 3 }), util.inspect({ a: 1, b: 2 }, { compact: false }), util.inspect({ get a() { return 5; } }, { getters: true }), util.inspect({ x: 1234567 }, { numericSeparator: true }), util.inspect({ [util.inspect.custom]() { return "custom"; } }), util.inspect({ [util.inspect.custom]() { return { z: 1 }; } }), util.inspect({ a: 1 }, { showHidden: true }), util.inspect([1], { showHidden: true })];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-inspect-long
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [util.inspect(Array.from({ length: 120 }, (_, n) => n)), util.inspect({ first: "a".repeat(40), second: "b".repeat(40), third: [1, 2, 3] }), util.inspect(["a".repeat(30), "b".repeat(30), "c".repeat(30)]), util.inspect({ o: { p: { q: { r: {} } } }, list: [[[[[]]]]] }), util.inspect("x".repeat(20) + "\n" + "y".repeat(20))];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-inspect-circular-and-errors
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => (() => { const a = { name: "a" }; a.self = a; const e = new TypeError("bad", { cause: "why" }); e.stack = "TypeError: bad\n    at x"; e.code = "E"; const f = new Error("plain"); f.stack = undefined; class Foo { #p = 1; get [Symbol.toStringTag]() { return "tag"; } } return [util.inspect(a), util.inspect(e), util.inspect({ e }), util.inspect(new Foo())]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-format
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [util.format("%s %s", "a"), util.format("%d %i %f", "1.5", "1.5", "1.5"), util.format("%j", { a: 1 }), util.format("%o", { f() {} }), util.format("%O", { a: { b: 1 } }), util.format("%c%s", "css", "x"), util.format("%%", 1), util.format(1, "a", { b: 2 }), util.format("%s", null, undefined, Symbol("x"), 5n, -0, {}, [], class A {}, new Error("m").message), util.format("%x", 1), util.format("%s", { toString() { return "own"; } }), util.format("a", "b", ["c"]), util.formatWithOptions({ colors: true }, "%o", 1)];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-promisify-and-callbackify
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => (async () => { const p = util.promisify((fail, cb) => cb(fail ? new RangeError("r") : null, 5)); const c = util.callbackify(async (x) => { if (x) throw x; return 6; }); const custom = () => {}; custom[util.promisify.custom] = () => "custom"; const null_ = util.callbackify(() => Promise.reject(null)); return [await p(false), await p(true).catch((e) => e.name), await new Promise((r) => c(0, (e, v) => r([e, v]))), await new Promise((r) => c(new Error("m"), (e) => r(e.message))), await new Promise((r) => null_((e) => r([e.code, e.name]))), util.promisify(custom)(), tried(() => util.promisify(5)), tried(() => c())]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-types
//// flags: nodejs_compat
//// module
import { types } from "node:util";
const run = async (env) => [Object.keys(types).sort().join(), types.isProxy(new Proxy({}, {})), types.isAsyncFunction(async () => {}), types.isGeneratorFunction(function* () {}), types.isMap(new Map()), types.isTypedArray(Buffer.alloc(1)), types.isBoxedPrimitive(Object(1)), types.isNativeError(new TypeError()), types.isRegExp(/x/), types.isModuleNamespaceObject({}), types.isArgumentsObject((function () { return arguments; })()), types.isExternal({}), types.isWeakMap(new WeakMap()), types.isMapIterator(new Map().keys()), types.isGeneratorObject((function* () {})()), types.isSharedArrayBuffer(new ArrayBuffer(1)), types.isCryptoKey(1)];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-equal
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [[{ a: 1 }, { a: "1" }], [NaN, NaN], [0, -0], [new Set([{ a: 1 }]), new Set([{ a: 1 }])], [new Map([[{}, 1]]), new Map([[{}, 1]])], [[1, , 2], [1, undefined, 2]], [new Date(0), new Date(0)], [/a/g, /a/i], [Object(1), Object(1)], [new Uint8Array([1]), Buffer.from([1])], [new Error("a"), new Error("b")], [Symbol.iterator, Symbol.iterator], [{ a: undefined }, {}], [[], {}]].map(([a, b]) => util.isDeepStrictEqual(a, b));
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-parse-args
//// flags: nodejs_compat
//// module
import { parseArgs } from "node:util";
const run = async (env) => [parseArgs({ args: ["-f", "--bar", "b", "--n=5", "pos", "--", "-x"], options: { foo: { type: "boolean", short: "f" }, bar: { type: "string" }, n: { type: "string", multiple: true } }, allowPositionals: true }), tried(() => parseArgs({ args: ["--nope"], options: {} })), tried(() => parseArgs({ args: ["pos"], options: {} })), tried(() => parseArgs({ args: ["--s"], options: { s: { type: "string" } } }))];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-misc
//// flags: nodejs_compat
//// module
import util from "node:util";
const run = async (env) => [util.stripVTControlCharacters("\u001b[1mx\u001b[22m"), util.toUSVString("a\ud800"), util.styleText("red", "x"), util.styleText(["bold", "underline"], "x"), tried(() => util.styleText("nope", "x")), typeof util.TextDecoder, util.inherits.length, tried(() => util.inherits(5, 6)), util.isArray([1]), typeof util.MIMEType, String(new util.MIMEType("Text/HTML; Charset=UTF-8")), typeof util.aborted, util.getSystemErrorName?.(-2), typeof util.parseEnv, util.debuglog("x").enabled, typeof util.transferableAbortController, util._extend({ a: 1 }, { b: 2 })];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// util-module
//// flags: nodejs_compat
//// module
import * as util from "node:util";
const run = async (env) => Object.keys(util).sort();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// path-more
//// flags: nodejs_compat
//// module
import path from "node:path";
const run = async (env) => [path.join(), path.join("a", ""), path.join("..", "a"), path.dirname("/a/b/"), path.dirname("a"), path.basename("/a/b/"), path.extname(".x"), path.extname("a."), path.format({ dir: "/d", name: "n", ext: "x" }), path.relative("", "a"), path.resolve("a"), path.resolve(""), path.parse("./a.b.c"), path.win32.join("a", "..", "C:", "b"), path.win32.normalize("C:/x/../y"), path.toNamespacedPath("/a"), path.matchesGlob?.("/a/b.js", "/a/*.js"), tried(() => path.join(5)), tried(() => path.basename("a", 5)), path.delimiter, path.normalize("")];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// path-exports
//// flags: nodejs_compat
//// module
import * as path from "node:path"; import * as posix from "node:path/posix"; import * as win32 from "node:path/win32";
const run = async (env) => [Object.keys(path).sort(), posix.sep, win32.sep];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// url-legacy
//// flags: nodejs_compat
//// module
import url from "node:url";
const run = async (env) => [url.parse("http://u:p@HOST.com:8080/p/a?query=string#hash"), url.parse("//h/p", false, true).host, url.parse("/a?x=1&x=2", true).query, url.parse("mailto:a@b.c").href, url.resolve("/one/two/three", "four"), url.resolve("http://e.com/", "/one"), url.format(new URL("https://u@a.com/p?q#h"), { auth: false, fragment: false, search: false }), url.domainToASCII("español.com"), url.domainToUnicode("xn--espaol-zwa.com"), url.pathToFileURL("/a b#c").href, tried(() => url.fileURLToPath("http://x")), tried(() => url.parse(5)), tried(() => url.parse("http://a.com:99999999")), url.urlToHttpOptions(new URL("https://u:p@a.com:81/p?q")), url.format({ protocol: "https", hostname: "x", port: 5, query: { a: 1 } })];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// url-exports
//// flags: nodejs_compat
//// module
import * as url from "node:url";
const run = async (env) => [Object.keys(url).sort(), url.URL === URL];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// querystring-more
//// flags: nodejs_compat
//// module
import qs from "node:querystring";
const run = async (env) => [qs.parse("a=1;b=2", ";"), qs.parse("a:1,b:2", ",", ":"), qs.parse("a=%zz&=1&b&c=%E4%BD"), qs.parse("a=1&a=2&a=3", null, null, { maxKeys: 2 }), qs.stringify({ a: "ü ", b: [1, true, null], c: 5n, d: NaN, e: {} }), qs.stringify({ a: 1 }, ";", ":"), qs.escape("a b'()*~"), qs.unescape("%41+%zz"), qs.stringify("x"), Object.keys(qs).sort(), Object.getPrototypeOf(qs.parse("a")) === null, tried(() => qs.escape("\ud800"))];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// string-decoder-more
//// flags: nodejs_compat
//// module
import { StringDecoder } from "node:string_decoder";
const run = async (env) => [(() => { const d = new StringDecoder("base64"); return [d.write(Buffer.from("a")), d.write(Buffer.from("bc")), d.end(Buffer.from("d"))]; })(), (() => { const d = new StringDecoder("utf16le"); return [d.write(Buffer.from([0x3d, 0xd8])), d.end(Buffer.from([0x00, 0xde]))]; })(), (() => { const d = new StringDecoder(); return [d.write(Buffer.from([0xf0, 0x9f])), d.end(), d.encoding, d.lastNeed, d.lastTotal]; })(), tried(() => new StringDecoder("bogus")), tried(() => new StringDecoder().write(5)), new StringDecoder("hex").write(Buffer.from("a"))];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// assert-errors
//// flags: nodejs_compat
//// module
import assert from "node:assert";
const run = async (env) => [() => assert.equal(1, 2), () => assert.notStrictEqual(1, 1), () => assert.ok(0, "own message"), () => assert.fail("f"), () => assert.throws(() => {}), () => assert.doesNotThrow(() => { throw new Error("x"); }), () => assert.ifError(new Error("e")), () => assert.match("a", /b/), () => assert.doesNotMatch("a", /a/), () => assert.deepStrictEqual([1], [2]), () => assert.ok(0, new RangeError("own")), () => assert.throws(() => { throw new Error("a"); }, /b/), () => assert.throws(() => { throw new Error("a"); }, { message: "a", name: "Error" }), () => assert.throws("x"), () => assert.partialDeepStrictEqual?.({ a: 1, b: 2 }, { a: 1 })].map((f) => { try { f(); return "ok"; } catch (e) { return [e.name, e.code ?? null, e.generatedMessage ?? null, e.operator ?? null]; } });
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// assert-async
//// flags: nodejs_compat
//// module
import assert from "node:assert";
const run = async (env) => (async () => [await assert.rejects(Promise.reject(new Error("x")), /x/).then(() => "ok"), await assert.rejects(Promise.resolve(1)).catch((e) => [e.name, e.message]), await assert.doesNotReject(Promise.resolve(1)).then(() => "ok"), await assert.rejects(5).catch((e) => [e.name, e.code])])();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// assert-messages
//// flags: nodejs_compat
//// module
import assert from "node:assert";
const run = async (env) => [() => assert.strictEqual(1, 2), () => assert.notStrictEqual(1, 1), () => assert(false), () => assert.fail(), () => assert.throws(() => {}), () => assert.ifError("x"), () => assert.match("a", /b/)].map((f) => { try { f(); } catch (e) { return e.message; } });
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// assert-module
//// flags: nodejs_compat
//// module
import * as assert from "node:assert";
const run = async (env) => [Object.keys(assert).sort(), assert.default.strict === assert.strict, new assert.AssertionError({ actual: 1, expected: 2, operator: "strictEqual" }).code];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-readable
//// flags: nodejs_compat
//// module
import stream, { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished, addAbortSignal } from "node:stream"; import { pipeline as pipe, finished as done } from "node:stream/promises"; import { text, json, buffer, arrayBuffer } from "node:stream/consumers";
const run = async (env) => (async () => { const out = []; for await (const c of new Readable({ read() { this.push("a"); this.push(Buffer.from("b")); this.push(null); } })) out.push([typeof c, String(c)]); const r = Readable.from([1, 2, 3]); const mapped = await r.map((x) => x * 2).filter((x) => x > 2).toArray(); const e = new Readable({ encoding: "utf8", read() {} }); e.push(Buffer.from([0xe2, 0x82])); e.push(Buffer.from([0xac])); e.push(null); const d = new Readable({ read() {} }); d.destroy(new RangeError("gone")); const failed = await d.toArray().catch((x) => x.message); return [out, mapped, await text(e), failed, d.destroyed, tried(() => new Readable().read()), await Readable.from(["x", "y"]).reduce((a, b) => a + b, "")]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-writable
//// flags: nodejs_compat
//// module
import stream, { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished, addAbortSignal } from "node:stream"; import { pipeline as pipe, finished as done } from "node:stream/promises"; import { text, json, buffer, arrayBuffer } from "node:stream/consumers";
const run = async (env) => (async () => { const seen = []; const w = new Writable({ highWaterMark: 3, write(c, e, cb) { seen.push(String(c)); setTimeout(cb, 1); }, final(cb) { seen.push("final"); cb(); } }); const first = w.write("ab"), second = w.write("cd"); await new Promise((r) => w.once("drain", r)); w.end("x"); await done(w); const late = await new Promise((r) => { w.on("error", (e) => r(e.code)); w.write("late"); }); return [seen, first, second, w.writableFinished, late, tried(() => new Writable({ write() {} }).write(5)), tried(() => new Writable({ write() {} }).write(null))]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-pipeline
//// flags: nodejs_compat
//// module
import stream, { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished, addAbortSignal } from "node:stream"; import { pipeline as pipe, finished as done } from "node:stream/promises"; import { text, json, buffer, arrayBuffer } from "node:stream/consumers";
const run = async (env) => (async () => { const out = []; await pipe(Readable.from(["a", "b"]), async function* (s) { for await (const c of s) yield c + "!"; }, new Writable({ objectMode: true, write(c, _, cb) { out.push(c); cb(); } })); const failed = await pipe(Readable.from(["a"]), new Transform({ transform(c, _, cb) { cb(new RangeError("t")); } }), new PassThrough()).catch((e) => e.name); const early = new PassThrough(); const closing = done(early).catch((e) => e.code); early.destroy(); const aborted = await pipe(Readable.from(["a"]), new PassThrough(), { signal: AbortSignal.abort() }).catch((e) => [e.name, e.code]); return [out, failed, await closing, aborted]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-web
//// flags: nodejs_compat
//// module
import stream, { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished, addAbortSignal } from "node:stream"; import { pipeline as pipe, finished as done } from "node:stream/promises"; import { text, json, buffer, arrayBuffer } from "node:stream/consumers";
const run = async (env) => (async () => { const web = Readable.toWeb(Readable.from([Buffer.from("web")])); const back = Readable.fromWeb(new Response("back").body); const t = new TransformStream(); const w = Writable.fromWeb(t.writable); w.end("fw"); const viaWeb = await new Response(t.readable).text().catch((e) => e.name); return [await new Response(web).text(), await text(back), viaWeb, typeof Duplex.fromWeb, typeof Readable.toWeb, typeof Writable.toWeb, await json(Readable.from(['{"a":', "1}"])), (await buffer(Readable.from([Buffer.from("ab")]))).length, stream.isReadable(new PassThrough()), stream.getDefaultHighWaterMark(false), stream.getDefaultHighWaterMark(true)]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-duplex
//// flags: nodejs_compat
//// module
import stream, { Readable, Writable, Transform, Duplex, PassThrough, pipeline, finished, addAbortSignal } from "node:stream"; import { pipeline as pipe, finished as done } from "node:stream/promises"; import { text, json, buffer, arrayBuffer } from "node:stream/consumers";
const run = async (env) => (async () => { const d = Duplex.from(async function* (s) { for await (const c of s) yield String(c).toUpperCase(); }); d.end("up"); const t = new Transform({ transform(c, _, cb) { this.push(c); this.push(c); cb(); }, flush(cb) { this.push("end"); cb(); } }); t.end("x"); const p = new PassThrough(); p.write("1"); p.end("2"); const e = new PassThrough({ objectMode: true }); e.end({ a: 1 }); return [await text(d), await text(t), await text(p), await e.toArray(), new PassThrough().readableHighWaterMark, new PassThrough({ objectMode: true }).readableHighWaterMark]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stream-exports
//// flags: nodejs_compat
//// module
import * as stream from "node:stream"; import * as web from "node:stream/web"; import * as consumers from "node:stream/consumers"; import * as promises from "node:stream/promises";
const run = async (env) => [stream, web, consumers, promises].map((m) => Object.keys(m).sort());
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-hashes
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const h = crypto.createHash("sha1"); h.update("a"); const copy = h.copy(); return [h.digest("hex"), copy.update("b").digest("base64url"), tried(() => h.update("x")), tried(() => h.digest()), tried(() => crypto.createHash("bogus")), tried(() => crypto.createHash("md5").update(5)), crypto.hash?.("sha256", "x"), ["sha224", "sha384", "sha512", "sha512-256", "ripemd160", "sha3-256", "shake128", "blake2b512", "SHA256", "RSA-SHA256"].map((n) => tried(() => crypto.createHash(n).update("x").digest("hex"))), tried(() => crypto.createHash("shake128", { outputLength: 4 }).update("x").digest("hex"))]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-hmac-and-kdf
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (async () => [crypto.createHmac("sha512", Buffer.from("k")).update("d").digest("hex"), tried(() => crypto.createHmac("sha256")), tried(() => crypto.createHmac("nope", "k")), Buffer.from(crypto.hkdfSync("sha256", "key", "salt", "info", 16)).toString("hex"), await new Promise((r) => crypto.pbkdf2("p", "s", 10, 16, "sha512", (e, k) => r(k.toString("hex")))), await new Promise((r) => crypto.scrypt("p", "s", 16, { N: 32, r: 4 }, (e, k) => r(k.toString("hex")))), tried(() => crypto.pbkdf2Sync("p", "s", 0, 16, "sha1")), tried(() => crypto.pbkdf2Sync("p", "s", 1, 16, "nope")), tried(() => crypto.scryptSync("p", "s", 16, { N: 3 }))])();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-random
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (async () => [crypto.randomBytes(4).length, crypto.randomInt(5) < 5, crypto.randomInt(3, 4), /^[0-9a-f-]{36}$/.test(crypto.randomUUID()), crypto.randomFillSync(Buffer.alloc(3)).length, await new Promise((r) => crypto.randomBytes(2, (e, b) => r(b.length))), await new Promise((r) => crypto.randomInt(1, 2, (e, n) => r(n))), tried(() => crypto.randomBytes(-1)), tried(() => crypto.randomInt(5, 5)), tried(() => crypto.randomInt("x")), crypto.getRandomValues(new Uint8Array(2)).length, crypto.webcrypto === globalThis.crypto, crypto.subtle === globalThis.crypto.subtle])();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-ciphers
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => [["aes-128-cbc", 16, 16], ["aes-256-gcm", 32, 12], ["aes-192-ctr", 24, 16], ["aes-128-ecb", 16, 0], ["chacha20-poly1305", 32, 12], ["des-ede3-cbc", 24, 8], ["bogus", 16, 16], ["aes-256-cbc", 16, 16], ["aes-128-cbc", 16, 8]].map(([name, key, iv]) => tried(() => { const c = crypto.createCipheriv(name, Buffer.alloc(key, 1), iv ? Buffer.alloc(iv, 2) : null, name.includes("poly") ? { authTagLength: 16 } : {}); const out = Buffer.concat([c.update(Buffer.from("plain text")), c.final()]); return [out.toString("hex"), /gcm|poly/.test(name) ? c.getAuthTag().toString("hex") : null]; }));
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-gcm
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const k = Buffer.alloc(32), iv = Buffer.alloc(12); const c = crypto.createCipheriv("aes-256-gcm", k, iv); c.setAAD(Buffer.from("aad")); const out = c.update("x", "utf8", "hex") + c.final("hex"); const tag = c.getAuthTag(); const open = (t, aad) => tried(() => { const d = crypto.createDecipheriv("aes-256-gcm", k, iv); d.setAAD(Buffer.from(aad)); d.setAuthTag(t); return d.update(out, "hex", "utf8") + d.final("utf8"); }); return [out, open(tag, "aad"), open(Buffer.alloc(16), "aad")[0], open(tag, "bad")[0], tried(() => { const d = crypto.createDecipheriv("aes-128-cbc", Buffer.alloc(16), Buffer.alloc(16)); d.update("00", "hex"); return d.final("hex"); })[0], crypto.getCipherInfo("aes-256-gcm"), crypto.getCiphers().includes("aes-256-cbc")]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-keys
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }); const s = crypto.sign("sha256", Buffer.from("m"), privateKey); const ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }); const ed = crypto.generateKeyPairSync("ed25519"); const es = crypto.sign(null, Buffer.from("m"), ed.privateKey); const secret = crypto.createSecretKey(Buffer.from("secret")); return [publicKey.type, publicKey.asymmetricKeyType, publicKey.asymmetricKeyDetails?.modulusLength, s.length, crypto.verify("sha256", Buffer.from("m"), publicKey, s), crypto.verify(null, Buffer.from("m"), ed.publicKey, es), ec.publicKey.asymmetricKeyDetails, privateKey.export({ type: "pkcs8", format: "pem" }).split("\n")[0], publicKey.export({ type: "spki", format: "der" }).length > 200, Object.keys(ec.publicKey.export({ format: "jwk" })).sort(), secret.type, secret.symmetricKeySize, secret.export().toString(), crypto.createPublicKey(privateKey).equals(publicKey), tried(() => crypto.createPrivateKey("nonsense"))[0]]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-sign-objects
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" }); const s = crypto.createSign("SHA256").update("a").update("b").sign(privateKey, "hex"); return [crypto.createVerify("SHA256").update("ab").verify(publicKey, s, "hex"), crypto.createVerify("SHA256").update("x").verify(publicKey, s, "hex"), crypto.sign("sha256", Buffer.from("m"), { key: privateKey, dsaEncoding: "ieee-p1363" }).length, tried(() => crypto.createSign("nope"))[0]]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-agreement
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const a = crypto.createECDH("secp256k1"), b = crypto.createECDH("secp256k1"); a.generateKeys(); b.generateKeys(); const x = crypto.generateKeyPairSync("x25519"), y = crypto.generateKeyPairSync("x25519"); const shared = (m, n) => crypto.diffieHellman({ privateKey: m.privateKey, publicKey: n.publicKey }).toString("hex"); return [a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())), a.getPublicKey("hex", "compressed").length, shared(x, y) === shared(y, x), crypto.getCurves().includes("secp256k1")]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const a = crypto.getDiffieHellman("modp14"), b = crypto.getDiffieHellman("modp14"); a.generateKeys(); b.generateKeys(); return [a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())), a.getPrime("hex").length, a.getGenerator("hex")]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-primes
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => [crypto.checkPrimeSync(7n), crypto.checkPrimeSync(8n), crypto.generatePrimeSync(32, { bigint: true }) > 2n ** 31n];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-rsa-encrypt
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } }); const c = crypto.publicEncrypt(publicKey, Buffer.from("hi")); const p = crypto.privateEncrypt(privateKey, Buffer.from("sig")); return [crypto.privateDecrypt(privateKey, c).toString(), crypto.publicDecrypt(publicKey, p).toString(), publicKey.split("\n")[0], crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("b")), tried(() => crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("bc")))]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-encrypted-private-key
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async (env) => (() => { const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }); const pem = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" }); return [pem.split("\n")[0], crypto.createPrivateKey({ key: pem, passphrase: "p" }).type]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-groups
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const group = crypto.getDiffieHellman("modp14"), digest = (bytes) => crypto.createHash("sha1").update(bytes).digest("hex"), last = group.getPrime();
  last[255] -= 1;
  const answers = ["modp14", "modp15", "modp16", "modp17", "modp18", "MODP14", "modp1", "modp5", "modp14x", 5, undefined].map((name) => tried(() => { const it = crypto.createDiffieHellmanGroup(name); return [digest(it.getPrime()), it.getGenerator("hex")]; }));
  for (const f of [() => group.getPublicKey(), () => group.getPrivateKey(), () => group.computeSecret("05", "hex"), () => group.generateKeys().length]) answers.push(tried(f));
  for (const key of ["", "00", "01", "02", last.toString("hex"), group.getPrime("hex"), "ff".repeat(300)]) answers.push(tried(() => group.computeSecret(key, "hex").length));
  for (const key of [5, undefined, null, new ArrayBuffer(3)]) answers.push(tried(() => group.computeSecret(key).length));
  const [own, open] = [group.getPrivateKey("hex"), group.getPublicKey("hex")];
  group.generateKeys();
  answers.push(own === group.getPrivateKey("hex"), open === group.getPublicKey("hex"), tried(() => group.getPublicKey("bogus")), group.getPublicKey("buffer").length, typeof group.setPublicKey, Object.keys(group));
  answers.push(group instanceof crypto.DiffieHellman, group instanceof crypto.DiffieHellmanGroup, group.constructor.name, crypto.DiffieHellmanGroup("modp14") instanceof crypto.DiffieHellmanGroup);
  return [answers, [crypto.DiffieHellman, crypto.DiffieHellmanGroup, crypto.createDiffieHellman, crypto.createDiffieHellmanGroup, crypto.getDiffieHellman].map((f) => [f.name, f.length])];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-arguments
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const prime = crypto.getDiffieHellman("modp14").getPrime(), hex = prime.toString("hex");
  const made = (...args) => tried(() => { const it = crypto.createDiffieHellman(...args); return [typeof args[0] === "number" ? it.getPrime().length : it.getPrime("hex").slice(0, 20), it.getGenerator("hex"), it.getPrime().length < 99 ? it.verifyError : null]; });
  return [
    ...[-1, 0, 1, 2, 16, 64, 256, 1.5, 2 ** 31, NaN, 8193, 20000].map((size) => made(size)), ...[5, 3, 1, 0, -1, 1.5, null, true, Buffer.from([2])].map((generator) => made(256, generator)), made(256, "02", "hex"), made(256, "bogus"),
    ...[undefined, 5, 2, 0, 1, -1, Buffer.from([5]), Buffer.from([0]), Buffer.from([1]), Buffer.alloc(0), prime, true, {}].map((generator) => made(prime, generator)),
    made(hex, "hex"), made(hex, "hex", 5), made(hex, "hex", "05", "hex"), made(hex, "hex", "Ag==", "base64"), made("abcd"), made(""), made(Buffer.alloc(0)), ...[[23], [24], [15], [0], [1], [11], [13], [59], [0, 23]].map((bytes) => made(Buffer.from(bytes))),
    ...[null, undefined, {}, true, Buffer.alloc(1025, 255), prime.buffer.slice(prime.byteOffset, prime.byteOffset + 256), new DataView(prime.buffer, prime.byteOffset, 256), new Uint32Array([23])].map((key) => made(key)),
    crypto.DiffieHellman(prime) instanceof crypto.DiffieHellman,
  ];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-numbers
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const prime = crypto.getDiffieHellman("modp14").getPrime(), a = crypto.createDiffieHellman(prime, 2), b = crypto.createDiffieHellman(prime), c = crypto.createDiffieHellman(512);
  return [
    () => a.setPublicKey(Buffer.from([5])) === a, () => a.getPublicKey(), () => a.getPrivateKey(), () => a.computeSecret(Buffer.from([7])), () => a.setPrivateKey("03", "hex") === a, () => a.getPrivateKey(), () => a.getPublicKey(), () => a.computeSecret(Buffer.from([7]), null, "hex"),
    () => b.setPrivateKey("05", "hex") === b, () => b.getPublicKey(), () => b.computeSecret("03", "hex", "base64"), () => b.generateKeys("hex"), () => b.getPublicKey("hex"), () => b.setPublicKey(Buffer.from([0, 0, 9])).getPublicKey(), () => b.generateKeys("hex"),
    () => b.setPrivateKey(), () => b.setPublicKey(5), () => b.setPrivateKey(Buffer.alloc(0)).getPrivateKey(), () => b.setPrivateKey(Buffer.from([0])).getPrivateKey(), () => b.generateKeys("hex"), () => b.setPrivateKey(Buffer.alloc(300, 255)).getPrivateKey().length, () => b.generateKeys().length,
    () => [c.generateKeys().length, c.verifyError, c.computeSecret(c.getPublicKey()).length],
  ].map(tried);
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-keys
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const prime = crypto.getDiffieHellman("modp14").getPrime(), pair = (options) => crypto.generateKeyPairSync("dh", options);
  const options = [{ group: "modp14" }, { groupName: "modp15" }, { group: "MODP14" }, { group: "modp2" }, { prime }, { prime, generator: 5 }, { prime, generator: 0 }, { prime, generator: 1 }, { prime, generator: -1 }, { group: "modp14", prime }, { group: "modp14", generator: 2 }, { prime, primeLength: 5 }, { prime: "abc" }, { prime: Buffer.from([23]) }, { prime: Buffer.from([24]) }, { prime: Buffer.alloc(0) }, { group: 5 }];
  const made = options.map((it) => tried(() => { const { publicKey, privateKey } = pair(it); return [publicKey.type, publicKey.asymmetricKeyType, privateKey.type, privateKey.asymmetricKeyType]; }));
  const a = pair({ group: "modp14" }), b = pair({ group: "modp14" }), x = crypto.generateKeyPairSync("x25519"), ec = (namedCurve) => crypto.generateKeyPairSync("ec", { namedCurve });
  const shared = (privateKey, publicKey) => crypto.diffieHellman({ privateKey, publicKey });
  const rest = [
    () => shared(a.privateKey, b.publicKey).equals(shared(b.privateKey, a.publicKey)), () => shared(a.privateKey, b.publicKey).length, () => shared(a.privateKey, pair({ group: "modp15" }).publicKey), () => shared(a.privateKey, x.publicKey), () => shared(ec("P-256").privateKey, ec("P-384").publicKey),
    () => crypto.diffieHellman(), () => shared(undefined, a.publicKey), () => shared(a.privateKey, 5), () => [a.publicKey.equals(a.publicKey), a.publicKey.equals(b.publicKey)], () => crypto.createPublicKey(a.privateKey).equals(a.publicKey),
    ...[{ type: "pkcs8", format: "pem" }, { format: "jwk" }, { type: "pkcs1", format: "pem" }].map((form) => () => a.privateKey.export(form)), ...[{ type: "spki", format: "der" }, { format: "jwk" }].map((form) => () => a.publicKey.export(form)),
  ];
  return [made, rest.map(tried)];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-prime-arguments
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const bits = (bytes) => { const digits = Buffer.from(bytes).toString("hex"); return BigInt("0x" + digits).toString(2).length; };
  const made = (...args) => tried(() => { const it = crypto.generatePrimeSync(...args); return typeof it === "bigint" ? it.toString(2).length : [it.constructor.name, it.byteLength, bits(it)]; });
  const called = (f, ...args) => new Promise((resolve) => { try { f(...args, (error, value) => resolve(error ? [error.name, error.code ?? null, error.message] : typeof value === "object" ? value.byteLength : typeof value)); } catch (e) { resolve(["threw", e.name, e.code ?? null, e.message]); } });
  const check = (...args) => tried(() => crypto.checkPrimeSync(...args));
  return [
    [-1, 0, 1, 2, 3, 4, 5, 8, 9, 31, 64, 512, 1.5, 2 ** 31, NaN, "5", undefined, 8193].map((size) => made(size)), [1, 2, 3, 6, 7, 8, 64, 128].map((size) => made(size, { safe: true })), [{ bigint: true }, { safe: 1 }, { bigint: 1 }, 5, null].map((options) => made(32, options)),
    [[12n], [12n, 11n], [24n, 23n], [60n, 59n], [undefined, 11n], [Buffer.from([12]), Buffer.from([0, 11])], [12], [12n, 5], [-12n], [12n, -1n], [12n, 13n], [12n, 12n], [1n << 40n], [0n], [9n, 3n], [24n, 11n], [new Uint8Array([12]).buffer, 11n]].map(([add, rem]) => made(32, { add, rem })),
    made(3, { add: 12n, rem: 11n }), made(64, { safe: true, add: 12n, rem: 11n }), crypto.generatePrimeSync(64, { bigint: true, add: 60n, rem: 59n }) % 60n === 59n,
    [0n, 1n, 2n, 3n, 4n, 7n, 8n, 561n, -7n, 2n ** 127n - 1n, 2n ** 128n - 1n, 5, "5", undefined, null, Buffer.from([7]), new Uint8Array([0, 0, 7]).buffer, Buffer.alloc(0), new Uint16Array([7]), new DataView(new Uint8Array([11]).buffer), Buffer.alloc(1025, 255), Buffer.alloc(1024, 254)].map((candidate) => check(candidate)),
    [{ checks: 10 }, { checks: -1 }, { checks: "x" }, 5, null, { checks: 1.5 }, { checks: 64 }, { checks: 65 }, { checks: 2 ** 32 }].map((options) => check(7n, options)),
    await called(crypto.generatePrime, 32), await called(crypto.generatePrime, 32, { bigint: true }), await called(crypto.generatePrime, 32, { add: 1n << 40n }), await called(crypto.generatePrime, -1), await called(crypto.checkPrime, 7n), await called(crypto.checkPrime, 8n, { checks: 5 }), await called(crypto.checkPrime, 5), await called(crypto.checkPrime, 7n, { checks: -1 }),
    tried(() => crypto.generatePrime(32)), tried(() => crypto.checkPrime(7n)), tried(() => crypto.checkPrime(7n, {})),
  ];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-encrypted-key-forms
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const LOCKED = {"ec trad aes256": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,AD69B260FD56A13D432B93E718D10DAC\n\n5CKr8rqwPWX20AMGxEIO+z5jv4M74Do8oK27aJkHOJQehHZlnIBihQeRKYuotYbU\nTzw944L3004U5/DIh6Gwsumw/39B4u57NFClvJnWYMalwROVBgx+zAZdzbidHn/N\nwuTa9iuxMa3KemthxbVnKdb13yDbM9Mb1M13OwlnldI=\n-----END EC PRIVATE KEY-----\n", "ec trad aes128": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,A72F161183F678F6B32DF99D11C5CE6B\n\nQ5qkMD/LDZE40arrIOwtLXwyQrTEUbxAqlCsdqv/YLDP4a6jU/zOjyUM6vEb6ZBZ\nxPPpPXpHvqR/NeGUXay3ar7J2H8Yqkg4z2HwjmPvFxvktDUexzmaR6T01IEa06Ev\nGBIRiq4EcrUBEuMxmO6cabc1zAhbHLDLdqZykFfHc5U=\n-----END EC PRIVATE KEY-----\n", "ec trad aes192": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-192-CBC,B96F73F3FBDA058418435D450CF70263\n\n+OcrOSvJdKkoIfqGaIBCn9kJiTIWuEbNpbA9bAO6AaT4yoezARa1FEmQHzrk56lg\nJWccywveV1CGazTYwb/wpz4P7tDC1nqAmGLk93YFH6vq9WzNL9d8QNqy1F4M1bEi\nfAFweDb/+weABuNsIkSXVLojVqKgNyA65fngRxusLzo=\n-----END EC PRIVATE KEY-----\n", "ec trad des3": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,D4D109AA74D23B97\n\no27gDeFZmwLsBi/OXJp7iWb+BwH2opUNNaYtDcwx8QRyNjiVi7plSh2UAE+anY+9\np6q3MnY4z7Lqge7j/MjQib4nBMe/gVwZRKQmFpfUvJjbMcOEmis0zqNidGRp9LKm\nlYeWwCXp1LiXw9i9TMicqMVgEnuwlIMFkOLCuT9TeAU=\n-----END EC PRIVATE KEY-----\n", "ec trad des": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,382D8921546609FC\n\njdt39yfbBXW0fVBISQUWpwkNZPVZ22y23jYJFNSKWrTVXXOiJpBTzNhuRKJgDM5G\nW83bPcNZzPOS61a+OIr5CGXM6hN/ROEjMTvtQGYG9WOMk7qe62eF6wBGTtukddPd\nbD6/7NoIYsU8PertYvsN57Zxxfj3n4Ycx0TciFJTH6Q=\n-----END EC PRIVATE KEY-----\n", "ed.pem -v2 aes256": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiFAk/nYKzfrQICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENLqJ8g1s0SyoFJ9RarkpzIEQFCr\nzwJflt1KVA7wmgy4d+GLjGYuMrFLCV8t3/ZJqtG6wDpUatyaA9HRzTUkl83GFkON\nwZR5Eoqh6DNpqbAsXis=\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v2 aes-256-cbc -v2prf hmacWithSHA1": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGNMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAgDGIk/Ou3u+QICCAAw\nHQYJYIZIAWUDBAEqBBALQ80Xt5z/W21wopNfpo/kBECzyOEdLN6b1UvqQmAgJkFg\nIaC7nXm0pDQXrWicZeJUc6ddgnHZDUcoh2WJ6ODhlozgdLuik5Ha14nlhQ2kQK1E\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v2 des3": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAjIIymkpopPaAICCAAw\nDAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIfBOt99sM9ukEOBD4RE815oTFeZ7H\nJz2bv5u11qYMU9tSjSDUPLeAgfsEqTfFGc2MempSZYn9pKMeskIBg2R8crSB\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v1 PBE-SHA1-3DES": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMFgwHAYKKoZIhvcNAQwBAzAOBAidYjbXIa/ttwICCAAEOG6mtpYEM+2zyjYZ139H\nphMPTNMmrM7qTnh04BqX8MueJSemajvXR1NBCaZE6wB6DegtZondIdaO\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v1 PBE-SHA1-RC4-128": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMFAwHAYKKoZIhvcNAQwBATAOBAi4iIfw8odsjwICCAAEMG6yE50Vu9Ed2KKsP7dr\nV6zZOUgdu/2SHxR7jXeEsBgvfHKXqq13uswx4fCWX0+LbA==\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v1 PBE-MD5-DES": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMFcwGwYJKoZIhvcNAQUDMA4ECBfiTuT3CPAuAgIIAAQ4LC6hOfk2TaTezoXxv/At\njqg4JJJ4RJYPj3BucxCErux1mBdS3g18TKrxoahFFet1sMH6JnYRf8U=\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -scrypt": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgBbiD8V/jk1QICQAAC\nAQgCAQEwHQYJYIZIAWUDBAEqBBCvYlav7iGeMcXntLaFmkR3BEBLtbynF7S8SYce\ndIHbI46MLpUlzA1l9dTW1WoJ5xoAShKqt+STJXc0bMi5jIqNgeksUzcVrYnTkaNx\n84j1QPO7\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v1 PBE-SHA1-RC2-40": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMFgwHAYKKoZIhvcNAQwBBjAOBAgZ1m8UFs3wNAICCAAEONrmI3yOBBPz1THexvF4\nISz/Qkg2u8oH2iiYD+Jdnurx3zfM7Ak9t/WS6Na2iMBPdEUfO6k9iaFo\n-----END ENCRYPTED PRIVATE KEY-----\n", "ed.pem -v2 aes-128-cbc -iter 1": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGaMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAjDhicHIK+G6QIBATAM\nBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQVuGZOnjkBeTkbnRI7A93bARA2Sv9\n2eYtCk9bu9MWWtwzxL0aKqu1GgcLjimMYlF+rKJNvG57736soHKQQmTET+AeowlS\nYrIsscA6LDaO5y6f8w==\n-----END ENCRYPTED PRIVATE KEY-----\n"};
const DER = "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj7ZoW5J7+o8AICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPqlqVfPRTMlvAcLVgPq9w4EQIyc6eOaED8Sli6TQethUept3Mi0bOp4ATf5mtv8gFQOjI9AxpKkleDbV9F3q507fszzJk9ajGcq06iheBrt7x4=";
const run = async () => {
  const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 }), ec = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }), ed = crypto.generateKeyPairSync("ed25519"), x = crypto.generateKeyPairSync("x25519");
  // What is random is left out.
  const written = (pair, options) => tried(() => { const it = pair.privateKey.export(options); return typeof it === "string" ? [...it.split("\n").slice(0, 3).map((line) => line.replace(/,[0-9A-F]+$/, (vector) => `,${vector.length}`).slice(0, 40)), it.length > 300] : [it.length > 150, it.subarray(it[1] < 128 ? 2 : 2 + (it[1] & 127)).subarray(0, 31).toString("hex")]; });
  const form = (type, format, cipher, passphrase = "p") => ({ type, format, cipher, passphrase });
  const read = (input) => tried(() => { const key = crypto.createPrivateKey(input); return [key.type, key.asymmetricKeyType]; });
  const pem = rsa.privateKey.export(form("pkcs8", "pem", "aes-256-cbc")), der = rsa.privateKey.export(form("pkcs8", "der", "aes-128-cbc")), plain = rsa.privateKey.export({ type: "pkcs8", format: "pem" }), old = rsa.privateKey.export(form("pkcs1", "pem", "aes-256-cbc"));
  return [
    ["aes-256-cbc", "aes-128-cbc", "aes-192-cbc", "AES-256-CBC", "des-ede3-cbc", "aes-256-ecb", "aes-256-gcm", "aes-256-ctr", "bogus", "", 5, null].map((cipher) => [written(rsa, form("pkcs8", "pem", cipher)).slice(0, 2), written(rsa, form("pkcs1", "pem", cipher)).slice(0, 3)]),
    [[rsa, "pkcs8"], [rsa, "pkcs1"], [ec, "pkcs8"], [ec, "sec1"], [ed, "pkcs8"], [x, "pkcs8"]].map(([pair, type]) => [written(pair, form(type, "pem", "aes-256-cbc"))[0], written(pair, form(type, "der", "aes-256-cbc"))]),
    [undefined, 5, null, "", Buffer.from("p")].map((passphrase) => written(rsa, { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase })[0]), tried(() => crypto.generateKeyPairSync("ed25519", { privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc" } })),
    [pem, plain, old].map((key) => [read({ key, passphrase: "p" }), read({ key, passphrase: Buffer.from("p") }), read({ key: Buffer.from(key), passphrase: "p" }), read({ key, passphrase: "q" }), read({ key }), read(key), read({ key, passphrase: "" }), read({ key, passphrase: 5 }), read({ key, passphrase: null })]),
    [{ type: "pkcs8", passphrase: "p" }, { type: "pkcs8", passphrase: "q" }, { type: "pkcs8" }, { passphrase: "p" }].map((input) => read({ key: der, format: "der", ...input })),
    tried(() => crypto.createPublicKey({ key: pem, passphrase: "p" }).equals(rsa.publicKey)), tried(() => crypto.createPublicKey({ key: pem, passphrase: "q" })), tried(() => crypto.createPublicKey(pem)), tried(() => crypto.sign("sha256", Buffer.from("m"), { key: pem, passphrase: "p" }).length), tried(() => crypto.createSign("sha256").update("m").sign({ key: pem, passphrase: "q" })),
    tried(() => crypto.privateDecrypt({ key: pem, passphrase: "p" }, crypto.publicEncrypt(rsa.publicKey, Buffer.from("hi"))).toString()), tried(() => crypto.createPrivateKey({ key: old, passphrase: "p" }).equals(rsa.privateKey)),
    Object.entries(LOCKED).map(([name, key]) => [name, read({ key, passphrase: "secret" }), read({ key, passphrase: "q" }), read(key)]), read({ key: Buffer.from(DER, "base64"), format: "der", type: "pkcs8", passphrase: "secret" }),
  ];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-verify-error
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => ["modp14", "modp15", "modp18"].map((name) => tried(() => crypto.getDiffieHellman(name).verifyError));
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-diffie-hellman-key-forms
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const a = crypto.generateKeyPairSync("x25519"), b = crypto.generateKeyPairSync("x25519"), dh = crypto.generateKeyPairSync("dh", { group: "modp14" });
  const shared = (privateKey, publicKey) => crypto.diffieHellman({ privateKey, publicKey }).length;
  const pem = [a.privateKey.export({ type: "pkcs8", format: "pem" }), b.publicKey.export({ type: "spki", format: "pem" })];
  return [() => shared(a.privateKey, b.privateKey), () => shared(dh.privateKey, dh.privateKey), () => shared(...pem), () => shared({ key: pem[0] }, Buffer.from(pem[1])), () => crypto.generateKeyPairSync("dh", {}), () => crypto.generateKeyPairSync("dh", { primeLength: 9000 })].map(tried);
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-encrypted-key-aliases
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => {
  const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
  const written = (type, cipher) => tried(() => privateKey.export({ type, format: "pem", cipher, passphrase: "p" }).split("\n").slice(0, 3).map((line) => line.replace(/,[0-9A-F]+$/, "").slice(0, 26)));
  const read = (type, cipher) => tried(() => crypto.createPrivateKey({ key: privateKey.export({ type, format: "pem", cipher, passphrase: "p" }), passphrase: "p" }).equals(privateKey));
  return [["aes128", "aes192", "AES256", "des3", "constructor", "__proto__"].map((cipher) => [written("pkcs1", cipher), read("pkcs8", cipher)]), tried(() => privateKey.export({ type: "pkcs8", format: "pem", cipher: null }).split("\n")[0])];
};
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-prototype-names
//// flags: nodejs_compat
//// module
import crypto from "node:crypto";
const run = async () => ["constructor", "__proto__", "toString"].flatMap((name) => [() => crypto.createDiffieHellmanGroup(name), () => crypto.getDiffieHellman(name), () => crypto.generateKeyPairSync("dh", { group: name }), () => crypto.getCipherInfo(name)]).map(tried);
const shown = (v) => typeof v === "bigint" ? `${v}n` : v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v instanceof ArrayBuffer ? `ArrayBuffer ${v.byteLength}` : Array.isArray(v) ? v.map(shown) : v === undefined ? "undefined" : v;
const tried = (f) => { try { return shown(f()); } catch (e) { return [e.name, e.code ?? null, e.message]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// crypto-module
//// flags: nodejs_compat
//// module
import * as crypto from "node:crypto";
const run = async (env) => [Object.keys(crypto).sort(), typeof crypto.constants.RSA_PKCS1_PSS_PADDING, crypto.getFips?.()];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// als-more
//// flags: nodejs_compat
//// module
import { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, triggerAsyncId, executionAsyncResource } from "node:async_hooks"; import { EventEmitter } from "node:events"; import { Readable } from "node:stream";
const run = async (env) => (async () => { const als = new AsyncLocalStorage(); const seen = []; await als.run("in", async () => { setTimeout(() => seen.push(["timeout", als.getStore()]), 1); queueMicrotask(() => seen.push(["micro", als.getStore()])); process.nextTick(() => seen.push(["tick", als.getStore()])); setImmediate(() => seen.push(["immediate", als.getStore()])); for await (const c of Readable.from(["x"])) seen.push(["stream", als.getStore()]); await new Response(new ReadableStream({ pull(c) { seen.push(["pull", als.getStore() ?? "none"]); c.close(); } })).text(); als.exit(() => seen.push(["exit", als.getStore() ?? "none"])); }); const resource = als.run("r", () => new AsyncResource("X")); seen.push(resource.runInAsyncScope(() => als.getStore())); const bound = als.run("b", () => AsyncResource.bind(() => als.getStore())); seen.push(bound(), als.run("s", () => AsyncLocalStorage.bind(() => als.getStore()))()); await new Promise((r) => setTimeout(r, 5)); return [seen.map(String).sort(), tried(() => als.enterWith(1)), tried(() => als.disable()), typeof createHook({}).enable, executionAsyncId(), triggerAsyncId(), typeof resource.asyncId(), new AsyncLocalStorage({ defaultValue: 5 }).getStore() ?? "none", new AsyncLocalStorage({ name: "n" }).name ?? "none"]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// als-across-events
//// flags: nodejs_compat
//// module
import { AsyncLocalStorage } from "node:async_hooks";
const run = async (env) => (async () => { const als = new AsyncLocalStorage(); const seen = []; const t = new EventTarget(); als.run(1, () => t.addEventListener("x", () => seen.push(als.getStore() ?? "none"))); als.run(2, () => t.dispatchEvent(new Event("x"))); const ac = new AbortController(); als.run(3, () => ac.signal.addEventListener("abort", () => seen.push(als.getStore() ?? "none"))); als.run(4, () => ac.abort()); const p = als.run(5, () => Promise.resolve()); await als.run(6, () => p.then(() => seen.push(als.getStore()))); let go; const later = new Promise((r) => { go = r; }); const waiting = als.run(7, () => later.then(() => seen.push(als.getStore()))); als.run(8, () => go()); await waiting; await als.run(9, async () => { try { await Promise.reject(1); } catch { seen.push(als.getStore()); } finally { seen.push(als.getStore()); } }); const { port1, port2 } = new MessageChannel(); await new Promise((r) => { als.run(10, () => { port2.onmessage = () => { seen.push(als.getStore() ?? "none"); r(); }; }); als.run(11, () => port1.postMessage(1)); }); return seen; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// async-hooks-module
//// flags: nodejs_compat
//// module
import * as hooks from "node:async_hooks";
const run = async (env) => Object.keys(hooks).sort();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// process-values
//// flags: nodejs_compat
//// module
import process from "node:process";
const run = async (env) => [process.platform, process.arch, process.argv, process.execArgv, process.pid, process.ppid, process.title, process.version, process.versions, process.release, process.exitCode ?? null, process.features, process.config, process.execPath, process.stdin?.fd, process.stdout?.fd, process.browser ?? null, process.argv0, process.debugPort, process.noDeprecation ?? null];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// process-calls
//// flags: nodejs_compat
//// module
import process from "node:process";
const run = async (env) => [process.cwd(), tried(() => process.chdir("/")), tried(() => process.abort()), tried(() => process.kill(1)), typeof process.memoryUsage().heapUsed, tried(() => process.cpuUsage()), typeof process.uptime(), process.hrtime().length, tried(() => process.umask()), tried(() => process.getuid()), tried(() => process.emitWarning("w")), process.listenerCount("x"), typeof process.getBuiltinModule, typeof process.getBuiltinModule?.("node:path")?.join, process.getBuiltinModule?.("nope") ?? "none", tried(() => process.binding("fs"))[0], tried(() => process.setUncaughtExceptionCaptureCallback(null)), process.hasUncaughtExceptionCaptureCallback?.()];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// process-env
//// flags: nodejs_compat
//// module
import process from "node:process";
const run = async (env) => (() => { process.env.NEW = 5; process.env.UNDEF = undefined; delete process.env.TEXT; return [process.env.NEW, process.env.UNDEF, "TEXT" in process.env, process.env.JSON, Object.keys(process.env).sort()]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// process-next-tick-order
//// flags: nodejs_compat
//// module
import process from "node:process";
const run = async (env) => (async () => { const out = []; setTimeout(() => out.push("timeout")); setImmediate(() => out.push("immediate")); Promise.resolve().then(() => out.push("promise")); process.nextTick((a) => out.push("tick" + a), 1); queueMicrotask(() => out.push("micro")); await new Promise((r) => setTimeout(r, 10)); return [out, tried(() => process.nextTick(5))]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// process-keys
//// flags: nodejs_compat
//// module
import process from "node:process";
const run = async (env) => Object.keys(process).sort();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// timers-more
//// flags: nodejs_compat
//// module
import timers, { setTimeout as st, setInterval as si, clearInterval as ci, setImmediate as sim, clearImmediate as cim } from "node:timers"; import { setTimeout as sleep, setInterval as every, setImmediate as soon, scheduler as sched } from "node:timers/promises";
const run = async (env) => (async () => { const t = st(() => {}, 1000); const shape = [typeof t, typeof t.ref, typeof t.unref, typeof t.hasRef, typeof t.refresh, t.hasRef?.()]; clearTimeout(t); let n = 0; for await (const v of every(1, "v")) { if (++n === 2) break; } let ran = false; cim(sim(() => { ran = true; })); await sleep(3); return [shape, n, ran, await soon("s"), await sleep(1, "x", { signal: AbortSignal.abort() }).catch((e) => [e.name, e.code]), await sched.wait(1) ?? "none", typeof sched.yield, Object.keys(timers).sort(), tried(() => st("x")), typeof setTimeout(() => {}, 0)]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-sync
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => (() => { const text = "hello ".repeat(50); return [["gzip", "gunzip"], ["deflate", "inflate"], ["deflateRaw", "inflateRaw"], ["brotliCompress", "brotliDecompress"]].map(([a, b]) => { const packed = zlib[a + "Sync"](text); return [packed.length < 60, zlib[b + "Sync"](packed).toString() === text]; }).concat([[zlib.unzipSync(zlib.gzipSync("u")).toString(), zlib.unzipSync(zlib.deflateSync("v")).toString()], [zlib.deflateSync("abc", { level: 9 }).toString("hex"), zlib.deflateSync("abc", { level: 0 }).toString("hex"), zlib.deflateRawSync("abc").toString("hex"), zlib.gzipSync("abc").toString("hex"), zlib.brotliCompressSync("abc").toString("hex")]]); })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-errors
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => [() => zlib.gunzipSync("nope"), () => zlib.inflateSync(Buffer.from([1, 2, 3])), () => zlib.gunzipSync(zlib.gzipSync("abc").subarray(0, 10)), () => zlib.brotliDecompressSync(Buffer.from("bad brotli")), () => zlib.gzipSync(5), () => zlib.deflateSync("x", { level: 99 }), () => zlib.deflateSync("x", { windowBits: 99 }), () => zlib.gunzipSync(zlib.gzipSync("a".repeat(100)), { maxOutputLength: 10 }), () => zlib.crc32(5), () => zlib.inflateSync(zlib.gzipSync("x"))].map((f) => tried(f));
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-streams
//// flags: nodejs_compat
//// module
import zlib from "node:zlib"; import { Readable } from "node:stream"; import { pipeline } from "node:stream/promises"; import { text } from "node:stream/consumers";
const run = async (env) => (async () => { const out = []; for (const [a, b] of [["createGzip", "createGunzip"], ["createDeflate", "createInflate"], ["createBrotliCompress", "createBrotliDecompress"], ["createDeflateRaw", "createInflateRaw"], ["createGzip", "createUnzip"]]) { const s = Readable.from([Buffer.from("a".repeat(1000)), Buffer.from("b")]).pipe(zlib[a]()).pipe(zlib[b]()); out.push((await text(s)).length); } const g = zlib.createGzip(); g.write("x"); await new Promise((r) => g.flush(r)); const flushed = g.read()?.length > 0; g.end(); const bad = zlib.createGunzip(); const failed = new Promise((r) => bad.on("error", (e) => r([e.code, e.errno]))); bad.end("garbage"); return [out, flushed, await failed, g.bytesWritten]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-callbacks
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => (async () => { const call = (f, ...a) => new Promise((r) => zlib[f](...a, (e, v) => r(e ? [e.code] : v.toString("hex")))); return [await call("gzip", "x", { level: 1 }), await call("gunzip", "bad"), await call("brotliCompress", "x"), await call("inflate", zlib.deflateSync("y")), await call("deflate", "x", { dictionary: Buffer.from("dict") })]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-brotli-params
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => (() => { const big = "abcdefgh".repeat(500); const params = (q, m) => ({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: q, [zlib.constants.BROTLI_PARAM_MODE]: m } }); return [zlib.brotliCompressSync(big, params(1, 0)).length < 200, zlib.brotliCompressSync(big, params(11, 1)).length < 100, tried(() => zlib.brotliCompressSync("x", { params: { 999: 1 } })), zlib.brotliDecompressSync(zlib.brotliCompressSync(Buffer.alloc(100000, 7))).length]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-brotli-options
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => [{ flush: 9 }, { finishFlush: -1 }, { params: { 999: 1 } }, { params: { 1: "a" } }, { params: { x: 1 } }, { chunkSize: 1 }, { params: { 1: 99, 2: 99, 6: true } }].map((o) => [tried(() => typeof zlib.createBrotliCompress(o)), tried(() => typeof zlib.createBrotliDecompress(o))]).concat([[tried(() => zlib.createBrotliDecompress({ params: { 5: 1 } })), tried(() => zlib.brotliCompress("x")), tried(() => zlib.brotliDecompressSync(zlib.brotliCompressSync("x"), { params: { 1: 1 } }).toString())]]);
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-brotli-bytes
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => (async () => { const c = zlib.constants; const hex = (params) => zlib.brotliCompressSync("hello ".repeat(20), { params }).toString("hex"); const s = zlib.createBrotliCompress({ params: { [c.BROTLI_PARAM_QUALITY]: 4 } }); s.write("hello"); await new Promise((r) => s.flush(r)); const first = s.read().toString("hex"); s.end(" world"); const rest = []; for await (const part of s) rest.push(part.toString("hex")); return [hex({ [c.BROTLI_PARAM_LGWIN]: 10 }), hex({ [c.BROTLI_PARAM_LGWIN]: 16 }), hex({ [c.BROTLI_PARAM_SIZE_HINT]: 120, [c.BROTLI_PARAM_MODE]: c.BROTLI_MODE_TEXT }), zlib.brotliCompressSync("").toString("hex"), first, rest, s.bytesWritten, zlib.brotliDecompressSync(Buffer.concat([zlib.brotliCompressSync("one"), Buffer.from("behind")])).toString()]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-brotli-bad-data
//// flags: nodejs_compat
//// module
import zlib from "node:zlib";
const run = async (env) => (async () => { const failed = (s, data) => new Promise((r) => { s.on("error", (e) => r([e.name, e.code])); s.on("end", () => r("end")); s.resume(); s.end(data); }); const whole = zlib.brotliCompressSync("hello hello hello"); return [await failed(zlib.createBrotliDecompress(), "garbage!!"), await failed(zlib.createBrotliDecompress(), "bad brotli"), await failed(zlib.createBrotliDecompress(), whole.subarray(0, 5)), await failed(zlib.createBrotliDecompress(), ""), await failed(zlib.createBrotliDecompress(), whole), zlib.brotliDecompressSync(whole.subarray(0, 6), { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }).toString()]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-zstd
//// flags: nodejs_compat
//// module
import zlib from "node:zlib"; import { promisify } from "node:util";
const run = async (env) => (async () => { const c = zlib.constants; const hex = (params) => zlib.zstdCompressSync("abc", { params }).toString("hex"); const text = "abcdefgh".repeat(500); return [hex(), hex({ [c.ZSTD_c_checksumFlag]: 1 }), hex({ [c.ZSTD_c_compressionLevel]: 22 }), hex({ [c.ZSTD_c_compressionLevel]: -5 }), zlib.zstdCompressSync("").toString("hex"), zlib.zstdDecompressSync(zlib.zstdCompressSync(text)).toString() === text, (await promisify(zlib.zstdDecompress)(await promisify(zlib.zstdCompress)("x"))).toString(), zlib.zstdDecompressSync(Buffer.concat([zlib.zstdCompressSync("one"), zlib.zstdCompressSync("two")])).toString(), zlib.zstdDecompressSync(Buffer.alloc(0)).length, [{ params: { 999: 1 } }, { params: { 100: "a" } }, { params: { 101: 99 } }, { params: { 400: 2 } }, { flush: 3 }, { chunkSize: 1 }].map((o) => tried(() => typeof zlib.createZstdCompress(o))), [zlib.ZstdCompress.name, zlib.createZstdDecompress().constructor.name]]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// zlib-exports
//// flags: nodejs_compat
//// module
import * as zlib from "node:zlib";
const run = async (env) => [Object.keys(zlib).sort(), Object.keys(zlib.constants).length, zlib.codes?.Z_DATA_ERROR, zlib.constants.Z_BEST_COMPRESSION, zlib.constants.BROTLI_PARAM_QUALITY, typeof zlib.zstdCompressSync];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// compression-stream-brotli
//// flags: nodejs_compat
//// module

const run = async (env) => (async () => { const s = new Response("text ".repeat(40)).body.pipeThrough(new CompressionStream("brotli")).pipeThrough(new DecompressionStream("brotli")); return (await new Response(s).text()).length; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// diagnostics-channel-more
//// flags: nodejs_compat
//// module
import dc from "node:diagnostics_channel"; import { AsyncLocalStorage } from "node:async_hooks";
const run = async (env) => (() => { const out = []; const c = dc.channel("x"); const f = (m, n) => out.push([m, String(n)]); c.subscribe(f); c.publish(1); const had = c.hasSubscribers; const gone = c.unsubscribe(f); const again = c.unsubscribe(f); c.publish(2); const t = dc.tracingChannel("t"); t.subscribe({ start: (m) => out.push(["start", m.a]), end: (m) => out.push(["end", m.result]), error: (m) => out.push(["error", m.error.message]) }); const r = t.traceSync((x) => x + 1, { a: 5 }, null, 1); tried(() => t.traceSync(() => { throw new Error("boom"); }, {})); const als = new AsyncLocalStorage(); c.bindStore(als, (d) => ({ d })); const stored = c.runStores("v", () => als.getStore()); return [out, had, gone, again, r, stored, dc.channel("x") === c, tried(() => dc.channel(5)), tried(() => c.subscribe(5)), Object.keys(dc).sort(), c.name]; })();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// punycode-more
//// flags: nodejs_compat
//// module
import punycode from "node:punycode";
const run = async (env) => [punycode.encode("mañana"), punycode.decode("maana-pta"), punycode.toUnicode("xn--maana-pta.com"), punycode.ucs2.decode("a😀"), punycode.ucs2.encode([0x61]), punycode.version, tried(() => punycode.decode("\x80")), punycode.toASCII("джумла@джpумлатест.bрфa")];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// os-more
//// flags: nodejs_compat
//// module
import os from "node:os";
const run = async (env) => [os.EOL, os.arch(), os.platform(), os.type(), os.release(), os.hostname(), os.homedir(), os.tmpdir(), os.endianness(), os.cpus().length, os.totalmem(), os.freemem(), os.uptime(), os.loadavg(), os.networkInterfaces(), os.version(), os.machine(), os.availableParallelism(), tried(() => os.userInfo()), tried(() => os.setPriority(1)), tried(() => os.getPriority()), os.devNull, Object.keys(os.constants).sort(), os.constants.signals.SIGINT];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// perf-hooks-more
//// flags: nodejs_compat
//// module
import * as hooks from "node:perf_hooks";
const run = async (env) => [Object.keys(hooks).sort(), hooks.performance === globalThis.performance, typeof hooks.performance.mark, typeof hooks.PerformanceObserver, tried(() => hooks.monitorEventLoopDelay()), tried(() => hooks.createHistogram()), tried(() => hooks.performance.eventLoopUtilization()), tried(() => typeof hooks.performance.timerify(() => 1)), typeof hooks.performance.nodeTiming, Object.keys(hooks.constants ?? {}).length > 3];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// worker-threads
//// flags: nodejs_compat
//// module
import wt from "node:worker_threads";
const run = async (env) => [wt.isMainThread, wt.threadId, wt.workerData ?? null, wt.parentPort ?? null, wt.MessageChannel === MessageChannel, tried(() => new wt.Worker("x")), Object.keys(wt).sort()];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// module-more
//// flags: nodejs_compat
//// module
import { createRequire, builtinModules, isBuiltin } from "node:module";
const run = async (env) => [builtinModules.includes("path"), isBuiltin("node:fs"), isBuiltin("nope"), typeof createRequire, tried(() => createRequire("/x")("node:path").join("a", "b")), tried(() => createRequire("/x")("nope"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// console-module
//// flags: nodejs_compat
//// module
import console_ from "node:console";
const run = async (env) => [typeof console_.log, typeof console_.Console, tried(() => { const lines = []; const c = new console_.Console({ write: (t) => lines.push(t) }); c.log("a", { b: 1 }); return lines; })];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// net-more
//// flags: nodejs_compat
//// module
import net from "node:net";
const run = async (env) => [net.isIP("1.2.3.4"), net.isIP("::1"), net.isIP("x"), net.isIPv4("1.2.3.4"), tried(() => net.createServer()), typeof net.connect, typeof net.Socket, typeof net.BlockList];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// http-more
//// flags: nodejs_compat
//// module
import http from "node:http";
const run = async (env) => [http.METHODS.length, http.STATUS_CODES[404], typeof http.request, typeof http.Agent, typeof http.createServer, tried(() => http.validateHeaderName("bad name")), http.maxHeaderSize];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// http-request
//// flags: nodejs_compat
//// module
import http from "node:http";
const run = async (env) => new Promise((done) => { const r = http.get(env.UPSTREAM + "/node", (res) => { let t = ""; res.on("data", (c) => (t += c)); res.on("end", () => done([res.statusCode, res.headers["x-request"], t])); }); r.on("error", (e) => done(["error", e.code ?? e.name])); });
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// fs-more
//// flags: nodejs_compat
//// module
import fs from "node:fs"; import fsp from "node:fs/promises";
const run = async (env) => (async () => [fs.existsSync("/nope"), tried(() => fs.readFileSync("/nope")), tried(() => { fs.writeFileSync("/tmp/a.txt", "text"); return fs.readFileSync("/tmp/a.txt", "utf8"); }), tried(() => fs.statSync("/tmp").isDirectory()), tried(() => fs.mkdirSync("/tmp/d")), await fsp.readFile("/tmp/a.txt", "utf8").catch((e) => [e.name, e.code]), tried(() => fs.readdirSync("/").sort()), fs.constants.R_OK, await fsp.access("/nope").catch((e) => e.code)])();
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-child-process
//// flags: nodejs_compat
//// module
import cp from "node:child_process";
const run = async (env) => [typeof cp, tried(() => typeof cp.execSync("ls"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-cluster
//// flags: nodejs_compat
//// module
import cl from "node:cluster";
const run = async (env) => [typeof cl, tried(() => typeof cl.fork())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-dgram
//// flags: nodejs_compat
//// module
import dg from "node:dgram";
const run = async (env) => [typeof dg, tried(() => typeof dg.createSocket("udp4"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-vm
//// flags: nodejs_compat
//// module
import vm from "node:vm";
const run = async (env) => [typeof vm, tried(() => typeof vm.runInNewContext("1"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-v8
//// flags: nodejs_compat
//// module
import v8 from "node:v8";
const run = async (env) => [typeof v8, tried(() => typeof v8.getHeapStatistics())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-tls
//// flags: nodejs_compat
//// module
import tls from "node:tls";
const run = async (env) => [typeof tls, tried(() => typeof tls.connect(1))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-http2
//// flags: nodejs_compat
//// module
import h2 from "node:http2";
const run = async (env) => [typeof h2, tried(() => typeof h2.connect("x"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-inspector
//// flags: nodejs_compat
//// module
import ins from "node:inspector";
const run = async (env) => [typeof ins, tried(() => typeof ins.open())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-readline
//// flags: nodejs_compat
//// module
import rl from "node:readline";
const run = async (env) => [typeof rl, tried(() => typeof rl.createInterface({}))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-repl
//// flags: nodejs_compat
//// module
import repl from "node:repl";
const run = async (env) => [typeof repl, tried(() => typeof repl.start())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-sqlite
//// flags: nodejs_compat
//// module
import sq from "node:sqlite";
const run = async (env) => [typeof sq, tried(() => typeof sq.backup())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-dns
//// flags: nodejs_compat
//// module
import dns from "node:dns";
const run = async (env) => [typeof dns, tried(() => typeof dns.lookup("x"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-wasi
//// flags: nodejs_compat
//// module
import wasi from "node:wasi";
const run = async (env) => [typeof wasi, tried(() => typeof new wasi.WASI())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-tty
//// flags: nodejs_compat
//// module
import tty from "node:tty";
const run = async (env) => [typeof tty, tried(() => typeof tty.isatty(0))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-domain
//// flags: nodejs_compat
//// module
import dom from "node:domain";
const run = async (env) => [typeof dom, tried(() => typeof dom.create())[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-trace-events
//// flags: nodejs_compat
//// module
import te from "node:trace_events";
const run = async (env) => [typeof te, tried(() => typeof te.createTracing({}))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
//// stub-https
//// flags: nodejs_compat
//// module
import https from "node:https";
const run = async (env) => [typeof https, tried(() => typeof https.request("x"))[0]];
const tried = (f) => { try { return f(); } catch (e) { return [e.name, e.code ?? null]; } };
export default { async fetch(request, env) { try { return Response.json(await run(env)); } catch (e) { return Response.json({ throws: e.name, code: e.code ?? null, message: e.message }); } } };
