/** SubtleCrypto (Web Cryptography 14): converts arguments, finds the algorithm, checks the key, calls the operation. */
import { native } from "../../host";
import { bufferOf, type BufferSource, decodeUtf8, encodeUtf8, isBufferSource } from "../bytes";
import { illegalUnless, need, toEnum, toSequence, toUnsignedLong } from "../webidl";
import { aesCbc, aesCtr, aesGcm, aesKw } from "./aes";
import { type Algorithm, type AlgorithmIdentifier, bytesOf, type Format, FORMATS, hashName, normalize, type Operation, type Params } from "./algorithm";
import { hkdf, pbkdf2 } from "./derive";
import { ecdh, ecdsa } from "./ec";
import { hmac } from "./hmac";
import { type JsonWebKey, toJwk } from "./jwk";
import { CryptoKey, type CryptoKeyPair, invalidData, type KeyUsage, needUsages, noAccess, notSupported, type Slots, slotsOf, USAGES } from "./key";
import { ed25519, ed448, x25519, x448 } from "./okp";
import { rsaOaep, rsaPkcs1, rsaPss } from "./rsa";

const ALGORITHMS = new Map<string, Algorithm>();
for (const algorithm of [hmac, aesGcm, aesCbc, aesCtr, aesKw, hkdf, pbkdf2, rsaPkcs1, rsaPss, rsaOaep, ecdsa, ecdh, ed25519, x25519, ed448, x448]) {
  ALGORITHMS.set(algorithm.name.toUpperCase(), algorithm);
}
const byName = (name: string): Algorithm | undefined => ALGORITHMS.get(name);
const find = (identifier: AlgorithmIdentifier, operation: Operation): [Algorithm, Params] => normalize(identifier, operation, byName);

export class SubtleCrypto {
  // Without a field every object would do as `this`.
  readonly #brand = true;

  constructor(token: unknown) {
    illegalUnless(token);
  }

  async encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 3, "encrypt");
    return crypt("encrypt", algorithm, key, data);
  }

  async decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 3, "decrypt");
    return crypt("decrypt", algorithm, key, data);
  }

  async sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 3, "sign");
    return crypt("sign", algorithm, key, data);
  }

  async verify(algorithm: AlgorithmIdentifier, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean> {
    this.#enter(arguments.length, 4, "verify");
    const slots = toKey(key);
    toSource(signature);
    toSource(data);
    const [found, params] = find(algorithm, "verify");
    checkKey(slots, params, "verify");
    return found.verify!(params, slots, bytesOf(signature), bytesOf(data));
  }

  async digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 2, "digest");
    toSource(data);
    const name = hashName(algorithm, "MD5");
    return bufferOf(native.digest(name, bytesOf(data)));
  }

  async generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, usages: Iterable<KeyUsage>): Promise<CryptoKey | CryptoKeyPair> {
    this.#enter(arguments.length, 3, "generateKey");
    const wanted = toUsages(usages);
    const [found, params] = find(algorithm, "generateKey");
    return found.generateKey!(params, Boolean(extractable), wanted);
  }

  async deriveKey(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
    derived: AlgorithmIdentifier,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey> {
    this.#enter(arguments.length, 5, "deriveKey");
    const slots = toKey(key);
    const wanted = toUsages(usages);
    const [found, params] = find(algorithm, "deriveBits");
    const [target, importParams] = find(derived, "importKey");
    const [, lengthParams] = find(derived, "keyLength");
    checkKey(slots, params, "deriveKey");
    const secret = found.deriveBits!(params, slots, target.keyLength!(lengthParams));
    return whole(target.importKey!("raw", secret, importParams, Boolean(extractable), wanted));
  }

  async deriveBits(algorithm: AlgorithmIdentifier, key: CryptoKey, length: number | null = null): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 2, "deriveBits");
    const slots = toKey(key);
    const bits = length === null ? null : toUnsignedLong(length);
    const [found, params] = find(algorithm, "deriveBits");
    checkKey(slots, params, "deriveBits");
    return bufferOf(found.deriveBits!(params, slots, bits));
  }

  async importKey(
    format: Format,
    data: BufferSource | JsonWebKey,
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey> {
    this.#enter(arguments.length, 5, "importKey");
    const form = toFormat(format);
    const source = isBufferSource(data) ? data : toJwk(data);
    const wanted = toUsages(usages);
    const [found, params] = find(algorithm, "importKey");
    if (isBufferSource(source) === (form === "jwk")) throw new TypeError(`a key as \`${form}\` must be ${form === "jwk" ? "an object" : "a buffer"}`);
    return whole(found.importKey!(form, isBufferSource(source) ? bytesOf(source) : source, params, Boolean(extractable), wanted));
  }

  async exportKey(format: Format, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey> {
    this.#enter(arguments.length, 2, "exportKey");
    const exported = exportAs(toFormat(format), toKey(key));
    return exported instanceof Uint8Array ? bufferOf(exported) : exported;
  }

  async wrapKey(format: Format, key: CryptoKey, wrapping: CryptoKey, algorithm: AlgorithmIdentifier): Promise<ArrayBuffer> {
    this.#enter(arguments.length, 4, "wrapKey");
    const form = toFormat(format);
    const [slots, wrapper] = [toKey(key), toKey(wrapping)];
    const [operation, found, params] = findEither(algorithm, "wrapKey", "encrypt");
    checkKey(wrapper, params, "wrapKey");
    const exported = exportAs(form, slots);
    const data = exported instanceof Uint8Array ? exported : encodeUtf8(JSON.stringify(exported));
    return bufferOf(found[operation]!(params, wrapper, data));
  }

  async unwrapKey(
    format: Format,
    wrapped: BufferSource,
    unwrapping: CryptoKey,
    algorithm: AlgorithmIdentifier,
    keyAlgorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: Iterable<KeyUsage>,
  ): Promise<CryptoKey> {
    this.#enter(arguments.length, 7, "unwrapKey");
    const form = toFormat(format);
    toSource(wrapped);
    const wrapper = toKey(unwrapping);
    const wanted = toUsages(usages);
    const [operation, found, params] = findEither(algorithm, "unwrapKey", "decrypt");
    const [target, keyParams] = find(keyAlgorithm, "importKey");
    checkKey(wrapper, params, "unwrapKey");
    const data = found[operation]!(params, wrapper, bytesOf(wrapped));
    return whole(target.importKey!(form, form === "jwk" ? parseJwk(data) : data, keyParams, Boolean(extractable), wanted));
  }

  /** Cloudflare's addition: compares in a time that does not depend on the contents. */
  timingSafeEqual(a: BufferSource, b: BufferSource): boolean {
    this.#enter(arguments.length, 2, "timingSafeEqual");
    const [left, right] = [bytesOf(toSource(a)), bytesOf(toSource(b))];
    if (left.length !== right.length) throw new TypeError("Input buffers must have the same byte length.");
    return native.timingSafeEqual(left, right);
  }

  #enter(given: number, required: number, operation: string): void {
    void this.#brand;
    need(given, required, operation);
  }
}
// As of CryptoKey.
Object.defineProperty(SubtleCrypto, "length", { value: 0, configurable: true });

