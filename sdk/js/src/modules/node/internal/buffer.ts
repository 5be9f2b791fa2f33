/** `Buffer`: a `Uint8Array` with the encodings, numbers and searches of Node.js. */
import internal from "ouro:internal";
import { ASCII, BASE64, BASE64URL, encodingNumber, findEncoding, HEX, LATIN1, UTF16LE, UTF8 } from "./encodings";
import { checkString, coded, invalidArgType, invalidArgValue, outOfRange } from "./errors";
import { installNumbers } from "./buffer-numbers";

const { native } = internal;

export const kMaxLength = 2 ** 31 - 1;
export const kStringMaxLength = 2 ** 29 - 24;
const CUSTOM_INSPECT = Symbol.for("nodejs.util.inspect.custom");
const INSPECTED_BYTES = 50;

type Bytes = Uint8Array;
type Search = string | number | Uint8Array;

/** Instances are made by this class; `Buffer` itself is a function, since old code calls it without `new`. */
class FastBuffer extends Uint8Array {}

export interface Buffer extends Uint8Array {
  [key: string]: unknown;
  [index: number]: number;
}

export function Buffer(this: unknown, value: unknown, encodingOrOffset?: unknown, length?: number): Bytes {
  if (typeof value !== "number") return from(value, encodingOrOffset, length);
  if (typeof encodingOrOffset === "string") throw invalidArgType("string", "of type string", value);
  return alloc(value);
}
Object.setPrototypeOf(Buffer, Uint8Array);
Object.defineProperty(Buffer, "prototype", { value: FastBuffer.prototype, writable: false });
Object.defineProperty(FastBuffer.prototype, "constructor", { value: Buffer, writable: true, configurable: true });

/** Makes a buffer of bytes that nobody else holds. */
export function asBuffer(bytes: Bytes): Bytes {
  return Object.setPrototypeOf(bytes, FastBuffer.prototype) as Bytes;
}

