import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream } from "./encoding";
import { isDisturbed, ReadableStream } from "./streams";

async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

test("text goes there and back, by label", () => {
  assert.deepEqual(new TextEncoder().encode("é"), new Uint8Array([0xc3, 0xa9]));
  assert.equal(new TextDecoder("latin1").decode(new Uint8Array([0xe9])), "é");
  assert.equal(new TextDecoder("latin1").encoding, "windows-1252");
  assert.throws(() => new TextDecoder("none"), RangeError);
  assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])), TypeError);
});

test("a decoder keeps what a chunk left unfinished", () => {
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(new Uint8Array([0xc3]), { stream: true }), "");
  assert.equal(decoder.decode(new Uint8Array([0xa9])), "é");
});

test("encodeInto writes whole code points", () => {
  assert.deepEqual(new TextEncoder().encodeInto("aé", new Uint8Array(2)), { read: 1, written: 1 });
});

test("the streams join split pairs and sequences", async () => {
  const text = ReadableStream.from(["a\ud83d", "\ude00"]).pipeThrough(new TextEncoderStream() as never);
  const bytes = Buffer.concat((await collect(text)) as Uint8Array[]);
  assert.equal(bytes.toString(), "a😀");
  const split = ReadableStream.from([bytes.subarray(0, 3), bytes.subarray(3)]).pipeThrough(new TextDecoderStream() as never);
  assert.equal((await collect(split)).join(""), "a😀");
});

test("a stream remembers that it was read or cancelled", async () => {
  const stream = ReadableStream.from(["a"]);
  assert.equal(isDisturbed(stream as never), false);
  await stream.cancel();
  assert.equal(isDisturbed(stream as never), true);
});
