import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { CompressionStream, DecompressionStream } from "./compression";
import { FixedLengthStream, IdentityTransformStream, withLength } from "./identity-stream";
import { ReadableStream, TransformStream, WritableStream } from "./streams";
import "./streams/transfer";
import { structuredClone } from "./structured-clone";

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return text(Buffer.concat(chunks));
}

test("a pipe writes what was read before it ends with the signal's reason", async () => {
  const written: unknown[] = [];
  const aborter = new AbortController();
  const source = new ReadableStream({ start: (controller) => ["a", "b"].forEach((chunk) => controller.enqueue(chunk)) });
  const sink = new WritableStream({ write: (chunk) => void (written.push(chunk) === 2 && aborter.abort("enough")) });
  await assert.rejects(source.pipeTo(sink, { signal: aborter.signal as never }), (reason) => reason === "enough");
  assert.deepEqual(written, ["a", "b"]);
});

test("a sink's write does not run within enqueue", async () => {
  let writing = false;
  let within = false;
  let controller!: { enqueue(chunk: string): void };
  const source = new ReadableStream({ start: (made) => void (controller = made) });
  void source.pipeTo(new WritableStream({ write: () => void (within ||= writing) }));
  await new Promise((resolve) => setTimeout(resolve, 0));
  writing = true;
  controller.enqueue("a");
  writing = false;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(within, false);
});

test("both branches of a byte stream read into buffers of their own", async () => {
  const stream = new ReadableStream<Uint8Array>({
    type: "bytes",
    start(controller) {
      controller.enqueue(bytes("ab") as never);
      controller.close();
    },
  });
  const [left, right] = stream.tee();
  const first = await left.getReader({ mode: "byob" }).read(new Uint8Array(1));
  assert.equal(text(first.value), "a");
  assert.equal(await collect(right), "ab");
});

test("readAtLeast waits for so many bytes", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  void writer.write(bytes("ab")).then(() => writer.write(bytes("cd")));
  const { value } = await readable.getReader({ mode: "byob" }).readAtLeast(3, new Uint8Array(8));
  assert.equal(text(value), "abcd");
});

test("an identity stream refuses what is no bytes", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writing = writable.getWriter().write("text" as never);
  await assert.rejects(collect(readable), /received a string on its writable side/);
  await assert.rejects(writing, TypeError);
});

test("a fixed length is announced, and more or fewer bytes are an error", async () => {
  const exact = new FixedLengthStream(3);
  assert.deepEqual(withLength(["a", "b"], exact.readable), ["a", "b", "content-length", "3"]);
  assert.deepEqual(withLength(["content-length", "4"], exact.readable), ["content-length", "4"]);
  const writer = exact.writable.getWriter();
  const wrote = writer.write(bytes("abc")).then(() => writer.close());
  assert.equal(await collect(exact.readable), "abc");
  await wrote;

  const long = new FixedLengthStream(1n);
  await assert.rejects(long.writable.getWriter().write(bytes("ab")), /too many bytes/);
  const short = new FixedLengthStream(1);
  await assert.rejects(short.writable.getWriter().close(), /did not see all expected bytes/);
  await assert.rejects(short.readable.getReader().read(), TypeError);
  assert.throws(() => new FixedLengthStream(-1), TypeError);
});

test("what is compressed can be decompressed", async () => {
  const source = new ReadableStream<Uint8Array>({ start: (controller) => (controller.enqueue(bytes("hello".repeat(1000))), controller.close()) });
  const there = source.pipeThrough(new CompressionStream("gzip") as never) as ReadableStream<Uint8Array>;
  assert.equal(await collect(there.pipeThrough(new DecompressionStream("gzip") as never)), "hello".repeat(1000));
  assert.throws(() => new CompressionStream("zip" as never), TypeError);
});

test("decompression makes no more than a chunk before somebody reads", async () => {
  const compressor = new CompressionStream("gzip");
  const zeros = compressor.writable.getWriter();
  void zeros.write(new Uint8Array(1_000_000)).then(() => zeros.close());
  const chunks: Uint8Array[] = [];
  for await (const chunk of compressor.readable) chunks.push(chunk);
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  let closed = false;
  void writer.write(Buffer.concat(chunks)).then(() => writer.close()).then(() => (closed = true));
  const reader = readable.getReader();
  const { value } = await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(value!.length <= 64 * 1024);
  assert.equal(closed, false);
  let total = value!.length;
  for (;;) {
    const next = await reader.read();
    if (next.done) break;
    total += next.value.length;
  }
  assert.equal(total, 1_000_000);
});

test("a transform that throws errors both sides", async () => {
  const failing = new TransformStream({
    transform() {
      throw new RangeError("no");
    },
  });
  const writing = failing.writable.getWriter().write("a");
  await assert.rejects(failing.readable.getReader().read(), RangeError);
  await assert.rejects(writing, RangeError);
});

test("a transferred stream goes on elsewhere, with copies of its chunks", async () => {
  const chunk = { a: [1] };
  const stream = new ReadableStream({ start: (controller) => (controller.enqueue(chunk), controller.close()) });
  const moved = structuredClone(stream, { transfer: [stream] });
  assert.equal(stream.locked, true);
  const { value } = await moved.getReader().read();
  assert.deepEqual(value, chunk);
  assert.notEqual(value, chunk);
  assert.throws(() => structuredClone(stream, { transfer: [stream] }), { name: "DataCloneError" });
});