/** A buffer on the same memory. */
export function viewAsBuffer(view: ArrayBufferView | ArrayBuffer): Bytes {
  if (view instanceof ArrayBuffer) return new FastBuffer(view);
  return new FastBuffer(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
}

export function from(value: unknown, encodingOrOffset?: unknown, length?: number): Bytes {
  if (typeof value === "string") return asBuffer(native.bufferEncode(value, encodingNumber(encodingOrOffset)));
  if (typeof value === "object" && value !== null) {
    if (isAnyArrayBuffer(value)) return fromArrayBuffer(value, encodingOrOffset, length);
    const primitive = (value as object).valueOf();
    if (primitive !== value && primitive !== null && (typeof primitive === "string" || typeof primitive === "object")) {
      return from(primitive, encodingOrOffset, length);
    }
    const list = fromObject(value);
    if (list !== null) return list;
    const convert = (value as Record<symbol, unknown>)[Symbol.toPrimitive];
    if (typeof convert === "function") {
      const text: unknown = convert.call(value, "string");
      if (typeof text === "string") return from(text, encodingOrOffset);
    }
  }
  throw invalidArgType("first argument", "of type string or an instance of Buffer, TypedArray, ArrayBuffer, SharedArrayBuffer, or Array or an Array-like Object", value);
}

function isAnyArrayBuffer(value: object): value is ArrayBuffer {
  return value instanceof ArrayBuffer || (typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer);
}

function fromArrayBuffer(buffer: ArrayBuffer, offset: unknown, length?: number): Bytes {
  const start = Math.trunc(Number(offset)) || 0;
  const most = buffer.byteLength - start;
  if (most < 0) throw coded(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"offset" is outside of buffer bounds');
  if (length === undefined) return new FastBuffer(buffer, start);
  const count = Math.max(Math.trunc(Number(length)) || 0, 0);
  if (count > most) throw coded(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", '"length" is outside of buffer bounds');
  return new FastBuffer(buffer, start, count);
}

function fromObject(value: object): Bytes | null {
  const { length, type, data } = value as { length?: unknown; type?: unknown; data?: unknown };
  if (length !== undefined) return typeof length === "number" ? new FastBuffer(value as ArrayLike<number>) : new FastBuffer(0);
  if (isAnyArrayBuffer((value as { buffer?: object }).buffer ?? {})) return new FastBuffer(0);
  return type === "Buffer" && Array.isArray(data) ? new FastBuffer(data as number[]) : null;
}

function checkSize(size: unknown): asserts size is number {
  if (typeof size !== "number") throw invalidArgType("size", "of type number", size);
  if (!(size >= 0 && size <= kMaxLength)) throw outOfRange("size", `>= 0 && <= ${kMaxLength}`, size);
}

export function alloc(size: number, fillWith?: Search, encoding?: string): Bytes {
  checkSize(size);
  const buffer = new FastBuffer(size);
  return fillWith === undefined || fillWith === 0 || size === 0 ? buffer : fill.call(buffer, fillWith, encoding);
}

/** There is no memory of an earlier life in here. */
function allocUnsafe(size: number): Bytes {
  checkSize(size);
  return new FastBuffer(size);
}

function byteLength(value: unknown, encoding?: unknown): number {
  if (typeof value !== "string") {
    if (ArrayBuffer.isView(value) || (typeof value === "object" && value !== null && isAnyArrayBuffer(value))) return value.byteLength;
    throw invalidArgType("string", "of type string or an instance of Buffer or ArrayBuffer", value);
  }
  switch (findEncoding(encoding) ?? UTF8) {
    case LATIN1:
    case ASCII:
      return value.length;
    case UTF16LE:
      return value.length * 2;
    case HEX:
      return value.length >>> 1;
    case BASE64:
    case BASE64URL:
      return Math.floor((value.replace(/={1,2}$/, "").length * 3) / 4);
    default:
      return native.bufferByteLength(value);
  }
}

function concat(list: readonly Bytes[], totalLength?: number): Bytes {
  if (!Array.isArray(list)) throw invalidArgType("list", "an instance of Array", list);
  const length = totalLength ?? list.reduce((sum: number, part: Bytes) => sum + part.length, 0);
  const whole = allocUnsafe(length);
  let at = 0;
  list.forEach((part: unknown, index: number) => {
    if (!(part instanceof Uint8Array)) throw invalidArgType(`list[${index}]`, "an instance of Buffer or Uint8Array", part);
    if (at >= length) return;
    const fits = at + part.length <= length ? part : part.subarray(0, length - at);
    whole.set(fits, at);
    at += fits.length;
  });
  return whole;
}

function checkBytes(name: string, value: unknown): asserts value is Bytes {
  if (!(value instanceof Uint8Array)) throw invalidArgType(name, "an instance of Buffer or Uint8Array", value);
}

function compare(a: Bytes, b: Bytes): -1 | 0 | 1 {
  checkBytes("buf1", a);
  checkBytes("buf2", b);
  return native.bufferCompare(a, b);
}

function copyBytesFrom(view: Bytes, offset = 0, length?: number): Bytes {
  if (!ArrayBuffer.isView(view) || view instanceof DataView) throw invalidArgType("view", "an instance of TypedArray", view);
  const part = view.subarray(offset, length === undefined ? undefined : offset + length);
  return new FastBuffer(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
}

const statics = {
  from,
  alloc,
  allocUnsafe,
  allocUnsafeSlow: allocUnsafe,
  byteLength,
  concat,
  compare,
  copyBytesFrom,
  of: (...items: number[]): Bytes => new FastBuffer(items),
  isBuffer: (value: unknown): boolean => value instanceof FastBuffer,
  isEncoding: (name: unknown): boolean => typeof name === "string" && name !== "" && findEncoding(name) !== undefined,
};
for (const [name, value] of Object.entries(statics)) Object.defineProperty(Buffer, name, { value, writable: true, configurable: true, enumerable: true });
Object.defineProperty(Buffer, "poolSize", { value: 8192, writable: true, configurable: true, enumerable: true });

// Methods

function fill(this: Bytes, value: Search, offsetOrEncoding?: number | string, end?: number | string, encoding?: string): Bytes {
  let start: unknown = offsetOrEncoding;
  let stop: unknown = end;
  let name: unknown = encoding;
  if (typeof start === "string") [start, stop, name] = [undefined, undefined, start];
  else if (typeof stop === "string") [stop, name] = [undefined, stop];
  const from = checkOffset("offset", start ?? 0, this.length);
  const to = checkOffset("end", stop ?? this.length, this.length);
  if (from >= to) return this;
  const bytes = typeof value === "string" ? native.bufferEncode(value, encodingNumber(name)) : value;
  if (typeof bytes !== "object") return Uint8Array.prototype.fill.call(this, Number(bytes) & 255, from, to) as Bytes;
  if (bytes.length === 0) {
    if (typeof value === "string" && value === "") return Uint8Array.prototype.fill.call(this, 0, from, to) as Bytes;
    throw invalidArgValue("value", value);
  }
  let filled = Math.min(bytes.length, to - from);
  this.set(bytes.subarray(0, filled), from);
  while (filled < to - from) {
    this.copyWithin(from + filled, from, from + Math.min(filled, to - from - filled));
    filled += Math.min(filled, to - from - filled);
  }
  return this;
}

function checkOffset(name: string, value: unknown, max: number): number {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!(value >= 0 && value <= max)) throw outOfRange(name, `>= 0 && <= ${max}`, value);
  return value;
}

/** The place to search from, as `indexOf` takes it: negative ones count from the end. */
function search(buffer: Bytes, value: Search, byteOffset: unknown, encoding: unknown, forward: boolean): number {
  let offset = byteOffset;
  let name = encoding;
  if (typeof offset === "string") [offset, name] = [undefined, offset];
  let at = Math.trunc(Number(offset));
  if (offset === undefined || Number.isNaN(at)) at = forward ? 0 : buffer.length;
  if (at < 0) at += buffer.length;
  if (at < 0) {
    if (!forward) return -1;
    at = 0;
  }
  if (typeof value === "number") {
    const byte = value & 255;
    return forward ? Uint8Array.prototype.indexOf.call(buffer, byte, at) : Uint8Array.prototype.lastIndexOf.call(buffer, byte, at);
  }
  const number = encodingNumber(name);
  if (typeof value !== "string") checkBytesOrText(value);
  const part = typeof value === "string" ? native.bufferEncode(value, number) : value;
  if (part.length === 0) return Math.min(at, buffer.length);
  const step = typeof value === "string" && number === UTF16LE ? 2 : 1;
  if (forward) return native.bufferIndexOf(buffer, part, Math.min(at, buffer.length), step);
  return native.bufferLastIndexOf(buffer, part, Math.min(at, buffer.length), step);
}

function checkBytesOrText(value: unknown): void {
  if (!(value instanceof Uint8Array)) throw invalidArgType("value", "one of type number or string or an instance of Buffer or Uint8Array", value);
}

const methods = {
  fill,

  toString(this: Bytes, encoding?: unknown, start?: number, end?: number): string {
    if (arguments.length === 0) return native.bufferDecode(this, UTF8, 0, this.length);
    const from = start === undefined || !(start > 0) ? 0 : Math.min(Math.trunc(start), this.length);
    const to = end === undefined || end > this.length ? this.length : Math.trunc(end) || 0;
    const number = encodingNumber(encoding);
    return to <= from ? "" : native.bufferDecode(this, number, from, to);
  },

  write(this: Bytes, text: string, offset?: unknown, length?: unknown, encoding?: unknown): number {
    checkString("argument", text);
    let [from, count, name] = [offset, length, encoding];
    if (typeof from === "string") [from, count, name] = [undefined, undefined, from];
    else if (typeof count === "string") [count, name] = [undefined, count];
    const at = from === undefined ? 0 : checkOffset("offset", from, this.length);
    const room = this.length - at;
    const most = count === undefined ? room : Math.min(checkOffset("length", count, this.length), room);
    return native.bufferWrite(text, this.subarray(at, at + most), encodingNumber(name));
  },

  toJSON(this: Bytes): { type: "Buffer"; data: number[] } {
    return { type: "Buffer", data: Array.from(this) };
  },

  equals(this: Bytes, other: Bytes): boolean {
    checkBytes("otherBuffer", other);
    return this === other || (this.length === other.length && native.bufferCompare(this, other) === 0);
  },

  compare(this: Bytes, target: Bytes, targetStart = 0, targetEnd?: number, sourceStart = 0, sourceEnd?: number): -1 | 0 | 1 {
    checkBytes("target", target);
    const theirEnd = checkOffset("targetEnd", targetEnd ?? target.length, target.length);
    const ourEnd = checkOffset("sourceEnd", sourceEnd ?? this.length, this.length);
    checkOffset("targetStart", targetStart, kMaxLength);
    checkOffset("sourceStart", sourceStart, kMaxLength);
    if (sourceStart >= ourEnd) return targetStart >= theirEnd ? 0 : -1;
    if (targetStart >= theirEnd) return 1;
    return native.bufferCompare(this.subarray(sourceStart, ourEnd), target.subarray(targetStart, theirEnd));
  },

  copy(this: Bytes, target: Bytes, targetStart?: number, sourceStart?: number, sourceEnd?: number): number {
    checkBytes("target", target);
    const to = Math.trunc(Number(targetStart ?? 0)) || 0;
    const from = Math.trunc(Number(sourceStart ?? 0)) || 0;
    const end = Math.min(Math.trunc(Number(sourceEnd ?? this.length)) || 0, this.length);
    if (to < 0) throw outOfRange("targetStart", ">= 0", to);
    if (from < 0 || from > this.length) throw outOfRange("sourceStart", `>= 0 && <= ${this.length}`, from);
    if (end < 0) throw outOfRange("sourceEnd", ">= 0", end);
    const count = Math.min(end - from, target.length - to);
    if (count <= 0) return 0;
    target.set(this.subarray(from, from + count), to);
    return count;
  },

  indexOf(this: Bytes, value: Search, byteOffset?: unknown, encoding?: unknown): number {
    return search(this, value, byteOffset, encoding, true);
  },

  lastIndexOf(this: Bytes, value: Search, byteOffset?: unknown, encoding?: unknown): number {
    return search(this, value, byteOffset, encoding, false);
  },

  includes(this: Bytes, value: Search, byteOffset?: unknown, encoding?: unknown): boolean {
    return search(this, value, byteOffset, encoding, true) !== -1;
  },

  subarray(this: Bytes, start?: number, end?: number): Bytes {
    const length = this.length;
    const from = clamp(start, 0, length);
    const to = clamp(end, length, length);
    return new FastBuffer(this.buffer as ArrayBuffer, this.byteOffset + from, Math.max(to - from, 0));
  },

  swap16(this: Bytes): Bytes {
    return swap(this, 2);
  },
  swap32(this: Bytes): Bytes {
    return swap(this, 4);
  },
  swap64(this: Bytes): Bytes {
    return swap(this, 8);
  },

  inspect(this: Bytes): string {
    const shown = native.bufferDecode(this, HEX, 0, INSPECTED_BYTES).replace(/(.{2})(?=.)/g, "$1 ");
    const more = this.length - INSPECTED_BYTES;
    const rest = more > 0 ? ` ... ${more} more byte${more > 1 ? "s" : ""}` : "";
    return `<${this.constructor.name} ${shown}${rest}>`.replace(" >", ">");
  },
};

function clamp(value: number | undefined, absent: number, length: number): number {
  if (value === undefined) return absent;
  const whole = Math.trunc(Number(value)) || 0;
  return whole < 0 ? Math.max(whole + length, 0) : Math.min(whole, length);
}

function swap(buffer: Bytes, size: number): Bytes {
  if (buffer.length % size !== 0) throw coded(RangeError, "ERR_INVALID_BUFFER_SIZE", `Buffer size must be a multiple of ${size * 8}-bits`);
  for (let at = 0; at < buffer.length; at += size) buffer.subarray(at, at + size).reverse();
  return buffer;
}

function define(name: PropertyKey, value: unknown): void {
  Object.defineProperty(FastBuffer.prototype, name, { value, writable: true, configurable: true, enumerable: true });
}

for (const [name, value] of Object.entries(methods)) define(name, value);
define("slice", methods.subarray);
define("toLocaleString", methods.toString);
Object.defineProperty(FastBuffer.prototype, CUSTOM_INSPECT, { value: methods.inspect, writable: true, configurable: true });
for (const [name, key] of [["parent", "buffer"], ["offset", "byteOffset"]] as const) {
  Object.defineProperty(FastBuffer.prototype, name, { configurable: true, enumerable: true, get: function (this: Bytes) { return this instanceof FastBuffer ? this[key] : undefined; } });
}
/** `utf8Slice`, `hexWrite` and so on, which Node.js itself calls. */
const SHORT: [string, number][] = [["utf8", UTF8], ["latin1", LATIN1], ["ascii", ASCII], ["ucs2", UTF16LE], ["utf16le", UTF16LE], ["base64", BASE64], ["base64url", BASE64URL], ["hex", HEX]];
for (const [name, number] of SHORT) {
  define(`${name}Slice`, function (this: Bytes, start = 0, end = this.length): string {
    return native.bufferDecode(this, number, start, end);
  });
  define(`${name}Write`, function (this: Bytes, text: string, offset = 0, length = this.length - offset): number {
    return native.bufferWrite(text, this.subarray(offset, offset + length), number);
  });
}
installNumbers(define);
