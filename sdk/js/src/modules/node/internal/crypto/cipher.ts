/** `createCipheriv` and `createDecipheriv`: AES in the modes CBC, CTR, ECB and GCM. */
import internal from "ouro:internal";
import { LazyTransform } from "../lazy-transform";
import { coded, invalidArgType, invalidArgValue } from "../errors";
import { type Bytes, bytesOf, output } from "./bytes";
import { secretBytes } from "./key-object";
import { type CipherInfo, findCipher } from "./names";

const { native } = internal;

type NativeCipher = NonNullable<ReturnType<typeof native.createCipher>>;
type Done = (error?: unknown) => void;

export interface CipherOptions {
  authTagLength?: number;
}

const TAG_BYTES = 16;

/** The length of the tags of GCM that a worker demands; other modes have none. */
function tagLengthOf({ mode }: CipherInfo, length: number | null | undefined): number | null {
  if (length === undefined || length === null) return null;
  if (length >>> 0 !== length) throw invalidArgValue("options.authTagLength", length);
  if (mode !== "gcm") return null;
  checkTagLength(length);
  return length;
}

/** What NIST SP 800-38D 5.2.1.2 allows. */
function checkTagLength(length: number): void {
  if (length !== 4 && length !== 8 && !(length >= 12 && length <= TAG_BYTES)) throw invalidTagLength(length);
}

function invalidTagLength(length: number): Error {
  return coded(TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG", `Invalid authentication tag length: ${length}`);
}

class Cipher extends LazyTransform {
  readonly #info: CipherInfo;
  readonly #encrypts: boolean;
  readonly #cipher: NativeCipher;
  /** Null where none was asked for. */
  readonly #tagLength: number | null;
  #padding = true;
  #finished = false;
  #tag: Bytes | null = null;

  constructor(encrypts: boolean, name: string, key: unknown, iv: unknown, options: CipherOptions = {}) {
    super(options);
    if (typeof name !== "string") throw invalidArgType("cipher", "of type string", name);
    const info = findCipher(name);
    if (info === undefined) throw coded(RangeError, "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher");
    const secret = secretBytes("key", key);
    const vector = iv === null ? new Uint8Array(0) : bytesOf("iv", iv);
    if (secret.length !== info.keyLength) throw coded(RangeError, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
    const fits = info.mode === "gcm" ? vector.length > 0 : vector.length === (info.ivLength ?? 0);
    const cipher = fits ? native.createCipher(info.mode.toUpperCase(), encrypts, secret, vector) : null;
    if (cipher === null) throw coded(TypeError, "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector");
    this.#info = info;
    this.#encrypts = encrypts;
    this.#cipher = cipher;
    this.#tagLength = tagLengthOf(info, options.authTagLength);
  }

  update(data: unknown, inputEncoding?: string, outputEncoding?: string): Bytes | string {
    if (this.#finished) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state or unable to authenticate data");
    return output(this.#cipher.update(bytesOf("data", data, inputEncoding)), outputEncoding);
  }

  final(encoding?: string): Bytes | string {
    if (this.#finished) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Unsupported state");
    this.#finished = true;
    if (this.#info.mode === "gcm" && !this.#encrypts && this.#tag === null) throw new Error("Unsupported state or unable to authenticate data");
    let last: Bytes;
    try {
      last = this.#cipher.finish(this.#padding, this.#tag);
    } catch {
      throw this.#failure();
    }
    if (this.#info.mode === "gcm" && this.#encrypts) this.#tag = this.#cipher.tag().slice(0, this.#tagLength ?? TAG_BYTES);
    return output(last, encoding);
  }

  #failure(): Error {
    if (this.#info.mode === "gcm") return new Error("Unsupported state or unable to authenticate data");
    if (!this.#padding) return coded(Error, "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH", "wrong final block length");
    return this.#encrypts ? new Error("the data cannot be encrypted") : coded(Error, "ERR_OSSL_BAD_DECRYPT", "bad decrypt");
  }

  setAutoPadding(on = true): this {
    this.#padding = on;
    return this;
  }

  setAAD(data: unknown, options?: { encoding?: string }): this {
    this.#cipher.additional(bytesOf("buffer", data, options?.encoding));
    return this;
  }

  getAuthTag(): Bytes | string {
    if (!this.#encrypts || this.#tag === null) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state for operation getAuthTag");
    return output(this.#tag.slice());
  }

  setAuthTag(tag: unknown, encoding?: string): this {
    const bytes = bytesOf("buffer", tag, encoding);
    if (this.#info.mode !== "gcm" || this.#encrypts) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state for operation setAuthTag");
    if (this.#tag !== null) throw coded(Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state for operation setAuthTag");
    checkTagLength(bytes.length);
    if (this.#tagLength !== null && bytes.length !== this.#tagLength) throw invalidTagLength(bytes.length);
    this.#tag = bytes.slice();
    return this;
  }

  _transform(chunk: unknown, encoding: string, done: Done): void {
    (this as unknown as { push(chunk: unknown): void }).push(this.update(chunk, encoding));
    done();
  }

  _flush(done: Done): void {
    try {
      (this as unknown as { push(chunk: unknown): void }).push(this.final());
    } catch (error) {
      return done(error);
    }
    done();
  }
}

export class Cipheriv extends Cipher {
  constructor(name: string, key: unknown, iv: unknown, options?: CipherOptions) {
    super(true, name, key, iv, options);
  }
}

export class Decipheriv extends Cipher {
  constructor(name: string, key: unknown, iv: unknown, options?: CipherOptions) {
    super(false, name, key, iv, options);
  }
}

export const createCipheriv = (name: string, key: unknown, iv: unknown, options?: CipherOptions): Cipheriv => new Cipheriv(name, key, iv, options);
export const createDecipheriv = (name: string, key: unknown, iv: unknown, options?: CipherOptions): Decipheriv => new Decipheriv(name, key, iv, options);
