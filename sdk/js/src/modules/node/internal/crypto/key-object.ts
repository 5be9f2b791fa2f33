/** `KeyObject`, and what can be given in its place: text in PEM, DER, JWK, `CryptoKey`, plain bytes. */
import internal from "ouro:internal";
import { asBuffer } from "../buffer";
import { coded, invalidArgType, invalidArgValue } from "../errors";
import { type Bytes, bytesOf, output } from "./bytes";
import { type DhKey, publicDhKey } from "./diffie-hellman";
import { fromJwk, type Jwk, toJwk } from "./jwk";
import { checkLock, isLock, isLockedDer, lockedDer, lockedPem, unlockedDer, unlockedPem } from "./passphrase";
import { fromPem, toPem } from "./pem";

const { native } = internal;
export type NativeKey = ReturnType<typeof native.importKey>;
export type Key = NativeKey | DhKey;

export interface ExportOptions {
  format?: "pem" | "der" | "jwk" | "buffer";
  type?: "pkcs1" | "spki" | "pkcs8" | "sec1";
  cipher?: string | null;
  passphrase?: unknown;
}

export class KeyObject {
  readonly type: "secret" | "public" | "private";
  /** Of a secret key. */
  readonly _secret: Bytes | null;
  readonly _key: Key | null;

  constructor(secret: Bytes | null, key: Key | null) {
    this.type = key === null ? "secret" : key.isPrivate ? "private" : "public";
    this._secret = secret;
    this._key = key;
    for (const name of ["_secret", "_key"]) Object.defineProperty(this, name, { enumerable: false });
  }

  /** Of a key of Web Crypto that may be exported. */
  static from(key: object): KeyObject {
    return fromCryptoKey(key);
  }

  get symmetricKeySize(): number | undefined {
    return this._secret?.length;
  }

  get asymmetricKeyType(): string | undefined {
    return this._key === null ? undefined : keyType(this._key);
  }

  get asymmetricKeyDetails(): object | undefined {
    const key = this._key;
    if (key === null) return undefined;
    if (key.kind.startsWith("P-")) return { namedCurve: CURVES[key.kind] };
    if (key.kind !== "rsa") return {};
    const [modulus, exponent] = native.exportKey("parts", key) as [Bytes, Bytes];
    return { modulusLength: modulus.length * 8, publicExponent: exponent.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) };
  }

  equals(other: KeyObject): boolean {
    if (!(other instanceof KeyObject)) throw invalidArgType("otherKeyObject", "an instance of KeyObject", other);
    const [a, b] = [this._secret ?? this._key!.der, other._secret ?? other._key!.der];
    return this.type === other.type && a.length === b.length && native.timingSafeEqual(a, b);
  }

  export(options: ExportOptions = {}): Bytes | string | object {
    if (this._secret !== null) return options.format === "jwk" ? { kty: "oct", k: output(this._secret, "base64url") } : asBuffer(this._secret.slice());
    const key = this._key!;
    if (key.isPrivate) checkLock("options", options);
    if (options.format === "jwk") return toJwk(ofHost(key, "Key type is invalid for JWK export"));
    const type = options.type ?? (key.isPrivate ? "pkcs8" : "spki");
    checkType(type, key);
    const own = ofHost(key, "Failed to export key");
    if (key.isPrivate && isLock(options)) return encrypted(own, type, options);
    const der = encoded(own, type);
    return options.format === "der" ? asBuffer(der) : toPem(labelOf(type, own), der);
  }

  get [Symbol.toStringTag](): string {
    return "KeyObject";
  }
}

export const keyType = ({ kind }: Key): string => (kind.startsWith("P-") ? "ec" : kind.toLowerCase());

/** Names of curves in OpenSSL. */
export const CURVES: Record<string, string> = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

const incompatible = (type: string, what: string): Error => coded(Error, "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", `The selected key encoding ${type} ${what}.`);

function checkType(type: string, key: Key): void {
  if (type === "pkcs1" && key.kind !== "rsa") throw incompatible(type, "can only be used for RSA keys");
  if (type === "sec1" && !key.kind.startsWith("P-")) throw incompatible(type, "can only be used for EC keys");
}

/** A private key under a passphrase: in itself as PKCS #8, by its text in other forms. */
function encrypted(key: NativeKey, type: string, options: ExportOptions): Bytes | string {
  if (type !== "pkcs8") {
    if (options.format === "der") throw incompatible(type, "does not support encryption");
    return lockedPem(options, labelOf(type, key), encoded(key, type));
  }
  const der = lockedDer(options, encoded(key, type));
  return options.format === "der" ? asBuffer(der) : toPem("ENCRYPTED PRIVATE KEY", der);
}

function encoded(key: NativeKey, type: string): Bytes {
  if (type === "pkcs8" || type === "spki") return type === "pkcs8" ? key.der.slice() : native.exportKey("spki", key)[0]!;
  if (type === "pkcs1" || type === "sec1") return native.exportKey(type, key)[0]!;
  throw invalidArgValue("options.type", type);
}

function labelOf(type: string, key: NativeKey): string {
  if (type === "pkcs8") return "PRIVATE KEY";
  if (type === "sec1") return "EC PRIVATE KEY";
  if (type === "pkcs1") return key.isPrivate ? "RSA PRIVATE KEY" : "RSA PUBLIC KEY";
  return "PUBLIC KEY";
}

