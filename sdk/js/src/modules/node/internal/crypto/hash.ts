/** `createHash` and `createHmac`: hashes and codes of messages that come in pieces; they are streams for who uses them as such. */
import internal from "ouro:internal";
import { LazyTransform } from "../lazy-transform";
import { checkString, coded, invalidArgType } from "../errors";
import { type Bytes, bytesOf, output } from "./bytes";
import { secretBytes } from "./key-object";
import { findHash, hashName } from "./names";

const { native } = internal;

type NativeHash = NonNullable<ReturnType<typeof native.createHash>>;
type Done = (error?: unknown) => void;

/** What both have in common. */
class Digest extends LazyTransform {
  protected hash: NativeHash;
  protected finished: Bytes | null = null;

  constructor(hash: NativeHash, options?: object) {
    super(options);
    this.hash = hash;
  }

  update(data: unknown, encoding?: string): this {
    if (this.finished !== null) throw coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    this.hash.update(bytesOf("data", data, encoding));
    return this;
  }

  _transform(chunk: unknown, encoding: string, done: Done): void {
    this.hash.update(bytesOf("data", chunk, encoding));
    done();
  }

  _flush(done: Done): void {
    (this as unknown as { push(chunk: unknown): void }).push(output(this.hash.digest()));
    done();
  }
}

export class Hash extends Digest {
  readonly #name: string;
  readonly #options: object | undefined;

  constructor(name: string, options?: { outputLength?: number }, hash?: NativeHash) {
    checkString("algorithm", name);
    const known = findHash(name);
    if (known === undefined) throw coded(Error, "ERR_OSSL_EVP_UNSUPPORTED", "Digest method not supported");
    super(hash ?? native.createHash(known)!, options);
    this.#name = name;
    this.#options = options;
  }

  digest(encoding?: string): Bytes | string {
    if (this.finished !== null) throw coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    const digest = this.hash.digest();
    this.finished = digest;
    return output(digest, encoding);
  }

  copy(options?: object): Hash {
    if (this.finished !== null) throw coded(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
    return new Hash(this.#name, options ?? this.#options, this.hash.copy());
  }
}

export class Hmac extends Digest {
  constructor(name: string, key: unknown, options?: { encoding?: string }) {
    checkString("hmac", name);
    if (key === null || key === undefined) throw invalidArgType("key", "of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey", key);
    super(native.createHash(hashName(name), secretBytes("key", key, options?.encoding))!, options);
  }

  /** Unlike a hash it answers a second time, with nothing. */
  digest(encoding?: string): Bytes | string {
    if (this.finished !== null) return output(new Uint8Array(0), encoding);
    const digest = this.hash.digest();
    this.finished = digest;
    return output(digest, encoding);
  }
}

export const createHash = (name: string, options?: object): Hash => new Hash(name, options);
export const createHmac = (name: string, key: unknown, options?: object): Hmac => new Hmac(name, key, options);

export function hash(name: string, data: unknown, encoding: string | { outputEncoding?: string } = "hex"): Bytes | string {
  return new Hash(name).update(data).digest(typeof encoding === "object" ? (encoding.outputEncoding ?? "hex") : encoding);
}
