/** Random bytes and numbers. */
import internal from "ouro:internal";
import { asBuffer, kMaxLength } from "../buffer";
import { checkFunction, checkNumber, coded, invalidArgType, outOfRange } from "../errors";
import { nextTick } from "../../process";
import type { Bytes } from "./bytes";

const { native } = internal;

type Callback<T> = (error: Error | null, value: T) => void;

/** Above it a random number would not be exact. */
const RANGE_MAX = 2 ** 48 - 1;

export function randomBytes(size: number, callback?: Callback<Bytes>): Bytes | undefined {
  checkNumber("size", size, 0, kMaxLength);
  const bytes = asBuffer(new Uint8Array(size));
  native.randomFill(bytes);
  if (callback === undefined) return bytes;
  checkFunction("callback", callback);
  nextTick(() => callback(null, bytes));
  return undefined;
}

function part(buffer: unknown, offset: number, size: number | undefined): Bytes {
  if (!ArrayBuffer.isView(buffer) && !(buffer instanceof ArrayBuffer)) throw invalidArgType("buf", "an instance of ArrayBuffer or ArrayBufferView", buffer);
  const [base, start, length] = ArrayBuffer.isView(buffer) ? [buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength] : [buffer, 0, buffer.byteLength];
  checkNumber("offset", offset, 0, length);
  const count = size ?? length - offset;
  checkNumber("size", count, 0, kMaxLength);
  if (offset + count > length) throw outOfRange("size + offset", `<= ${length}`, offset + count);
  return new Uint8Array(base, start + offset, count);
}

export function randomFillSync<T>(buffer: T, offset = 0, size?: number): T {
  native.randomFill(part(buffer, offset, size));
  return buffer;
}

export function randomFill<T>(buffer: T, ...args: unknown[]): void {
  const callback = args.pop();
  checkFunction("callback", callback);
  const [offset, size] = args as [number?, number?];
  native.randomFill(part(buffer, offset ?? 0, size));
  nextTick(() => callback(null, buffer));
}

export function randomInt(min: number, max?: number | Callback<number>, callback?: Callback<number>): number | undefined {
  const [least, most, tell] = typeof max === "number" ? [min, max, callback] : [0, min, max];
  if (!Number.isSafeInteger(least)) throw invalidArgType("min", "a safe integer", least);
  if (!Number.isSafeInteger(most)) throw invalidArgType("max", "a safe integer", most);
  if (most <= least) throw outOfRange("max", `greater than the value of "min" (${least})`, most);
  if (most - least > RANGE_MAX) throw outOfRange(least === 0 ? "max" : "max - min", `<= ${RANGE_MAX}`, most - least);
  const value = least + below(most - least);
  if (tell === undefined) return value;
  checkFunction("callback", tell);
  nextTick(() => tell(null, value));
  return undefined;
}

/** Numbers beyond the last whole multiple of the range are drawn again, so that each is as likely. */
function below(range: number): number {
  const limit = 2 ** 48 - (2 ** 48 % range);
  const bytes = new Uint8Array(6);
  for (;;) {
    native.randomFill(bytes);
    const drawn = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    if (drawn < limit) return drawn % range;
  }
}

const scope = globalThis as unknown as { crypto: { randomUUID(): string; getRandomValues<T>(view: T): T; subtle: object } };

export function randomUUID(options?: unknown): string {
  if (options !== undefined && (typeof options !== "object" || options === null)) throw invalidArgType("options", "of type object", options);
  return scope.crypto.randomUUID();
}

export const getRandomValues = <T>(view: T): T => scope.crypto.getRandomValues(view);
export const webcrypto = scope.crypto;
export const { subtle } = scope.crypto;

export function timingSafeEqual(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b].map((value, i) => {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return part(value, 0, undefined);
    throw invalidArgType(`buf${i + 1}`, "an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
  }) as [Bytes, Bytes];
  if (left.length !== right.length) throw coded(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length");
  return native.timingSafeEqual(left, right);
}
