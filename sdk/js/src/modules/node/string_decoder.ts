/** `node:string_decoder`: text from bytes that come in pieces. */
import internal from "ouro:internal";
import { BASE64, BASE64URL, encodingName, encodingNumber, UTF16LE, UTF8 } from "./internal/encodings";
import { asBuffer } from "./internal/buffer";
import { invalidArgType } from "./internal/errors";

const { native } = internal;

interface Decoder {
  encoding: string;
  /** Bytes of a character, or of a base64 group, that is not complete yet. */
  _rest: Uint8Array;
  _number: number;
  write(bytes: ArrayBufferView | string): string;
  end(bytes?: ArrayBufferView | string): string;
}

export function StringDecoder(this: Decoder, encoding?: string): void {
  this._number = encodingNumber(encoding);
  this.encoding = encodingName(this._number);
  this._rest = new Uint8Array(0);
}

/** How many bytes at the end wait for more. */
function incomplete(bytes: Uint8Array, encoding: number): number {
  const { length } = bytes;
  if (encoding === BASE64 || encoding === BASE64URL) return length % 3;
  if (encoding === UTF16LE) {
    const odd = length % 2;
    const high = bytes[length - odd - 1] ?? 0;
    return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
  }
  if (encoding !== UTF8) return 0;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return size > back && isPrefix(bytes.subarray(length - back)) ? back : 0;
  }
  return 0;
}

/** Could these bytes begin a character? Not so for overlong forms and what is beyond Unicode (Encoding Standard, UTF-8 decoder). */
function isPrefix(bytes: Uint8Array): boolean {
  const [first = 0, second] = bytes;
  if (first < 0xc2 || first > 0xf4) return false;
  if (second === undefined) return true;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= low && second <= high;
}

const methods = {
  write(this: Decoder, input: ArrayBufferView | string): string {
    if (typeof input === "string") return input;
    if (!ArrayBuffer.isView(input)) throw invalidArgType("buf", "an instance of Buffer, TypedArray, or DataView", input);
    let bytes = new Uint8Array(input.buffer as ArrayBuffer, input.byteOffset, input.byteLength);
    if (this._rest.length > 0) {
      const whole = new Uint8Array(this._rest.length + bytes.length);
      whole.set(this._rest);
      whole.set(bytes, this._rest.length);
      bytes = whole;
    }
    const left = incomplete(bytes, this._number);
    this._rest = bytes.slice(bytes.length - left);
    return native.bufferDecode(bytes, this._number, 0, bytes.length - left);
  },

  end(this: Decoder, input?: ArrayBufferView | string): string {
    const text = input === undefined ? "" : this.write(input);
    const rest = native.bufferDecode(this._rest, this._number, 0, this._rest.length);
    this._rest = new Uint8Array(0);
    return text + rest;
  },
};
Object.assign(StringDecoder.prototype, methods);
Object.defineProperty(StringDecoder.prototype, "lastChar", { get: function (this: Decoder) { return asBuffer(this._rest.slice()); } });
Object.defineProperty(StringDecoder.prototype, "lastNeed", { get: function (this: Decoder) { return this._rest.length === 0 ? 0 : 1; } });

export default { StringDecoder };
