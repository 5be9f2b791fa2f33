/** Keys from passwords and secrets: PBKDF2 (RFC 8018), HKDF (RFC 5869), scrypt (RFC 7914). */
import internal from "ouro:internal";
import { asBuffer, kMaxLength } from "../buffer";
import { checkFunction, checkNumber, coded, invalidArgType } from "../errors";
import { nextTick } from "../../process";
import { type Bytes, bytesOf } from "./bytes";
import { secretBytes } from "./key-object";
import { digestBytes, hashName } from "./names";

const { native } = internal;

/** Calls back with what the work gives. */
export function later(callback: unknown, work: () => unknown): void {
  checkFunction("callback", callback);
  nextTick(() => {
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, result);
  });
}

function pbkdf2Job(password: unknown, salt: unknown, iterations: number, length: number, digest: unknown): () => Bytes {
  if (typeof digest !== "string") throw invalidArgType("digest", "of type string", digest);
  const [secret, seasoning] = [secretBytes("password", password), bytesOf("salt", salt)];
  checkNumber("iterations", iterations, 1, kMaxLength);
  checkNumber("keylen", length, 0, kMaxLength);
  const hash = hashName(digest);
  return () => asBuffer(length === 0 ? new Uint8Array(0) : native.pbkdf2(hash, secret, seasoning, iterations, length));
}

export function pbkdf2Sync(password: unknown, salt: unknown, iterations: number, length: number, digest: unknown): Bytes {
  return pbkdf2Job(password, salt, iterations, length, digest)();
}

export function pbkdf2(password: unknown, salt: unknown, iterations: number, length: number, digest: unknown, callback?: unknown): void {
  later(callback ?? (typeof digest === "function" ? digest : undefined), pbkdf2Job(password, salt, iterations, length, digest));
}

function hkdfJob(digest: string, key: unknown, salt: unknown, info: unknown, length: number): () => ArrayBuffer {
  const hash = hashName(digest);
  const [secret, seasoning, context] = [secretBytes("ikm", key), bytesOf("salt", salt), bytesOf("info", info)];
  checkNumber("length", length, 0, kMaxLength);
  if (length > 255 * digestBytes(hash)) throw coded(RangeError, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
  return () => native.hkdf(hash, secret, seasoning, context, length).buffer as ArrayBuffer;
}

export function hkdfSync(digest: string, key: unknown, salt: unknown, info: unknown, length: number): ArrayBuffer {
  return hkdfJob(digest, key, salt, info, length)();
}

export function hkdf(digest: string, key: unknown, salt: unknown, info: unknown, length: number, callback: unknown): void {
  later(callback, hkdfJob(digest, key, salt, info, length));
}

interface ScryptOptions {
  N?: number; cost?: number; r?: number; blockSize?: number; p?: number; parallelization?: number; maxmem?: number;
}

function scryptJob(password: unknown, salt: unknown, length: number, options: ScryptOptions = {}): () => Bytes {
  const [secret, seasoning] = [secretBytes("password", password), bytesOf("salt", salt)];
  checkNumber("keylen", length, 0, kMaxLength);
  const [n, r, p] = [options.N ?? options.cost ?? 16384, options.r ?? options.blockSize ?? 8, options.p ?? options.parallelization ?? 1];
  if (n <= 1 || (n & (n - 1)) !== 0) throw coded(RangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params");
  if (128 * n * r > (options.maxmem ?? 32 * 1024 * 1024)) throw coded(RangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params: memory limit exceeded");
  return () => asBuffer(length === 0 ? new Uint8Array(0) : native.scrypt(secret, seasoning, n, r, p, length));
}

export function scryptSync(password: unknown, salt: unknown, length: number, options?: ScryptOptions): Bytes {
  return scryptJob(password, salt, length, options)();
}

export function scrypt(password: unknown, salt: unknown, length: number, options: unknown, callback?: unknown): void {
  later(callback ?? options, scryptJob(password, salt, length, typeof options === "function" ? {} : (options as ScryptOptions)));
}
