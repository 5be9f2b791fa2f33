/** Names of the encodings of Node.js, and the numbers that the engine knows them by. */
import { coded } from "./errors";

export const UTF8 = 0;
export const LATIN1 = 1;
export const ASCII = 2;
export const UTF16LE = 3;
export const BASE64 = 4;
export const BASE64URL = 5;
export const HEX = 6;

const NUMBERS = new Map<string, number>([
  ["utf8", UTF8],
  ["utf-8", UTF8],
  ["latin1", LATIN1],
  ["binary", LATIN1],
  ["ascii", ASCII],
  ["ucs2", UTF16LE],
  ["ucs-2", UTF16LE],
  ["utf16le", UTF16LE],
  ["utf-16le", UTF16LE],
  ["base64", BASE64],
  ["base64url", BASE64URL],
  ["hex", HEX],
]);

const NAMES = ["utf8", "latin1", "ascii", "utf16le", "base64", "base64url", "hex"];

/** The number of an encoding; undefined for what is none. No name stands for UTF-8. */
export function findEncoding(name: unknown): number | undefined {
  if (name === undefined || name === null || name === "") return UTF8;
  return NUMBERS.get(name as string) ?? NUMBERS.get(String(name).toLowerCase());
}

export function encodingNumber(name: unknown): number {
  const number = findEncoding(name);
  if (number === undefined) throw coded(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${String(name)}`);
  return number;
}

export function encodingName(number: number): string {
  return NAMES[number]!;
}