function crypt(operation: "encrypt" | "decrypt" | "sign", algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): ArrayBuffer {
  const slots = toKey(key);
  toSource(data);
  const [found, params] = find(algorithm, operation);
  checkKey(slots, params, operation);
  return bufferOf(found[operation]!(params, slots, bytesOf(data)));
}

/** Wrapping falls back to encryption (14.3.11 and 14.3.12). */
function findEither<A extends Operation, B extends Operation>(identifier: AlgorithmIdentifier, first: A, second: B): [A | B, Algorithm, Params] {
  try {
    return [first, ...find(identifier, first)];
  } catch {
    return [second, ...find(identifier, second)];
  }
}

function toKey(value: unknown): Slots {
  const slots = slotsOf(value);
  if (slots === null) throw new TypeError("a CryptoKey is needed");
  return slots;
}

function toSource(value: BufferSource): BufferSource {
  if (!isBufferSource(value)) throw new TypeError("an ArrayBuffer or a view of one is needed");
  return value;
}

const toFormat = (value: unknown): Format => toEnum(value, FORMATS, "the key format");
const toUsages = (value: unknown): KeyUsage[] => toSequence(value, (usage) => toEnum(usage, USAGES, "a key usage"), "the key usages");

function checkKey(key: Slots, params: Params, usage: KeyUsage): void {
  if (key.algorithm.name !== params.name) throw noAccess(`the key is for ${key.algorithm.name}, not for ${params.name}`);
  if (!key.usages.includes(usage)) throw noAccess(`the key cannot be used to \`${usage}\``);
}

/** What is imported must be of use (14.3.9). */
function whole(key: CryptoKey): CryptoKey {
  if (key.type !== "public") needUsages(toKey(key).usages);
  return key;
}

function exportAs(format: Format, key: Slots): Uint8Array | JsonWebKey {
  const algorithm = ALGORITHMS.get(key.algorithm.name.toUpperCase());
  if (algorithm?.exportKey === undefined) throw notSupported(`\`exportKey\` with ${key.algorithm.name}`);
  if (!key.extractable) throw noAccess("the key is not extractable");
  return algorithm.exportKey(format, key);
}

/** Parses a JWK (Web Cryptography 15.1). */
function parseJwk(data: Uint8Array): JsonWebKey {
  let jwk: JsonWebKey;
  try {
    jwk = toJwk(JSON.parse(decodeUtf8(data)));
  } catch {
    throw invalidData("the unwrapped bytes are not a JWK");
  }
  if (jwk.kty === undefined) throw invalidData("the unwrapped JWK has no `kty`");
  return jwk;
}
