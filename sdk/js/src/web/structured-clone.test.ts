import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Headers } from "./headers";
import { structuredClone } from "./structured-clone";

test("values of JavaScript's own types are copied deeply", () => {
  const value = {
    primitives: [1, "a", true, null, undefined, 1n],
    date: new Date(5),
    regexp: /a/g,
    map: new Map([[{ k: 1 }, new Set([1])]]),
    bytes: new Uint16Array([1, 2, 3]).subarray(1),
    boxed: new String("s"),
    error: new RangeError("r", { cause: { c: 1 } }),
  };
  const copy = structuredClone(value);
  assert.deepEqual(copy, value);
  assert.notEqual(copy.date, value.date);
  assert.notEqual(copy.bytes.buffer, value.bytes.buffer);
  assert.ok(copy.error instanceof RangeError);
});

test("cycles and identity are kept", () => {
  const value: Record<string, unknown> = { shared: {} };
  value["self"] = value;
  value["again"] = value["shared"];
  const copy = structuredClone(value);
  assert.equal(copy["self"], copy);
  assert.equal(copy["again"], copy["shared"]);
  assert.notEqual(copy["shared"], value["shared"]);
});

test("an instance loses its class, an array keeps holes and extra properties", () => {
  class Point {
    x = 1;
  }
  assert.deepEqual(structuredClone(new Point()), { x: 1 });
  const sparse = Object.assign([1, , 3], { extra: 1 });
  const copy = structuredClone(sparse);
  assert.equal(1 in copy, false);
  assert.equal(copy.extra, 1);
});

test("functions, symbols, promises and platform objects are refused", () => {
  for (const value of [() => 1, Symbol("s"), Promise.resolve(), new WeakMap(), new Headers(), { nested: () => 1 }]) {
    assert.throws(() => structuredClone(value), { name: "DataCloneError" });
  }
});

test("a transferred buffer moves", () => {
  const buffer = new Uint8Array([1, 2]).buffer;
  const copy = structuredClone({ buffer }, { transfer: [buffer] });
  assert.equal(buffer.byteLength, 0);
  assert.deepEqual(new Uint8Array(copy.buffer), new Uint8Array([1, 2]));
});
