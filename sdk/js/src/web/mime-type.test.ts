import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { extractMimeType, parseMimeType, serializeMimeType } from "./mime-type";

function normal(text: string): string | null {
  const type = parseMimeType(text);
  return type === null ? null : serializeMimeType(type);
}

test("a MIME type is parsed and written in its normal form", () => {
  assert.equal(normal(" TEXT/Html ; Charset=GBK"), "text/html;charset=GBK");
  assert.equal(normal("text/html;charset=gbk;charset=windows-1255"), "text/html;charset=gbk");
  assert.equal(normal('x/x;a="b c\\"d"x;e=f'), 'x/x;a="b c\\"d";e=f');
  assert.equal(normal("x/x;=a;b=;c=d"), "x/x;c=d");
  assert.equal(normal('x/x;a="b'), "x/x;a=b");
});

test("what is no MIME type is none", () => {
  for (const text of ["", "text", "text/", "/plain", "te xt/plain", "text/plain,x"]) assert.equal(normal(text), null, text);
});

test("the last valid type of a header counts, with the charset of an equal one before it", () => {
  const extract = (header: string): string | null => {
    const type = extractMimeType(header);
    return type === null ? null : serializeMimeType(type);
  };
  assert.equal(extract("text/html;charset=utf-8, text/html"), "text/html;charset=utf-8");
  assert.equal(extract("text/html;charset=utf-8, text/plain"), "text/plain");
  assert.equal(extract('text/html;a="b,c", */*'), 'text/html;a="b,c"');
  assert.equal(extract("nothing"), null);
});
