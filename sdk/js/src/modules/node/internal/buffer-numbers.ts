/** `readInt16LE`, `writeDoubleBE` and their like. Byte by byte: a `DataView` for each call would cost more. */
import { coded, invalidArgType, outOfRange } from "./errors";

type Bytes = Uint8Array;
type Define = (name: string, value: unknown) => void;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

function checkPlace(buffer: Bytes, offset: unknown, size: number): asserts offset is number {
  if (typeof offset !== "number") throw invalidArgType("offset", "of type number", offset);
  const last = buffer.length - size;
  if (offset >= 0 && offset <= last && Number.isInteger(offset)) return;
  if (!Number.isInteger(offset)) throw outOfRange("offset", "an integer", offset);
  if (last < 0) throw coded(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds");
  throw outOfRange("offset", `>= 0 and <= ${last}`, offset);
}

function checkSize(size: unknown): asserts size is number {
  if (typeof size !== "number") throw invalidArgType("byteLength", "of type number", size);
  if (!Number.isInteger(size)) throw outOfRange("byteLength", "an integer", size);
  if (size < 1 || size > 6) throw outOfRange("byteLength", ">= 1 and <= 6", size);
}

function readUnsigned(buffer: Bytes, offset: number, size: number, little: boolean): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + buffer[little ? offset + size - 1 - i : offset + i]!;
  return value;
}

function readSigned(buffer: Bytes, offset: number, size: number, little: boolean): number {
  const value = readUnsigned(buffer, offset, size, little);
  const half = 2 ** (size * 8 - 1);
  return value >= half ? value - 2 * half : value;
}

function writeInteger(buffer: Bytes, value: unknown, offset: number, size: number, little: boolean, signed: boolean): number {
  const number = Number(value);
  const [min, max] = signed ? [-(2 ** (size * 8 - 1)), 2 ** (size * 8 - 1) - 1] : [0, 2 ** (size * 8) - 1];
  if (number > max || number < min) throw outOfRange("value", rangeText(size, signed, min, max), value);
  checkPlace(buffer, offset, size);
  let rest = Math.trunc(number) || 0;
  for (let i = 0; i < size; i++) {
    buffer[little ? offset + i : offset + size - 1 - i] = rest;
    rest = Math.floor(rest / 256);
  }
  return offset + size;
}

function rangeText(size: number, signed: boolean, min: number, max: number): string {
  if (size <= 4) return `>= ${min} and <= ${max}`;
  return signed ? `>= -(2 ** ${size * 8 - 1}) and < 2 ** ${size * 8 - 1}` : `>= 0 and < 2 ** ${size * 8}`;
}

function integers(define: Define, name: string, size: number, little: boolean, signed: boolean): void {
  const read = signed ? readSigned : readUnsigned;
  define(`read${name}`, function (this: Bytes, offset = 0): number {
    checkPlace(this, offset, size);
    return read(this, offset, size, little);
  });
  define(`write${name}`, function (this: Bytes, value: number, offset = 0): number {
    return writeInteger(this, value, offset, size, little, signed);
  });
}

function variable(define: Define, name: string, little: boolean, signed: boolean): void {
  const read = signed ? readSigned : readUnsigned;
  define(`read${name}`, function (this: Bytes, offset: number, size: number): number {
    checkSize(size);
    checkPlace(this, offset, size);
    return read(this, offset, size, little);
  });
  define(`write${name}`, function (this: Bytes, value: number, offset: number, size: number): number {
    checkSize(size);
    return writeInteger(this, value, offset, size, little, signed);
  });
}

type Stored = "Float32" | "Float64" | "BigInt64" | "BigUint64";

function stored(define: Define, name: string, type: Stored, size: number, little: boolean): void {
  define(`read${name}`, function (this: Bytes, offset = 0): number | bigint {
    checkPlace(this, offset, size);
    for (let i = 0; i < size; i++) scratchBytes[i] = this[offset + i]!;
    return scratch[`get${type}`](0, little);
  });
  define(`write${name}`, function (this: Bytes, value: never, offset = 0): number {
    if (type.startsWith("Big")) checkBig(value, type === "BigInt64");
    checkPlace(this, offset, size);
    scratch[`set${type}`](0, value, little);
    this.set(size === 8 ? scratchBytes : scratchBytes.subarray(0, size), offset);
    return offset + size;
  });
}

function checkBig(value: bigint, signed: boolean): void {
  const [min, max] = signed ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  if (value < min || value > max) throw outOfRange("value", signed ? ">= -(2n ** 63n) and < 2n ** 63n" : ">= 0n and < 2n ** 64n", value);
}

/** Defines all of them; those with `UInt` under `Uint` too. */
export function installNumbers(define: Define): void {
  const both: Define = (name, value) => {
    define(name, value);
    if (name.includes("UInt")) define(name.replace("UInt", "Uint"), value);
  };
  integers(both, "UInt8", 1, true, false);
  integers(both, "Int8", 1, true, true);
  for (const little of [true, false]) {
    const end = little ? "LE" : "BE";
    for (const size of [2, 4]) {
      integers(both, `UInt${size * 8}${end}`, size, little, false);
      integers(both, `Int${size * 8}${end}`, size, little, true);
    }
    variable(both, `UInt${end}`, little, false);
    variable(both, `Int${end}`, little, true);
    stored(both, `Float${end}`, "Float32", 4, little);
    stored(both, `Double${end}`, "Float64", 8, little);
    stored(both, `BigInt64${end}`, "BigInt64", 8, little);
    stored(both, `BigUInt64${end}`, "BigUint64", 8, little);
  }
}