interface KeyInput {
  key: unknown;
  format?: "pem" | "der" | "jwk";
  type?: string;
  encoding?: string;
  passphrase?: unknown;
}

/** Which half of a pair is wanted. */
type Half = "private" | "public";

const isKeyInput = (value: unknown): value is KeyInput =>
  typeof value === "object" && value !== null && !(value instanceof KeyObject) && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer) && "key" in value;

const CRYPTO_KEY = "CryptoKey";
function isCryptoKey(value: unknown): value is object {
  const Class = (globalThis as unknown as Record<string, (new () => object) | undefined>)[CRYPTO_KEY];
  return Class !== undefined && value instanceof Class;
}

function fromCryptoKey(key: object): KeyObject {
  const data = internal.cryptoKeyData(key);
  if (data === null) throw invalidArgType("key", "an instance of CryptoKey", key);
  if (data.secret !== null) return new KeyObject(data.secret, null);
  return new KeyObject(null, native.importKey(data.isPrivate ? "pkcs8" : "spki", null, [data.der]));
}

function imported(format: string, der: Bytes): NativeKey {
  try {
    return native.importKey(format, null, [der]);
  } catch (error) {
    throw coded(Error, "ERR_OSSL_UNSUPPORTED", (error as Error).message);
  }
}

/** Any form of an asymmetric key. */
function readKey(input: unknown, half: Half): Key {
  if (input instanceof KeyObject) {
    if (input._key === null) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type secret, expected private or public.");
    return input._key;
  }
  if (isCryptoKey(input)) return readKey(fromCryptoKey(input), half);
  if (!isKeyInput(input)) return readEncoded({ key: input }, half);
  if (input.key instanceof KeyObject || isCryptoKey(input.key)) return readKey(input.key, half);
  if (input.format === "jwk") return fromJwk(input.key as Jwk);
  return readEncoded(input, half);
}

function readEncoded({ key, format = "pem", type, encoding, passphrase }: KeyInput, half: Half): NativeKey {
  const bytes = bytesOf("key", key, encoding);
  const secret = passphrase === undefined || passphrase === null ? null : bytesOf("passphrase", passphrase, encoding);
  if (format === "der") return readDer(bytes, type ?? (half === "private" ? "pkcs8" : "spki"), secret, half);
  const pem = fromPem(typeof key === "string" ? key : String(output(bytes, "utf8")));
  if (pem.locked === null) return imported(pem.format, pem.der);
  return unlocked(pem.format, half, secret, (given) => (pem.locked === "" ? unlockedDer(given, pem.der) : unlockedPem(given, pem.locked!, pem.der)));
}

function readDer(bytes: Bytes, type: string, secret: Bytes | null, half: Half): NativeKey {
  if (type === "pkcs8" && isLockedDer(bytes)) return unlocked(type, half, secret, (given) => unlockedDer(given, bytes));
  if (type !== "pkcs1") return imported(type, bytes);
  try {
    return native.importKey("pkcs1", null, [bytes]);
  } catch {
    return imported("pkcs1-public", bytes);
  }
}

/** Whether the passphrase or the key is wrong cannot be told. */
function unlocked(format: string, half: Half, secret: Bytes | null, unlock: (secret: Bytes) => Bytes): NativeKey {
  try {
    if (secret === null) throw new Error("the key is encrypted, and no passphrase is given");
    return native.importKey(format, null, [unlock(secret)]);
  } catch (cause) {
    throw new Error(`Failed to parse ${half} key`, { cause });
  }
}

export function privateHalf(input: unknown): Key {
  const key = readKey(input, "private");
  if (!key.isPrivate) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type public, expected private.");
  return key;
}

/** Of a private key its public half. */
export function publicHalf(input: unknown): Key {
  const key = readKey(input, "public");
  if (!key.isPrivate) return key;
  return key.kind === "dh" ? publicDhKey(key) : native.importKey("spki", null, native.exportKey("spki", key));
}

/** The host does not know keys of Diffie-Hellman as such. */
function ofHost(key: Key, otherwise = "Keys of the type dh do nothing else than to share secrets"): NativeKey {
  if (key.kind === "dh") throw new Error(otherwise);
  return key;
}

export const privateKey = (input: unknown): NativeKey => ofHost(privateHalf(input));
export const publicKey = (input: unknown): NativeKey => ofHost(publicHalf(input));

/** Of a secret key, or of what stands for one. */
export function secretBytes(name: string, input: unknown, encoding?: string): Bytes {
  const key = isCryptoKey(input) ? fromCryptoKey(input) : input;
  if (!(key instanceof KeyObject)) return bytesOf(name, key, encoding);
  if (key._secret === null) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", `Invalid key object type ${key.type}, expected secret.`);
  return key._secret;
}

export const createSecretKey = (key: unknown, encoding?: string): KeyObject => new KeyObject(bytesOf("key", key, encoding).slice(), null);
export const createPrivateKey = (input: unknown): KeyObject => new KeyObject(null, privateHalf(input));
export const createPublicKey = (input: unknown): KeyObject => new KeyObject(null, publicHalf(input));
