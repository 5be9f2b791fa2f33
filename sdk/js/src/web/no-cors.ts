/** What a Request of `mode: "no-cors"` may carry (Fetch 2.2.2, "no-CORS-safelisted request-header"). */
import { parseMimeType } from "./mime-type";

const VALUE_BYTES_MAX = 128;
/** Bytes by which a server could be misled (Fetch, "CORS-unsafe request-header byte"). */
const UNSAFE = /[\x00-\x08\x0a-\x1f"():<>?@[\\\]{}\x7f]/;
const LANGUAGES = /^[0-9A-Za-z *,\-.;=]*$/;
const BODY_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

const CHECKS: Record<string, (value: string) => boolean> = {
  accept: (value) => !UNSAFE.test(value),
  "accept-language": (value) => LANGUAGES.test(value),
  "content-language": (value) => LANGUAGES.test(value),
  "content-type": (value) => !UNSAFE.test(value) && BODY_TYPES.includes(parseMimeType(value)?.essence ?? ""),
};

export function isSafelistedName(name: string): boolean {
  return Object.hasOwn(CHECKS, name);
}

export function isSafelisted(name: string, value: string): boolean {
  return isSafelistedName(name) && value.length <= VALUE_BYTES_MAX && CHECKS[name]!(value);
}

export function isSafelistedMethod(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "POST";
}
