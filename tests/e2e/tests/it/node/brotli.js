import assert from "node:assert";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import zlib, { constants } from "node:zlib";

/** Text of a million bytes that is not all the same. */
let lines = "";
for (let n = 1; lines.length < 1_000_000; n = (n * 48_271) % 2_147_483_647) lines += `${n % 5000} `;
const million = Buffer.from(lines.slice(0, 1_000_000));
const inPieces = (bytes) => Readable.from((function* () { for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000); })());
const quality = (value) => ({ params: { [constants.BROTLI_PARAM_QUALITY]: value } });
const level = (value) => ({ params: { [constants.ZSTD_c_compressionLevel]: value } });

const checks = {
  async "a million bytes go through as a stream"() {
    const brotli = zlib.createBrotliCompress(quality(5));
    const packed = await buffer(inPieces(million).pipe(brotli));
    assert.ok(packed.length < 500_000, `${packed.length}`);
    assert.equal(brotli.bytesWritten, million.length);
    assert.ok((await buffer(inPieces(packed).pipe(zlib.createBrotliDecompress()))).equals(million));
    assert.ok(zlib.brotliDecompressSync(packed).equals(million));
    const zstd = await buffer(inPieces(million).pipe(zlib.createZstdCompress()));
    assert.ok((await buffer(inPieces(zstd).pipe(zlib.createZstdDecompress()))).equals(million));
  },
  "what is compressed at once comes back"() {
    for (const options of [undefined, quality(0), quality(4), { params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_LGBLOCK]: 24 } }]) {
      const part = million.subarray(0, 50_000);
      assert.ok(zlib.brotliDecompressSync(zlib.brotliCompressSync(part, options)).equals(part));
      assert.equal(zlib.brotliDecompressSync(zlib.brotliCompressSync("", options)).length, 0);
    }
    for (const options of [undefined, level(-3), level(19), { pledgedSrcSize: million.length }]) {
      assert.ok(zlib.zstdDecompressSync(zlib.zstdCompressSync(million, options)).equals(million));
      if (options?.pledgedSrcSize === undefined) assert.equal(zlib.zstdDecompressSync(zlib.zstdCompressSync("", options)).length, 0);
    }
  },
  async "and as in Node.js, to the letter"() {
    assert.equal(zlib.brotliCompressSync("abc").toString("hex"), "0b018061626303");
    assert.equal(zlib.brotliCompressSync("").toString("hex"), "3b");
    assert.equal(zlib.zstdCompressSync("abc").toString("hex"), "28b52ffd2003190000616263");
    assert.equal(String(await promisify(zlib.brotliDecompress)(await promisify(zlib.brotliCompress)("abc", quality(1)))), "abc");
    assert.equal(String(await promisify(zlib.zstdDecompress)(await promisify(zlib.zstdCompress)("abc"))), "abc");
    // With a checksum.
    assert.equal(String(zlib.zstdDecompressSync(Buffer.from("28b52ffd2403190000616263990977ad", "hex"))), "abc");
  },
  async "what was flushed can be read"() {
    for (const [there, back] of [[zlib.createBrotliCompress(), zlib.createBrotliDecompress()], [zlib.createZstdCompress(), zlib.createZstdDecompress()]]) {
      there.pipe(back);
      const first = new Promise((resolve) => back.once("data", resolve));
      there.write("hello");
      there.flush();
      assert.equal(String(await first), "hello");
      there.end(" world");
      assert.equal(String(await buffer(back)), " world");
    }
  },
  async "data that is none is refused with Node.js' codes"() {
    const cut = zlib.brotliCompressSync("hello hello").subarray(0, 6);
    const zstdCut = zlib.zstdCompressSync(million).subarray(0, 1000);
    assert.throws(() => zlib.brotliDecompressSync("garbage!!"), { code: "ERR__ERROR_FORMAT_PADDING_1", errno: -14, message: "Decompression failed" });
    assert.throws(() => zlib.zstdDecompressSync("garbage!!"), { code: "ZSTD_error_prefix_unknown", errno: 10, message: "Unknown frame descriptor" });
    for (const attempt of [() => zlib.brotliDecompressSync(cut), () => zlib.brotliDecompressSync(""), () => zlib.zstdDecompressSync(zstdCut)]) {
      assert.throws(attempt, { code: "Z_BUF_ERROR", errno: -5, message: "unexpected end of file" });
    }
    assert.equal(String(zlib.brotliDecompressSync(cut, { finishFlush: constants.BROTLI_OPERATION_FLUSH })), "hel");
    assert.equal(String(zlib.brotliDecompressSync(Buffer.concat([zlib.brotliCompressSync("hello"), cut]))), "hello");
    await assert.rejects(pipeline(Readable.from([Buffer.from("garbage!!")]), zlib.createBrotliDecompress()), { code: "ERR__ERROR_FORMAT_PADDING_1" });
    await assert.rejects(promisify(zlib.zstdDecompress)("garbage!!"), { code: "ZSTD_error_prefix_unknown" });
    await assert.rejects(pipeline(Readable.from(["abc"]), zlib.createZstdCompress({ pledgedSrcSize: 30 })), { code: "ZSTD_error_srcSize_wrong" });
  },
  "and so are options"() {
    assert.throws(() => zlib.brotliCompressSync("x", { params: { 999: 1 } }), { name: "RangeError", code: "ERR_BROTLI_INVALID_PARAM", message: "999 is not a valid Brotli parameter" });
    assert.throws(() => zlib.createZstdCompress({ params: { 999: 1 } }), { name: "RangeError", code: "ERR_ZSTD_INVALID_PARAM" });
    assert.throws(() => zlib.createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 99 } }), { code: "ERR_ZLIB_INITIALIZATION_FAILED", message: "Initialization failed" });
    assert.throws(() => zlib.createBrotliDecompress({ params: { 5: 1 } }), { code: "ERR_ZLIB_INITIALIZATION_FAILED" });
    assert.throws(() => zlib.brotliCompressSync("x", quality("a")), { code: "ERR_INVALID_ARG_TYPE" });
    assert.throws(() => zlib.brotliCompressSync("x", { flush: 9 }), { code: "ERR_OUT_OF_RANGE", message: /It must be >= 0 and <= 3/ });
    assert.throws(() => zlib.createZstdCompress({ flush: 3 }), { code: "ERR_OUT_OF_RANGE", message: /It must be >= 0 and <= 2/ });
    assert.throws(() => zlib.brotliCompressSync("x", { chunkSize: 1 }), { code: "ERR_OUT_OF_RANGE" });
    assert.throws(() => zlib.brotliCompressSync(5), { code: "ERR_INVALID_ARG_TYPE" });
    assert.throws(() => zlib.brotliCompress("x"), { code: "ERR_INVALID_ARG_TYPE" });
  },
  "a bomb is no more than maxOutputLength"() {
    const zeros = Buffer.alloc(20_000_000);
    for (const [there, back] of [["brotliCompressSync", "brotliDecompressSync"], ["zstdCompressSync", "zstdDecompressSync"]]) {
      const bomb = zlib[there](zeros, there.startsWith("brotli") ? quality(1) : {});
      assert.ok(bomb.length < 10_000);
      assert.throws(() => zlib[back](bomb, { maxOutputLength: 1000 }), { name: "RangeError", code: "ERR_BUFFER_TOO_LARGE" });
    }
  },
  "coders that are open count against the request until they are closed"() {
    const open = [];
    const fill = () => {
      const coder = zlib.createBrotliCompress();
      open.push(coder);
      coder.on("error", () => {});
      coder.write(million.subarray(0, 300_000));
      return coder.errored;
    };
    assert.equal(fill(), null);
    assert.equal(fill()?.code, "Z_MEM_ERROR");
    for (const coder of open) coder.close();
    assert.equal(fill(), null);
  },
  "classes are called with new and without"() {
    assert.ok(zlib.BrotliCompress() instanceof zlib.BrotliCompress);
    assert.ok(zlib.createZstdDecompress() instanceof zlib.ZstdDecompress);
    assert.equal(zlib.createBrotliDecompress().constructor.name, "BrotliDecompress");
    assert.equal(constants.BROTLI_PARAM_SIZE_HINT, 5);
  },
  "a stream begins anew after reset"() {
    const coder = zlib.createBrotliCompress();
    coder.write("lost");
    coder.reset();
    coder.end("abc");
    assert.equal(coder.read().toString("hex"), "0b018061626303");
  },
};
