/** `data:` URLs (Fetch 6): the body and the MIME type that one holds. */
import { native } from "../host";
import { atob } from "./base64";
import { encodeUtf8 } from "./bytes";
import { parseMimeType, serializeMimeType } from "./mime-type";

/** What a URL holds by itself. */
export interface LocalBody {
  /** Header fields, as a flat list. */
  fields: string[];
  body: Uint8Array;
}

/** "data: URL processor". The URL is one that was parsed; null where it holds nothing. */
export function parseDataUrl(url: string): LocalBody | null {
  const fragment = url.indexOf("#");
  const input = url.slice("data:".length, fragment < 0 ? undefined : fragment);
  const comma = input.indexOf(",");
  if (comma < 0) return null;
  const declared = input.slice(0, comma).replace(/^ +| +$/g, "");
  const base64 = /; *base64$/i.exec(declared);
  const body = base64 === null ? percentDecode(input.slice(comma + 1)) : decodeBase64(input.slice(comma + 1));
  if (body === null) return null;
  const type = base64 === null ? declared : declared.slice(0, base64.index);
  const parsed = parseMimeType(type.startsWith(";") ? `text/plain${type}` : type);
  return { fields: ["content-type", parsed === null ? "text/plain;charset=US-ASCII" : serializeMimeType(parsed)], body };
}

/** A parsed URL is ASCII, so that its bytes are its characters. */
function percentDecode(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  let length = bytes.indexOf(PERCENT);
  if (length < 0) return bytes;
  for (let at = length; at < bytes.length; at++) {
    const digits = bytes[at] === PERCENT ? text.slice(at + 1, at + 3) : "";
    const escaped = /^[\da-f]{2}$/i.test(digits);
    bytes[length++] = escaped ? Number.parseInt(digits, 16) : bytes[at]!;
    if (escaped) at += 2;
  }
  return bytes.slice(0, length);
}

const PERCENT = 0x25;

function decodeBase64(text: string): Uint8Array | null {
  const encoded = text.includes("%") ? native.utf8DecodeLossy(percentDecode(text)) : text;
  try {
    return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
