/** What the streams and the functions of `node:zlib` need of a format: one compression or decompression, and how its options are read. */
import internal from "ouro:internal";
import { coded, invalidArgType, outOfRange } from "./errors";
import { codes } from "./zlib-constants";

export type Bytes = Uint8Array;

/** Operations are in the numbers of its format. */
export interface Coder {
  readonly flush: number;
  readonly finishFlush: number;
  readonly fullFlush: number;
  /** Of the input. */
  readonly bytesWritten: number;
  /** What comes out for this input, piece by piece. */
  run(input: Bytes, operation: number): Generator<Bytes>;
  reset(): void;
  /** It is not used any more. */
  close(): void;
}

export interface CoderOptions {
  flush?: number;
  finishFlush?: number;
  chunkSize?: number;
  maxOutputLength?: number;
}

export function numberOption<Name extends string>(options: { [name in Name]?: number }, name: Name, min: number, max: number, absent: number): number {
  const value = options[name];
  if (value === undefined || Number.isNaN(value)) return absent;
  if (typeof value !== "number") throw invalidArgType(`options.${name}`, "of type number", value);
  const range = max === Infinity ? `>= ${min}` : `>= ${min} and <= ${max}`;
  if (value < min || value > max) throw outOfRange(`options.${name}`, range, value);
  return value;
}

export function toBytes(value: unknown, name = "buffer"): Bytes {
  if (typeof value === "string") return internal.native.utf8Encode(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, "of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer", value);
}

/** With one of zlib's codes, which Node.js gives in all formats. */
export function failure(code: string, message: string): Error {
  return Object.assign(coded(Error, code, message), { errno: codes[code] });
}
