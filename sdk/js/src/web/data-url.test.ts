import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { parseDataUrl } from "./data-url";
import { fetch } from "./fetch";

function read(url: string): [string, string] | null {
  const parsed = parseDataUrl(url);
  return parsed === null ? null : [parsed.fields[1]!, Buffer.from(parsed.body).toString("latin1")];
}

test("a data URL holds a type and bytes", () => {
  assert.deepEqual(read("data:,a%20b#fragment"), ["text/plain;charset=US-ASCII", "a b"]);
  assert.deepEqual(read("data:text/html,<p>%FF%zz"), ["text/html", "<p>\xff%zz"]);
  assert.deepEqual(read("data:;charset=x,a"), ["text/plain;charset=x", "a"]);
  assert.deepEqual(read("data:text/plain; base64,YWI%3D"), ["text/plain", "ab"]);
});

test("one without a comma or with bad base64 holds nothing", async () => {
  assert.equal(parseDataUrl("data:text/plain"), null);
  assert.equal(parseDataUrl("data:;base64,a"), null);
  await assert.rejects(fetch("data:text/plain"), TypeError);
});

test("fetch answers with what it holds", async () => {
  const response = await fetch("data:text/plain,abc#f");
  assert.deepEqual([response.status, response.statusText, response.url], [200, "OK", "data:text/plain,abc"]);
  assert.equal(await response.text(), "abc");
});
