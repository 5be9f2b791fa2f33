import assert from "node:assert";
import util, { callbackify, deprecate, format, inspect, isDeepStrictEqual, parseArgs, promisify, stripVTControlCharacters, styleText, types } from "node:util";
import * as typesModule from "util/types";

const checks = {
  "values are shown as Node shows them"() {
    assert.equal(inspect({ a: { b: { c: { d: 1 } } } }), "{ a: { b: { c: [Object] } } }");
    assert.equal(inspect({ a: { b: 1 } }, { depth: 0 }), "{ a: [Object] }");
    assert.equal(inspect(Buffer.from("abc")), "<Buffer 61 62 63>");
    assert.equal(inspect({ [inspect.custom]: () => "mine" }), "mine");
    assert.equal(format("%s %d %j", "a", 1.5, { a: 1 }, "rest"), 'a 1.5 {"a":1} rest');
  },
  async "callbacks become promises and the other way round"() {
    assert.equal(await promisify((a, done) => done(null, a + 1))(1), 2);
    await assert.rejects(promisify((done) => done(new Error("x")))(), /x/);
    const custom = Object.assign(() => {}, { [promisify.custom]: async () => "custom" });
    assert.equal(await promisify(custom)(), "custom");
    assert.deepEqual(await new Promise((resolve) => callbackify(async (a) => a)(3, (...args) => resolve(args))), [null, 3]);
  },
  "types are told by what values are"() {
    assert.ok(types.isDate(new Date(0)) && !types.isDate(Object.create(Date.prototype)));
    assert.ok(types.isMap(new Map()) && types.isRegExp(/a/) && types.isUint8Array(Buffer.alloc(1)) && types.isAsyncFunction(async () => {}));
    assert.ok(typesModule.isBoxedPrimitive(Object(1)) && typesModule.isGeneratorFunction(function* () {}));
  },
  "deep equality"() {
    assert.ok(isDeepStrictEqual({ a: [1, new Map([[{ k: 1 }, new Set([{ b: 2 }])]])] }, { a: [1, new Map([[{ k: 1 }, new Set([{ b: 2 }])]])] }));
    assert.ok(!isDeepStrictEqual([1], ["1"]) && !isDeepStrictEqual(new Date(0), new Date(1)) && !isDeepStrictEqual(0, -0));
    const [a, b] = [{}, {}];
    a.self = a;
    b.self = b;
    assert.ok(isDeepStrictEqual(a, b));
  },
  "small things"() {
    assert.equal(deprecate(() => 5, "old")(), 5);
    assert.equal(stripVTControlCharacters(styleText("red", "x")), "x");
    assert.deepEqual({ ...parseArgs({ args: ["-f", "--bar", "b"], options: { foo: { type: "boolean", short: "f" }, bar: { type: "string" } } }).values }, { foo: true, bar: "b" });
    assert.equal(util.inspect, inspect);
    assert.equal(typeof util.debuglog("x").enabled, "boolean");
    assert.equal(String(new util.MIMEType("Text/HTML; charset=utf-8")), "text/html;charset=utf-8");
  },
};
