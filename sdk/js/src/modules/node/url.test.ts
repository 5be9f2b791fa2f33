import "../../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import nodeUrl from "node:url";
import "../../web/url";
import url from "./url";

const URLS = ["http://user:pw@Example.com:8080/p/a?x=1&y=2#h", "/a/b?c#d", "mailto:a@b.c", "//host/p", "http://a.com", "http://a.com?x", "a/b", "?q", "#h", "", "javascript:alert('x')", "file:///a/b", "http://[::1]:3000/x", "HTTP://A.B/ c", "http://a.com/a b?c d", "x:y/z", "https://a.com/%7Ea"];
const RELATIVES = ["../d", "e", "/f", "?g", "#h", "//other/p", "http://z.com/y", "", "./../x/./y/", "../../../.."];

function fields(parsed: object): Record<string, unknown> {
  return { ...parsed };
}

for (const text of URLS) {
  test(`parses \`${text}\` as Node does`, () => {
    assert.deepEqual(fields(url.parse(text)), fields(nodeUrl.parse(text)));
    assert.equal(url.format(url.parse(text)), nodeUrl.format(nodeUrl.parse(text)));
  });
}

test("resolves as Node does", () => {
  for (const from of ["http://a.com/b/c?q#f", "http://a.com", "/one/two/three", "one/two"]) {
    for (const to of RELATIVES) assert.equal(url.resolve(from, to), nodeUrl.resolve(from, to), JSON.stringify([from, to]));
  }
});

test("files become URLs and back", () => {
  for (const path of ["/a b", "/ü/%41", "/a?b#c", "/a\\b"]) {
    assert.equal(url.pathToFileURL(path).href, nodeUrl.pathToFileURL(path).href);
    assert.equal(url.fileURLToPath(url.pathToFileURL(path)), path);
  }
  assert.throws(() => url.fileURLToPath("http://a/"), { code: "ERR_INVALID_URL_SCHEME" });
});
