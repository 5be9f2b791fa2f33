import assert from "node:assert";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import zlib from "node:zlib";

const big = Buffer.alloc(300_000, "abcdefg");

const checks = {
  async "what is compressed comes back"() {
    for (const [there, back] of [["gzipSync", "gunzipSync"], ["deflateSync", "inflateSync"], ["deflateRawSync", "inflateRawSync"], ["gzipSync", "unzipSync"], ["deflateSync", "unzipSync"]]) {
      assert.ok(zlib[back](zlib[there](big)).equals(big), there);
      assert.equal(zlib[back](zlib[there]("")).length, 0);
    }
    assert.equal(String(await promisify(zlib.gunzip)(await promisify(zlib.gzip)("abc"))), "abc");
    assert.equal(zlib.deflateRawSync(Buffer.alloc(100, "a"), { level: 9 }).toString("base64"), "S0ykPQAA");
    assert.equal(zlib.gunzipSync(Buffer.concat([zlib.gzipSync("a"), zlib.gzipSync("b")])).toString(), "ab");
  },
  async "as streams too"() {
    assert.equal(await text(Readable.from(["hel", "lo"]).pipe(zlib.createGzip()).pipe(zlib.createGunzip())), "hello");
    await assert.rejects(pipeline(Readable.from([Buffer.from("junk")]), zlib.createGunzip()), { code: "Z_DATA_ERROR", errno: -3, message: "incorrect header check" });
  },
  "bad data and too much of it are refused"() {
    assert.throws(() => zlib.inflateSync(Buffer.from("nonsense")), { message: "incorrect header check" });
    assert.throws(() => zlib.inflateSync(zlib.deflateSync("hello").subarray(0, 6)), { message: "unexpected end of file" });
    assert.throws(() => zlib.gunzipSync(zlib.gzipSync(big), { maxOutputLength: 10 }), { code: "ERR_BUFFER_TOO_LARGE" });
    assert.throws(() => zlib.gzipSync("x", { level: 99 }), { code: "ERR_OUT_OF_RANGE" });
  },
  "dictionaries and checksums"() {
    const dictionary = Buffer.from("abc");
    assert.equal(String(zlib.inflateSync(zlib.deflateSync("abcabc", { dictionary }), { dictionary })), "abcabc");
    assert.throws(() => zlib.inflateSync(zlib.deflateSync("abcabc", { dictionary })), { message: "Missing dictionary" });
    assert.equal(zlib.crc32("hello"), 907060870);
  },
};
