/** SubtleCrypto (Web Cryptography 14): finds the algorithm, checks the key, calls the operation. */
import { native } from "../../host";
import { bufferOf, type BufferSource, decodeUtf8, encodeUtf8, viewOf } from "../bytes";
import { DOMException } from "../dom-exception";
import { aesCbc, aesCtr, aesGcm } from "./aes";
import type { Algorithm, Format } from "./algorithm";
import { hkdf, pbkdf2 } from "./derive";
import { hmac } from "./hmac";
import { type CryptoKey, type JsonWebKey, keyData, type KeyUsage, normalize, notSupported, type Params } from "./key";

const ALGORITHMS: Record<string, Algorithm> = {
  HMAC: hmac,
  "AES-GCM": aesGcm,
  "AES-CBC": aesCbc,
  "AES-CTR": aesCtr,
  HKDF: hkdf,
  PBKDF2: pbkdf2,
};

const DIGESTS: readonly string[] = ["SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5"];

type AlgorithmIdentifier = string | { name: string };

export class SubtleCrypto {
  async digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
    const name = normalize(algorithm).name.toUpperCase();
    if (!DIGESTS.includes(name)) throw notSupported(`\`digest\` with ${name}`);
    return bufferOf(native.digest(name, viewOf(data)));
  }

  async generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, usages: KeyUsage[]): Promise<CryptoKey> {
    const { params, run } = find(algorithm, "generateKey");
    return run(params, extractable, usages);
  }

  async importKey(
    format: string,
    data: BufferSource | JsonWebKey,
    algorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey> {
    const { params, run } = find(algorithm, "importKey");
    const source = checkFormat(format, params.name) === "raw" ? viewOf(data as BufferSource).slice() : (data as JsonWebKey);
    return run(format as Format, source, params, extractable, usages);
  }

  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey> {
    const data = keyData(key);
    const { run } = find(key.algorithm, "exportJwk");
    if (!key.extractable) throw new DOMException("the key is not extractable", "InvalidAccessError");
    return checkFormat(format, key.algorithm.name) === "raw" ? bufferOf(data.slice()) : run(key);
  }

  async sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    const { params, run } = find(algorithm, "sign");
    checkKey(key, params, "sign");
    return bufferOf(run(key, viewOf(data)));
  }

  async verify(algorithm: AlgorithmIdentifier, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean> {
    const { params, run } = find(algorithm, "verify");
    checkKey(key, params, "verify");
    return run(key, viewOf(signature), viewOf(data));
  }

  async encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    const { params, run } = find(algorithm, "encrypt");
    checkKey(key, params, "encrypt");
    return bufferOf(run(params, key, viewOf(data)));
  }

  async decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer> {
    const { params, run } = find(algorithm, "decrypt");
    checkKey(key, params, "decrypt");
    return bufferOf(run(params, key, viewOf(data)));
  }

  async deriveBits(algorithm: AlgorithmIdentifier, key: CryptoKey, length: number | null): Promise<ArrayBuffer> {
    const { params, run } = find(algorithm, "deriveBits");
    checkKey(key, params, "deriveBits");
    if (length === null || length === undefined) throw new DOMException("`deriveBits` needs a length in bits", "OperationError");
    return bufferOf(run(params, key, length));
  }

  async deriveKey(
    algorithm: AlgorithmIdentifier,
    key: CryptoKey,
    derived: AlgorithmIdentifier,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey> {
    const { params, run } = find(algorithm, "deriveBits");
    checkKey(key, params, "deriveKey");
    const target = find(derived, "importKey");
    const bits = find(derived, "keyBits").run(target.params);
    if (bits === null) throw new DOMException(`the length of a key for ${target.params.name} is not known`, "OperationError");
    return target.run("raw", run(params, key, bits), target.params, extractable, usages);
  }

  async wrapKey(format: string, key: CryptoKey, wrapping: CryptoKey, algorithm: AlgorithmIdentifier): Promise<ArrayBuffer> {
    const { params, run } = find(algorithm, "encrypt");
    checkKey(wrapping, params, "wrapKey");
    const exported = await this.exportKey(format, key);
    const data = exported instanceof ArrayBuffer ? new Uint8Array(exported) : encodeUtf8(JSON.stringify(exported));
    return bufferOf(run(params, wrapping, data));
  }

  async unwrapKey(
    format: string,
    wrapped: BufferSource,
    unwrapping: CryptoKey,
    algorithm: AlgorithmIdentifier,
    keyAlgorithm: AlgorithmIdentifier,
    extractable: boolean,
    usages: KeyUsage[],
  ): Promise<CryptoKey> {
    const { params, run } = find(algorithm, "decrypt");
    checkKey(unwrapping, params, "unwrapKey");
    const data = run(params, unwrapping, viewOf(wrapped));
    const source = format === "jwk" ? (JSON.parse(decodeUtf8(data)) as JsonWebKey) : data;
    return this.importKey(format, source, keyAlgorithm, extractable, usages);
  }

  /** Cloudflare's addition: compares in a time that does not depend on the contents. */
  timingSafeEqual(a: BufferSource, b: BufferSource): boolean {
    const left = viewOf(a);
    const right = viewOf(b);
    if (left.length !== right.length) throw new TypeError("`timingSafeEqual` needs two buffers of one length");
    return native.timingSafeEqual(left, right);
  }
}

type Operation = keyof Algorithm;

/** The operation of an algorithm whose name is matched without regard to case. */
function find<O extends Operation>(identifier: AlgorithmIdentifier, operation: O): { params: Params; run: NonNullable<Algorithm[O]> } {
  const params = normalize(identifier);
  const name = Object.keys(ALGORITHMS).find((known) => known === params.name.toUpperCase());
  const run = name === undefined ? undefined : ALGORITHMS[name]![operation];
  if (run === undefined) throw notSupported(`\`${operation === "exportJwk" ? "exportKey" : operation}\` with ${params.name}`);
  params.name = name!;
  return { params, run: run as NonNullable<Algorithm[O]> };
}

function checkFormat(format: string, name: string): Format {
  if (format !== "raw" && format !== "jwk") throw notSupported(`the key format ${format} for ${name}`);
  return format;
}

function checkKey(key: CryptoKey, params: Params, usage: KeyUsage): void {
  keyData(key);
  if (key.algorithm.name !== params.name) throw new DOMException(`the key is for ${key.algorithm.name}, not for ${params.name}`, "InvalidAccessError");
  if (!key.usages.includes(usage)) throw new DOMException(`the key cannot be used to \`${usage}\``, "InvalidAccessError");
}
