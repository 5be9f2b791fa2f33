/** Bytes and text: the few helpers that many APIs share. */
import { native } from "../host";

export type BufferSource = ArrayBuffer | ArrayBufferView;

export function isBufferSource(value: unknown): value is BufferSource {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBufferLike;
}

/** Some engines have no SharedArrayBuffer. */
const SharedArrayBufferLike = (globalThis as { SharedArrayBuffer?: SharedArrayBufferConstructor }).SharedArrayBuffer ?? class {};

/** The bytes of a buffer or a view, not copied. */
export function viewOf(source: BufferSource): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (isBufferSource(source)) return new Uint8Array(source);
  throw new TypeError("an ArrayBuffer or a view of one is needed");
}

/** A buffer that holds these bytes and no others. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  return (buffer.byteLength === byteLength && buffer instanceof ArrayBuffer ? buffer : bytes.slice().buffer) as ArrayBuffer;
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/** UTF-8 decode (Encoding 6): a byte order mark at the start is dropped, bad sequences become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return stripBom(native.utf8DecodeLossy(bytes));
}

export function stripBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

export function encodeUtf8(text: string): Uint8Array {
  return native.utf8Encode(text);
}
