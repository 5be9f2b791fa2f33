import "../../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import nodeQuery from "node:querystring";
import { StringDecoder as NodeDecoder } from "node:string_decoder";
import { isDeepStrictEqual } from "node:util";
import { isDeepEqual } from "./internal/equal";
import punycode from "./punycode";
import querystring from "./querystring";
import { StringDecoder } from "./string_decoder";

test("queries are read and written as by Node", () => {
  for (const text of ["a=1&a=2&b", "=x", "a=b=c", "%zz=%41", "a+b=c%20d", "&&a=1&", "ü=é"]) assert.deepEqual({ ...querystring.parse(text) }, { ...nodeQuery.parse(text) }, text);
  for (const query of [{ a: [1, 2], b: "é x", d: true }, { a: NaN, b: 3n, c: "" }, { "k k": "!'()*" }]) assert.equal(querystring.stringify(query), nodeQuery.stringify(query as never));
});

test("text that comes in pieces of every size is put together as by Node", () => {
  const bytes = Buffer.from("aé€😀\u{10ffff}z".repeat(2));
  const broken = Buffer.from([0xf0, 0x9f, 0x41, 0xc3, 0xed, 0xa0, 0x80, 0xe2, 0x82]);
  for (const encoding of ["utf8", "utf16le", "base64", "hex", "latin1"] as const) {
    for (const input of encoding === "utf8" ? [bytes, broken] : [bytes]) {
      for (let size = 1; size < 8; size++) {
        const [ours, theirs] = [new (StringDecoder as unknown as new (encoding: string) => NodeDecoder)(encoding), new NodeDecoder(encoding)];
        let [got, wanted] = ["", ""];
        for (let at = 0; at < input.length; at += size) {
          got += ours.write(input.subarray(at, at + size));
          wanted += theirs.write(input.subarray(at, at + size));
        }
        assert.equal(got + ours.end(), wanted + theirs.end(), `${encoding} in pieces of ${size}`);
      }
    }
  }
});

test("punycode of RFC 3492 7.1", () => {
  const samples = { "ليهمابتكلموشعربي؟": "egbpdaj6bu4bxfgehfvwxn", "他们为什么不说中文": "ihqwcrb4cv8a8dqg056pqjye", Pročprostěnemluvíčesky: "Proprostnemluvesky-uyb24dma41a", "-> $1.00 <-": "-> $1.00 <--" };
  for (const [text, encoded] of Object.entries(samples)) {
    assert.equal(punycode.encode(text), encoded);
    assert.equal(punycode.decode(encoded), text);
  }
  assert.throws(() => punycode.decode("ab-99999999999"), RangeError);
});

test("deep equality is Node's", () => {
  const values = [1, "1", NaN, -0, 0, null, undefined, [], [1], [1, undefined], {}, { a: undefined }, { a: 1 }, new Map([[1, { a: 1 }]]), new Map([[1, { a: 2 }]]), new Set([{ a: 1 }]), new Set([{ a: 1 }]), new Date(0), new Date(1), /a/g, /a/, new Error("x"), new TypeError("x"), new Uint8Array([1]), new Uint16Array([1]), Object(1), Object("1"), [, 1], Object.create(null)];
  for (const a of values) for (const b of values) assert.equal(isDeepEqual(a, b, true), isDeepStrictEqual(a, b), `${String(typeof a)} ${JSON.stringify(a)} ${JSON.stringify(b)}`);
});
