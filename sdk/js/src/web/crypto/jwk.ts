/** JSON Web Keys (RFC 7517), as `importKey` and `exportKey` take and give them. */
import { atob, btoa } from "../base64";
import { isObject, toSequence, toText } from "../webidl";
import { invalidData, type KeyUsage, type Slots } from "./key";

export interface JsonWebKey {
  kty?: string;
  use?: string;
  key_ops?: string[];
  alg?: string;
  ext?: boolean;
  crv?: string;
  x?: string;
  y?: string;
  d?: string;
  n?: string;
  e?: string;
  p?: string;
  q?: string;
  dp?: string;
  dq?: string;
  qi?: string;
  oth?: unknown[];
  k?: string;
}

type TextMember = Exclude<keyof JsonWebKey, "key_ops" | "ext" | "oth">;

/** Alphabetical, as Web IDL reads a dictionary. */
const MEMBERS = ["alg", "crv", "d", "dp", "dq", "e", "ext", "k", "key_ops", "kty", "n", "oth", "p", "q", "qi", "use", "x", "y"] as const;

/** The dictionary JsonWebKey (Web Cryptography 15). */
export function toJwk(value: unknown): JsonWebKey {
  if (value !== undefined && value !== null && !isObject(value)) throw new TypeError("the key must be a buffer, or an object for a JWK");
  const jwk: JsonWebKey = {};
  for (const member of MEMBERS) {
    const given = (value as Record<string, unknown> | null | undefined)?.[member];
    if (given === undefined) continue;
    if (member === "ext") jwk.ext = Boolean(given);
    else if (member === "key_ops") jwk.key_ops = toSequence(given, toText, "`key_ops`");
    else if (member === "oth") jwk.oth = toSequence(given, (item) => item, "`oth`");
    else jwk[member] = toText(given);
  }
  return jwk;
}

/** Checks what a JWK says about its use against what it is imported for. */
export function checkJwk(jwk: JsonWebKey, kty: string, use: string, extractable: boolean, usages: readonly KeyUsage[]): void {
  if (jwk.kty !== kty) throw invalidData(`the \`kty\` of the JWK must be \`${kty}\``);
  if (usages.length > 0 && jwk.use !== undefined && jwk.use !== use) throw invalidData(`the \`use\` of the JWK must be \`${use}\``);
  const operations = jwk.key_ops;
  if (operations !== undefined) {
    // RFC 7517 4.3: no duplicates.
    if (new Set(operations).size !== operations.length) throw invalidData("the `key_ops` of the JWK name an operation twice");
    if (!usages.every((usage) => operations.includes(usage))) throw invalidData("the `key_ops` of the JWK do not allow these usages");
  }
  if (jwk.ext === false && extractable) throw invalidData("the JWK is not extractable");
}

export function checkAlg(jwk: JsonWebKey, ...expected: string[]): void {
  if (jwk.alg !== undefined && !expected.includes(jwk.alg)) throw invalidData(`the \`alg\` of the JWK must be \`${expected[0]}\`, not \`${jwk.alg}\``);
}

/** The bytes of a member, which must be there. */
export function memberOf(jwk: JsonWebKey, member: TextMember): Uint8Array {
  const text = jwk[member];
  // RFC 7515 2: base64url without padding.
  if (text === undefined || !/^[\w-]*$/.test(text) || text.length % 4 === 1) throw invalidData(`the \`${member}\` of the JWK is not base64url text`);
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

/** A JWK with these numbers, by their names. */
export function writeJwk(key: Slots, kty: string, members: JsonWebKey): JsonWebKey {
  return { key_ops: [...key.usages], ext: key.extractable, kty, ...members };
}

/** The numbers as members of these names, as many as there are. */
export function toMembers(names: readonly TextMember[], numbers: readonly Uint8Array[]): JsonWebKey {
  const members: JsonWebKey = {};
  numbers.forEach((number, index) => (members[names[index]!] = toBase64Url(number)));
  return members;
}

export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
