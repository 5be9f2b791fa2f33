import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect as nodeInspect } from "node:util";
import { Blob } from "./blob";
import { CustomEvent } from "./event-classes";
import { Event } from "./events";
import { FormData } from "./form-data";
import { inspect } from "./inspect";

class Point {
  x = 1;
  y = 2;
}
const cyclic: Record<string, unknown> = { name: "c" };
cyclic["self"] = cyclic;
const long = Array.from({ length: 120 }, (_, i) => i * 7);

const samples: Record<string, unknown> = {
  text: "it's",
  escapes: "a\n\t'\"\\\x01",
  numbers: [1, -0, 1.5, Number.NaN, 10n],
  empty: [{}, [], new Map(), new Set(), Object.create(null)],
  object: { a: 1, "b-c": "x", u: undefined, f() {}, g: () => 1, k: class A {}, l: class B extends Point {} },
  nested: { a: { b: { c: { d: 1 } } } },
  levels: { a: { b: { c: {} } } },
  wide: { alpha: "a".repeat(30), beta: "b".repeat(30), gamma: "c".repeat(30) },
  map: new Map<unknown, unknown>([["k", { v: 1 }], [{ o: 1 }, [1, 2]]]),
  set: new Set([1, "two", { three: 3 }]),
  instance: new Point(),
  date: new Date(0),
  regexp: /a+/gi,
  cyclic,
  holes: [1, , , 4],
  long,
  longerThanNamed: new Array(100_001).fill("x"),
  longerBytes: new Uint8Array(100_001),
  words: ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"],
  mixed: [1, "a", { b: 2 }, [3], null, undefined, true, 8, 9],
  bytes: new Uint8Array([1, 2, 3]),
  buffer: new Uint8Array([1, 255]).buffer,
  accessors: { get a() { return 1; }, set b(_v: number) {}, get c() { return 1; }, set c(_v: number) {} },
  boxed: [new String("s"), new Number(1), new Boolean(false)],
  rows: [{ id: 1, name: "first", tags: ["a", "b"] }, { id: 2, name: "second", tags: [] }],
  deep: { list: [{ a: { b: { c: 1 } } }] },
};

for (const [name, value] of Object.entries(samples)) {
  test(`prints ${name} as Node does`, () => assert.equal(inspect(value), nodeInspect(value)));
}

test("an error prints its name, message and stack once", () => {
  const error = new RangeError("too far");
  assert.equal(inspect(error), error.stack);
  // QuickJS's stacks hold frames only.
  error.stack = "    at f (worker.js:1:2)\n";
  assert.equal(inspect(error), "RangeError: too far\n    at f (worker.js:1:2)");
});

test("an object says itself how it prints", () => {
  const custom = { [Symbol.for("nodejs.util.inspect.custom")]: (depth: number) => `at\n${depth}` };
  assert.equal(inspect({ custom }), nodeInspect({ custom }));
});

test("objects of the platform show what is behind their getters; their prototypes do not throw", () => {
  assert.match(inspect(new CustomEvent("a", { detail: 1 })), /^CustomEvent \{\s+type: 'a',[^]*detail: 1\s+\}$/);
  for (const prototype of [Event.prototype, Blob.prototype, FormData.prototype]) assert.equal(typeof inspect(prototype), "string");
});

const options = [
  { colors: true },
  { showHidden: true },
  { sorted: true },
  { sorted: (a: string, b: string) => (a < b ? 1 : -1) },
  { compact: false },
  { compact: 1 },
  { breakLength: 20 },
  { breakLength: Infinity },
  { maxArrayLength: 2 },
  { maxArrayLength: null },
  { maxStringLength: 3 },
  { getters: true },
  { numericSeparator: true },
  { customInspect: false },
];

for (const option of options) {
  test(`prints with ${Object.entries(option).map(([name, value]) => `${name}: ${String(value)}`).join()} as Node does`, () => {
    const value = {
      list: Array.from({ length: 30 }, (_, n) => n * 1000),
      text: "some text",
      "odd-key": [true, null, undefined, 12345.6789, 10n],
      nested: { b: { c: { d: { e: 1 } } }, a: () => 1 },
      get own() {
        return 5;
      },
      when: new Date(0),
      pattern: /x/g,
      map: new Map([["k", new Set([1])]]),
    };
    assert.equal(inspect(value, undefined, option), nodeInspect(value, { breakLength: 80, ...option }));
  });
}

test("a class is known by its prototype where there is no source to read", () => {
  class Known {}
  assert.equal(inspect(Known), "[class Known]");
  assert.equal(inspect(Map), "[Function: Map]");
  assert.equal(inspect(function plain() {}), "[Function: plain]");
});

test("keys that are symbols stand without brackets, those that are hidden within", () => {
  const value = Object.defineProperty({ [Symbol("s")]: null }, "hidden", { value: 1 });
  assert.equal(inspect(value, undefined, { showHidden: true }), "{ [hidden]: 1, Symbol(s): null }");
});
