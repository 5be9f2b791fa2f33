/** `node:querystring`. */
import internal from "ouro:internal";
import { coded } from "./internal/errors";

type Value = string | number | boolean | bigint;
type Query = Record<string, Value | readonly Value[] | null | undefined>;


/** Percent-encodes all but what `encodeURIComponent` keeps. */
export function escape(value: unknown): string {
  const text = typeof value === "object" ? String(value) : `${value as string}`;
  try {
    return encodeURIComponent(text);
  } catch {
    throw coded(URIError, "ERR_INVALID_URI", "URI malformed");
  }
}

/** Bytes that the percent signs of a text stand for; what is no escape stays. */
export function unescapeBuffer(text: string, decodeSpaces = false): Uint8Array {
  const bytes: number[] = [];
  const source = internal.native.utf8Encode(text);
  for (let i = 0; i < source.length; i++) {
    const pair = source[i] === 0x25 ? String.fromCharCode(source[i + 1] ?? 0, source[i + 2] ?? 0) : "";
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      bytes.push(Number.parseInt(pair, 16));
      i += 2;
    } else {
      bytes.push(decodeSpaces && source[i] === 0x2b ? 0x20 : source[i]!);
    }
  }
  return new Uint8Array(bytes);
}

export function unescape(text: string, decodeSpaces?: boolean): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return internal.native.utf8DecodeLossy(unescapeBuffer(text, decodeSpaces));
  }
}

function primitive(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  return typeof value === "bigint" || typeof value === "boolean" ? String(value) : "";
}

export function stringify(query: Query | null, separator = "&", equals = "=", options?: { encodeURIComponent?: (text: string) => string }): string {
  if (typeof query !== "object" || query === null) return "";
  const encode = options?.encodeURIComponent ?? whole.escape;
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    const key = `${encode(primitive(name))}${equals || "="}`;
    for (const item of Array.isArray(value) ? value : [value]) pairs.push(key + encode(primitive(item)));
  }
  return pairs.join(separator || "&");
}

export function parse(text: string, separator = "&", equals = "=", options: { maxKeys?: number; decodeURIComponent?: (text: string) => string } = {}): Record<string, string | string[]> {
  const query = Object.create(null) as Record<string, string | string[]>;
  if (typeof text !== "string" || text === "") return query;
  const decode = (part: string): string => {
    const spaced = part.replaceAll("+", " ");
    if (!spaced.includes("%")) return spaced;
    try {
      return (options.decodeURIComponent ?? whole.unescape)(spaced);
    } catch {
      return whole.unescape(spaced);
    }
  };
  const most = options.maxKeys ?? 1000;
  const parts = text.split(separator || "&").filter((part) => part !== "");
  for (const part of most > 0 ? parts.slice(0, most) : parts) {
    const at = part.indexOf(equals || "=");
    const name = decode(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? "" : decode(part.slice(at + (equals || "=").length));
    const held = query[name];
    if (held === undefined) query[name] = value;
    else if (Array.isArray(held)) held.push(value);
    else query[name] = [held, value];
  }
  return query;
}

export { stringify as encode, parse as decode };
const whole = { escape, unescape, unescapeBuffer, stringify, parse, encode: stringify, decode: parse };
export default whole;
