/** Bytes into and out of the functions of `node:crypto`. */
import internal from "ouro:internal";
import { asBuffer } from "../buffer";
import { encodingNumber, findEncoding } from "../encodings";
import { invalidArgType } from "../errors";

export type Bytes = Uint8Array;

/** Of text in an encoding, or of anything that has bytes. */
export function bytesOf(name: string, value: unknown, encoding?: unknown): Bytes {
  if (typeof value === "string") return internal.native.bufferEncode(value, findEncoding(encoding) ?? 0);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, "of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
}

/** A Buffer, or text where an encoding is named. */
export function output(bytes: Bytes, encoding?: unknown): Bytes | string {
  if (encoding === undefined || encoding === null || encoding === "buffer") return asBuffer(bytes);
  return internal.native.bufferDecode(bytes, encodingNumber(encoding), 0, bytes.length);
}

export function concat(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
