import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Headers } from "./headers";

test("iteration is sorted, in lower case, combined, with each cookie alone", () => {
  const headers = new Headers([["X-B", "2"], ["set-cookie", "a=1"], ["x-a", " 1 "], ["X-b", "3"], ["Set-Cookie", "b=2"]]);
  assert.deepEqual([...headers], [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1"], ["x-b", "2, 3"]]);
  assert.deepEqual(headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(headers.get("x-B"), "2, 3");
  assert.equal(headers.get("absent"), null);
});

test("set replaces all values in place of the first", () => {
  const headers = new Headers([["a", "1"], ["b", "2"], ["a", "3"]]);
  headers.set("A", "4");
  assert.deepEqual(headers._list, ["a", "4", "b", "2"]);
  headers.delete("a");
  assert.equal(headers.has("a"), false);
});

test("names and values that no field line can carry are refused", () => {
  const headers = new Headers();
  assert.throws(() => headers.append("a b", "1"), TypeError);
  assert.throws(() => headers.append("", "1"), TypeError);
  assert.throws(() => headers.append("a", "1\r\nb: 2"), TypeError);
  assert.throws(() => headers.append("a", "\u0100"), TypeError);
  assert.throws(() => new Headers([["a"]] as never), TypeError);
  assert.throws(() => new Headers(null as never), TypeError);
});

test("an iterator sees what was added while it runs", () => {
  const headers = new Headers({ a: "1" });
  const iterator = headers.keys();
  assert.equal(iterator.next().value, "a");
  headers.append("b", "2");
  assert.equal(iterator.next().value, "b");
  assert.equal(iterator.next().done, true);
});
