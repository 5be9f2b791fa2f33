import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { URL, URLSearchParams } from "./url";

test("search and searchParams follow each other", () => {
  const url = new URL("http://x/?a=1&a=2#h");
  const params = url.searchParams;
  params.append("b", "3 4");
  assert.equal(url.href, "http://x/?a=1&a=2&b=3+4#h");
  url.search = "?c=5";
  assert.deepEqual([...params], [["c", "5"]]);
  assert.equal(url.searchParams, params);
  params.delete("c");
  assert.equal(url.href, "http://x/#h");
});

test("an invalid URL is a TypeError, or null from parse", () => {
  assert.throws(() => new URL("nothing"), TypeError);
  assert.equal(URL.parse("nothing"), null);
  assert.equal(URL.canParse("/a", "http://x"), true);
  assert.equal(URL.parse("/a", "http://x")?.href, "http://x/a");
});

test("URLSearchParams takes text, pairs, records and others of its kind", () => {
  assert.equal(new URLSearchParams("?a=%20b").get("a"), " b");
  assert.equal(new URLSearchParams([["a", "1"], ["b", "2"]]).toString(), "a=1&b=2");
  assert.equal(new URLSearchParams({ a: "1" }).toString(), "a=1");
  assert.equal(new URLSearchParams(new URLSearchParams("a=1")).toString(), "a=1");
  assert.throws(() => new URLSearchParams([["a"]]), TypeError);
});

test("set, sort, has and delete work by name and value", () => {
  const params = new URLSearchParams("b=1&a=2&b=3");
  params.sort();
  assert.equal(params.toString(), "a=2&b=1&b=3");
  assert.equal(params.has("b", "3"), true);
  params.delete("b", "1");
  params.set("a", "9");
  assert.equal(params.toString(), "a=9&b=3");
  assert.equal(params.size, 2);
});
