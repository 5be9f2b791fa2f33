/** CryptoKey, and what every algorithm does with keys and names. */
import { atob, btoa } from "../base64";
import { DOMException } from "../dom-exception";

export type KeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "deriveKey" | "deriveBits" | "wrapKey" | "unwrapKey";

export interface KeyAlgorithm {
  name: string;
  length?: number;
  hash?: { name: string };
}

export interface JsonWebKey {
  kty?: string;
  k?: string;
  alg?: string;
  use?: string;
  key_ops?: string[];
  ext?: boolean;
}

/** Parameters of an algorithm as the worker gave them; each algorithm checks its own. */
export type Params = { name: string } & Record<string, unknown>;

export class CryptoKey {
  declare readonly type: "secret";
  declare readonly extractable: boolean;
  declare readonly algorithm: KeyAlgorithm;
  declare readonly usages: KeyUsage[];

  constructor() {
    throw new TypeError("Illegal constructor");
  }
}

/** The bytes of keys, where no worker's code reaches them. */
const secrets = new WeakMap<CryptoKey, Uint8Array>();

export function createKey(data: Uint8Array, algorithm: KeyAlgorithm, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey {
  const key = Object.create(CryptoKey.prototype) as CryptoKey;
  Object.assign(key, { type: "secret", extractable, algorithm, usages: USAGES.filter((usage) => usages.includes(usage)) });
  secrets.set(key, data);
  return key;
}

export function keyData(key: CryptoKey): Uint8Array {
  const data = secrets.get(key);
  if (data === undefined) throw new TypeError("a CryptoKey is needed");
  return data;
}

const USAGES: readonly KeyUsage[] = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];

/** Refuses usages that the algorithm does not have, and a secret key without any. */
export function checkUsages(name: string, usages: readonly KeyUsage[], allowed: readonly KeyUsage[]): void {
  for (const usage of usages) {
    if (!USAGES.includes(usage)) throw new TypeError(`\`${usage}\` is not a key usage`);
    if (!allowed.includes(usage)) throw new DOMException(`a key for ${name} cannot be used to \`${usage}\``, "SyntaxError");
  }
  if (usages.length === 0) throw new DOMException("a secret key needs at least one usage", "SyntaxError");
}

const HASHES: Record<string, { bytes: number; block: number }> = {
  "SHA-1": { bytes: 20, block: 512 },
  "SHA-256": { bytes: 32, block: 512 },
  "SHA-384": { bytes: 48, block: 1024 },
  "SHA-512": { bytes: 64, block: 1024 },
};

/** The `hash` of an algorithm's parameters, by its canonical name. */
export function hashOf(params: Params): string {
  const given = params["hash"];
  if (given === undefined) throw new TypeError(`${params.name} needs a \`hash\``);
  const name = normalize(given).name.toUpperCase();
  if (!(name in HASHES)) throw notSupported(`the hash ${name}`);
  return name;
}

/** Bits in a block: how long a key for HMAC is made. */
export function blockBits(hash: string): number {
  return HASHES[hash]!.block;
}

export function hashBytes(hash: string): number {
  return HASHES[hash]!.bytes;
}

/** A string stands for an object with that name (Web Cryptography 18.4). */
export function normalize(algorithm: unknown): Params {
  if (typeof algorithm === "string") return { name: algorithm };
  if (typeof algorithm === "object" && algorithm !== null && "name" in algorithm) return { ...algorithm, name: String(algorithm.name) };
  throw new TypeError("an algorithm is a name, or an object with a `name`");
}

export function notSupported(what: string): DOMException {
  return new DOMException(`${what} is not supported`, "NotSupportedError");
}

/** The bytes of `k`; checks what the JWK says about its use (Web Cryptography 31.4, import key). */
export function readJwk(jwk: JsonWebKey, alg: string | null, use: string, extractable: boolean, usages: readonly KeyUsage[]): Uint8Array {
  if (typeof jwk !== "object" || jwk === null) throw new TypeError("a JWK is an object");
  if (jwk.kty !== "oct") throw invalid("the `kty` of the JWK must be `oct`");
  if (jwk.alg !== undefined && alg !== null && jwk.alg !== alg) throw invalid(`the \`alg\` of the JWK must be \`${alg}\``);
  if (jwk.use !== undefined && jwk.use !== use) throw invalid(`the \`use\` of the JWK must be \`${use}\``);
  if (jwk.key_ops !== undefined && !usages.every((usage) => jwk.key_ops!.includes(usage))) throw invalid("the `key_ops` of the JWK do not allow these usages");
  if (jwk.ext === false && extractable) throw invalid("the JWK is not extractable");
  return fromBase64Url(jwk.k);
}

export function writeJwk(key: CryptoKey, alg: string): JsonWebKey {
  return { kty: "oct", k: toBase64Url(keyData(key)), alg, key_ops: [...key.usages], ext: key.extractable };
}

export function invalid(message: string): DOMException {
  return new DOMException(message, "DataError");
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string | undefined): Uint8Array {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text) || text.length % 4 === 1) throw invalid("the `k` of the JWK is not base64url text");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
