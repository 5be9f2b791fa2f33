/** `KeyObject`, and what can be given in its place: text in PEM, DER, JWK, `CryptoKey`, plain bytes. */
import internal from "ouro:internal";
import { asBuffer } from "../buffer";
import { coded, invalidArgType, invalidArgValue } from "../errors";
import { type Bytes, bytesOf, output } from "./bytes";
import { fromJwk, type Jwk, toJwk } from "./jwk";
import { fromPem, toPem } from "./pem";

const { native } = internal;
export type NativeKey = ReturnType<typeof native.importKey>;

interface ExportOptions {
  format?: "pem" | "der" | "jwk" | "buffer";
  type?: "pkcs1" | "spki" | "pkcs8" | "sec1";
  cipher?: string;
}

export class KeyObject {
  readonly type: "secret" | "public" | "private";
  /** Of a secret key. */
  readonly _secret: Bytes | null;
  readonly _key: NativeKey | null;

  constructor(secret: Bytes | null, key: NativeKey | null) {
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
    const kind = this._key?.kind;
    return kind === undefined ? undefined : kind.startsWith("P-") ? "ec" : kind.toLowerCase();
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
    if (options.format === "jwk") return toJwk(key);
    if (options.cipher !== undefined) throw coded(Error, "ERR_METHOD_NOT_IMPLEMENTED", "encrypted private keys are not supported");
    const type = options.type ?? (key.isPrivate ? "pkcs8" : "spki");
    const der = encoded(key, type);
    return options.format === "der" ? asBuffer(der) : toPem(labelOf(type, key), der);
  }

  get [Symbol.toStringTag](): string {
    return "KeyObject";
  }
}

/** Names of curves in OpenSSL. */
export const CURVES: Record<string, string> = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

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
}

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
function readKey(input: unknown): NativeKey {
  if (input instanceof KeyObject) {
    if (input._key === null) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type secret, expected private or public.");
    return input._key;
  }
  if (isCryptoKey(input)) return readKey(fromCryptoKey(input));
  if (!isKeyInput(input)) return readEncoded(input, "pem", undefined, undefined);
  if (input.key instanceof KeyObject || isCryptoKey(input.key)) return readKey(input.key);
  if (input.format === "jwk") return fromJwk(input.key as Jwk);
  return readEncoded(input.key, input.format ?? "pem", input.type, input.encoding);
}

function readEncoded(value: unknown, format: string, type: string | undefined, encoding: string | undefined): NativeKey {
  const bytes = bytesOf("key", value, encoding);
  if (format === "der") {
    if (type !== "pkcs1") return imported(type ?? "spki", bytes);
    try {
      return native.importKey("pkcs1", null, [bytes]);
    } catch {
      return imported("pkcs1-public", bytes);
    }
  }
  const pem = fromPem(typeof value === "string" ? value : String(output(bytes, "utf8")));
  return imported(pem.format, pem.der);
}

export function privateKey(input: unknown): NativeKey {
  const key = readKey(input);
  if (!key.isPrivate) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", "Invalid key object type public, expected private.");
  return key;
}

/** Of a private key its public half. */
export function publicKey(input: unknown): NativeKey {
  const key = readKey(input);
  return key.isPrivate ? native.importKey("spki", null, native.exportKey("spki", key)) : key;
}

/** Of a secret key, or of what stands for one. */
export function secretBytes(name: string, input: unknown, encoding?: string): Bytes {
  const key = isCryptoKey(input) ? fromCryptoKey(input) : input;
  if (!(key instanceof KeyObject)) return bytesOf(name, key, encoding);
  if (key._secret === null) throw coded(TypeError, "ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE", `Invalid key object type ${key.type}, expected secret.`);
  return key._secret;
}

export const createSecretKey = (key: unknown, encoding?: string): KeyObject => new KeyObject(bytesOf("key", key, encoding).slice(), null);
export const createPrivateKey = (input: unknown): KeyObject => new KeyObject(null, privateKey(input));
export const createPublicKey = (input: unknown): KeyObject => new KeyObject(null, publicKey(input));
