import assert from "node:assert";
import strict, { AssertionError } from "node:assert/strict";
import dc from "node:diagnostics_channel";
import module from "node:module";
import os from "node:os";
import path from "node:path";
import { posix, win32 } from "path";
import { performance } from "node:perf_hooks";
import punycode from "node:punycode";
import qs from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";

const checks = {
  async "assert"() {
    assert.throws(() => strict.equal(1, "1"), { name: "AssertionError", code: "ERR_ASSERTION", actual: 1, expected: "1" });
    assert.throws(() => assert(0), AssertionError);
    assert.throws(() => assert.throws(() => {}), { message: "Missing expected exception." });
    assert.throws(() => assert.deepEqual({ a: 1 }, { a: 2 }), AssertionError);
    assert.throws(() => assert.equal(1, 2, new RangeError("mine")), RangeError);
    await assert.rejects(assert.rejects(async () => 1), { message: "Missing expected rejection." });
    assert.throws(() => assert.throws(() => { throw new TypeError("other"); }, RangeError), TypeError);
  },
  "path"() {
    assert.equal(path.join("/a", "..", "b", "./c.txt"), "/b/c.txt");
    assert.equal(path.normalize("/a//b/../c/."), "/a/c");
    assert.deepEqual([path.resolve("/a", "../b"), path.relative("/a/b/c", "/a/d"), path.dirname("/a/b"), path.basename("/a/b.js", ".js"), path.extname(".x.y")], ["/b", "../../d", "/a", "b", ".y"]);
    assert.deepEqual(path.parse("/home/a.txt"), { root: "/", dir: "/home", base: "a.txt", ext: ".txt", name: "a" });
    assert.equal(path.format({ dir: "/a", name: "b", ext: "c" }), "/a/b.c");
    assert.ok(path.posix === posix && path.isAbsolute("/x") && !path.isAbsolute("x"));
    assert.deepEqual([win32.join("C:\\a", "..", "b"), win32.basename("C:\\x\\y.z"), win32.isAbsolute("C:/x"), win32.normalize("a/b\\..\\c")], ["C:\\b", "y.z", true, "a\\c"]);
  },
  "querystring and url"() {
    assert.deepEqual({ ...qs.parse("a=1&b=2&a=3&c=%20x+y&d") }, { a: ["1", "3"], b: "2", c: " x y", d: "" });
    assert.equal(qs.stringify({ a: [1, 2], b: "é x", c: null, d: true }), "a=1&a=2&b=%C3%A9%20x&c=&d=true");
    const parsed = url.parse("http://user:pw@Example.com:8080/p/a?x=1#h", true);
    assert.deepEqual([parsed.host, parsed.auth, parsed.pathname, parsed.query.x, parsed.hash], ["example.com:8080", "user:pw", "/p/a", "1", "#h"]);
    assert.deepEqual([url.resolve("http://a.com/b/c", "../d"), url.resolve("/one/two/three", "four")], ["http://a.com/d", "/one/two/four"]);
    assert.equal(url.format({ protocol: "https", hostname: "a.b", pathname: "c", query: { d: 1 } }), "https://a.b/c?d=1");
    assert.equal(url.fileURLToPath("file:///a%20b"), "/a b");
    assert.equal(url.pathToFileURL("/a b#").href, "file:///a%20b%23");
    assert.equal(url.domainToASCII("español.com"), "xn--espaol-zwa.com");
    assert.ok(url.URL === URL);
  },
  "string_decoder and punycode"() {
    const decoder = new StringDecoder("utf8");
    assert.equal(decoder.write(Buffer.from([0xe2, 0x82])) + decoder.write(Buffer.from([0xac, 0xf0])) + decoder.end(), "€\ufffd");
    assert.deepEqual([new StringDecoder("base64").write(Buffer.from("abcd")), new StringDecoder("utf16le").write(Buffer.from([0x61, 0, 0x3d]))], ["YWJj", "a"]);
    assert.deepEqual([punycode.encode("mañana"), punycode.decode("maana-pta"), punycode.toASCII("mañana.com"), punycode.toUnicode("xn--maana-pta.com")], ["maana-pta", "mañana", "xn--maana-pta.com", "mañana.com"]);
  },
  async "diagnostics_channel, os, perf_hooks and module"() {
    const seen = [];
    dc.subscribe("x", (message, name) => seen.push(message, name));
    dc.channel("x").publish(1);
    const tracing = dc.tracingChannel("t");
    tracing.subscribe({ start: () => seen.push("start"), end: () => seen.push("end"), asyncEnd: () => seen.push("asyncEnd") });
    await tracing.tracePromise(async () => {});
    assert.deepEqual(seen, [1, "x", "start", "end", "asyncEnd"]);
    assert.deepEqual([os.EOL, os.platform(), os.cpus()], ["\n", "linux", []]);
    assert.ok(performance.now() >= 0 && module.isBuiltin("node:fs") && module.builtinModules.includes("crypto"));
  },
};
