/** `node:buffer`. */
import internal from "ouro:internal";
import { Buffer, kMaxLength, kStringMaxLength, viewAsBuffer } from "./internal/buffer";
import { encodingName, findEncoding } from "./internal/encodings";
import { coded } from "./internal/errors";

export { Buffer, kMaxLength, kStringMaxLength };

export const INSPECT_MAX_BYTES = 50;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength };

const scope = globalThis as unknown as Record<"Blob" | "File", never> & Record<"atob" | "btoa", (data: string) => string>;
export const { Blob, File } = scope;
// As members of a module they have a receiver, which the global functions refuse.
export const atob = (data: string): string => scope.atob(data);
export const btoa = (data: string): string => scope.btoa(data);

export function SlowBuffer(size: number): Uint8Array {
  return (Buffer as unknown as { allocUnsafeSlow(size: number): Uint8Array }).allocUnsafeSlow(size);
}

type Input = ArrayBuffer | ArrayBufferView;

export function isUtf8(input: Input): boolean {
  try {
    internal.native.createDecoder("utf-8", true, true).decode(viewAsBuffer(input), false);
    return true;
  } catch {
    return false;
  }
}

export function isAscii(input: Input): boolean {
  return viewAsBuffer(input).every((byte) => byte < 128);
}

const TRANSCODED = new Set(["utf8", "latin1", "ascii", "utf16le"]);

export function transcode(source: Uint8Array, fromEncoding: string, toEncoding: string): Uint8Array {
  const [from, to] = [findEncoding(fromEncoding), findEncoding(toEncoding)];
  if (from === undefined || to === undefined || !TRANSCODED.has(encodingName(from)) || !TRANSCODED.has(encodingName(to))) {
    throw coded(Error, "U_ILLEGAL_ARGUMENT_ERROR", "Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]");
  }
  const text = internal.native.bufferDecode(source, from, 0, source.length);
  const narrow = to === 1 || to === 2 ? text.replace(to === 1 ? /[^\0-\xff]/gu : /[^\0-\x7f]/gu, "?") : text;
  return viewAsBuffer(internal.native.bufferEncode(narrow, to));
}

export function resolveObjectURL(): undefined {
  return undefined;
}

export default { Buffer, SlowBuffer, kMaxLength, kStringMaxLength, constants, INSPECT_MAX_BYTES, atob, btoa, Blob, File, isUtf8, isAscii, transcode, resolveObjectURL };
