import assert from "node:assert";
import stream, { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import { buffer, json, text } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { ReadableStream as WebReadable } from "stream/web";

const checks = {
  async "chunks flow through a pipeline"() {
    const seen = [];
    const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
    await pipeline(Readable.from(["a", "b"]), upper, new Writable({ write: (chunk, _, done) => (seen.push(String(chunk)), done()) }));
    assert.deepEqual(seen, ["A", "B"]);
    await assert.rejects(pipeline(new Readable({ read() { this.destroy(new Error("boom")); } }), new PassThrough()), /boom/);
  },
  async "they are iterated and mapped"() {
    assert.deepEqual(await Readable.from([1, 2, 3]).map((x) => x * 2).filter((x) => x > 2).toArray(), [4, 6]);
    let all = "";
    for await (const chunk of new Readable({ read() { this.push("a"); this.push(null); } })) all += chunk;
    assert.equal(all, "a");
    assert.equal(await text(Readable.from(["a", "b"])), "ab");
    assert.deepEqual(await json(Readable.from(['{"a":', "1}"])), { a: 1 });
    assert.ok(Buffer.isBuffer(await buffer(Readable.from(["q"]))));
  },
  async "characters that chunks part are put together"() {
    const readable = new Readable({ read() {} }).setEncoding("utf8");
    const seen = [];
    readable.on("data", (chunk) => seen.push(chunk));
    for (const bytes of [[0xe2, 0x82], [0xac]]) readable.push(Buffer.from(bytes));
    readable.push(null);
    await finished(readable);
    assert.deepEqual(seen, ["€"]);
  },
  async "they turn into streams of the Web and back"() {
    const web = Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("b")]));
    assert.ok(web instanceof ReadableStream && WebReadable === ReadableStream);
    assert.equal(await new Response(web).text(), "ab");
    assert.equal(await text(Readable.fromWeb(new Response("hello").body)), "hello");
    const seen = [];
    const writer = Writable.toWeb(new Writable({ write: (chunk, _, done) => (seen.push(String(chunk)), done()) })).getWriter();
    await writer.write(new Uint8Array([65]));
    await writer.close();
    const writable = Writable.fromWeb(new WritableStream({ write: (chunk) => void seen.push(String(chunk)) }));
    writable.end("b");
    await finished(writable);
    assert.deepEqual(seen, ["A", "b"]);
    const pair = Duplex.fromWeb(new TransformStream());
    pair.end("through");
    assert.equal(await text(pair), "through");
  },
  async "a signal ends them"() {
    const controller = new AbortController();
    const readable = new Readable({ read() {}, signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await assert.rejects(finished(readable), { name: "AbortError" });
  },
  "the module is the class"() {
    assert.ok(stream === stream.Stream && stream.Readable === Readable && Readable.prototype instanceof stream);
    assert.equal(new Readable().readableHighWaterMark, 65536);
  },
};
