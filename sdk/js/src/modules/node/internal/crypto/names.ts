/** Names of algorithms: what Node.js (OpenSSL) calls them, and what the engine does. */
import { coded } from "../errors";

const HASHES: ReadonlyMap<string, string> = new Map(Object.entries({
  md5: "MD5", sha1: "SHA-1", sha224: "SHA-224", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512", "sha3-256": "SHA3-256", "sha3-384": "SHA3-384", "sha3-512": "SHA3-512",
  ripemd160: "RIPEMD-160", rmd160: "RIPEMD-160",
}));
const DIGEST_BYTES: Record<string, number> = { MD5: 16, "SHA-1": 20, "SHA-224": 28, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64, "SHA3-256": 32, "SHA3-384": 48, "SHA3-512": 64, "RIPEMD-160": 20 };
/** Hashes that sign with RSA have a name of their own. */
const PREFIX = /^(?:rsa-|ecdsa-with-)/;

export const hashNames = ["RSA-MD5", "RSA-RIPEMD160", "RSA-SHA1", "RSA-SHA224", "RSA-SHA256", "RSA-SHA384", "RSA-SHA512", "md5", "ripemd160", "sha1", "sha224", "sha256", "sha3-256", "sha3-384", "sha3-512", "sha384", "sha512"];

/** The engine's name; undefined for an unknown one. */
export function findHash(name: string): string | undefined {
  const short = name.toLowerCase().replace(PREFIX, "");
  return HASHES.get(short) ?? HASHES.get(short.replace(/^sha-/, "sha"));
}

export function hashName(name: string): string {
  const found = findHash(name);
  if (found === undefined) throw coded(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
  return found;
}

export function digestBytes(hash: string): number {
  return DIGEST_BYTES[hash]!;
}

export interface CipherInfo {
  mode: "cbc" | "ctr" | "gcm" | "ecb";
  name: string;
  nid: number;
  keyLength: number;
  ivLength?: number;
  blockSize?: number;
}

const CIPHER_IDS: ReadonlyMap<string, number> = new Map(Object.entries({
  "aes-128-ecb": 418, "aes-128-cbc": 419, "aes-192-ecb": 422, "aes-192-cbc": 423, "aes-256-ecb": 426, "aes-256-cbc": 427, "aes-128-gcm": 895, "aes-192-gcm": 898, "aes-256-gcm": 901,
  "aes-128-ctr": 904, "aes-192-ctr": 905, "aes-256-ctr": 906,
}));
export const cipherNames = [...CIPHER_IDS.keys()].sort();

export function findCipher(name: string): CipherInfo | undefined {
  const lower = String(name).toLowerCase().replace(/^id-aes(\d+)-gcm$/, "aes-$1-gcm").replace(/^aes(\d+)$/, "aes-$1-cbc");
  const nid = CIPHER_IDS.get(lower);
  if (nid === undefined) return undefined;
  const [, bits, mode] = lower.split("-") as [string, string, CipherInfo["mode"]];
  return {
    mode, name: mode === "gcm" ? `id-aes${bits}-GCM` : lower, nid, keyLength: Number(bits) / 8,
    ...(mode === "ecb" ? {} : { ivLength: mode === "gcm" ? 12 : 16 }), ...(mode === "cbc" || mode === "ecb" ? { blockSize: 16 } : {}),
  };
}
