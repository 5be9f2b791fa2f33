/** `atob` and `btoa` (HTML 8.3). */
import { exposeGlobal } from "../expose";
import { DOMException } from "./dom-exception";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map(Array.from(ALPHABET, (char, value) => [char.charCodeAt(0), value]));

export function btoa(data: string): string {
  const text = String(data);
  let out = "";
  for (let i = 0; i < text.length; i += 3) {
    const a = byte(text, i);
    const b = byte(text, i + 1);
    const c = byte(text, i + 2);
    out += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    out += i + 1 < text.length ? ALPHABET[((b & 15) << 2) | (c >> 6)]! : "=";
    out += i + 2 < text.length ? ALPHABET[c & 63]! : "=";
  }
  return out;
}

/** The forgiving decode of Infra 7: white space is dropped, padding may be missing. */
export function atob(data: string): string {
  let text = String(data).replace(/[\t\n\f\r ]/g, "");
  if (text.length % 4 === 0) text = text.replace(/==?$/, "");
  if (text.length % 4 === 1) throw invalid("the text is not correctly encoded base64");
  let out = "";
  let bits = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES.get(text.charCodeAt(i));
    if (value === undefined) throw invalid("the text is not correctly encoded base64");
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += String.fromCharCode((bits >> count) & 255);
  }
  return out;
}

function byte(text: string, at: number): number {
  const code = at < text.length ? text.charCodeAt(at) : 0;
  if (code > 255) throw invalid("the text holds characters outside of Latin-1");
  return code;
}

function invalid(message: string): DOMException {
  return new DOMException(message, "InvalidCharacterError");
}

exposeGlobal("atob", atob);
exposeGlobal("btoa", btoa);
