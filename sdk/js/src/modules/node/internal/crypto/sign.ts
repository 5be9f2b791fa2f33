/** Signatures: `createSign`, `createVerify`, and their one-shot forms. */
import internal from "ouro:internal";
import { LazyTransform } from "../lazy-transform";
import { checkFunction, checkString, coded, invalidArgValue } from "../errors";
import { nextTick } from "../../process";
import { type Bytes, bytesOf, concat, output } from "./bytes";
import { constants } from "./constants";
import { type NativeKey, privateKey, publicKey } from "./key-object";
import { digestBytes, findHash } from "./names";

const { native } = internal;

type Scheme = Parameters<typeof native.sign>[0];
type Done = (error?: unknown) => void;

interface SignOptions {
  padding?: number;
  saltLength?: number;
  dsaEncoding?: "der" | "ieee-p1363";
}

const optionsOf = (key: unknown): SignOptions => (typeof key === "object" && key !== null && "key" in key ? (key as SignOptions) : {});

function schemeOf(key: NativeKey, { padding, dsaEncoding }: SignOptions): Scheme {
  if (key.kind === "rsa") return padding === constants.RSA_PKCS1_PSS_PADDING ? "RSA-PSS" : "RSASSA-PKCS1-v1_5";
  if (key.kind === "Ed25519" || key.kind === "Ed448") return key.kind;
  if (key.kind === "X25519" || key.kind === "X448") throw coded(Error, "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE", "operation not supported for this keytype");
  return dsaEncoding === "ieee-p1363" ? "ECDSA" : "ECDSA-DER";
}

/** The host's number for the longest salt that fits where it signs, and for whichever the signature has where it verifies. */
const SALT_AUTO = 0xffff_ffff;

function saltLength(scheme: Scheme, hash: string, { saltLength = constants.RSA_PSS_SALTLEN_AUTO }: SignOptions): number {
  if (scheme !== "RSA-PSS") return 0;
  if (!Number.isInteger(saltLength) || saltLength < constants.RSA_PSS_SALTLEN_AUTO || saltLength > 0x7fff_ffff) throw invalidArgValue("options.saltLength", saltLength);
  if (saltLength === constants.RSA_PSS_SALTLEN_DIGEST) return digestBytes(hash);
  return saltLength === constants.RSA_PSS_SALTLEN_AUTO ? SALT_AUTO : saltLength;
}

const hashesItself = ({ kind }: NativeKey): boolean => kind === "Ed25519" || kind === "Ed448";

/** What is signed: the digest, but of Ed25519 and Ed448 the message itself. */
function prepared(hash: string, key: NativeKey, message: Bytes): Bytes {
  return hashesItself(key) ? message : native.digest(hash, message);
}

function signOnce(name: string | null | undefined, message: Bytes, input: unknown): Bytes {
  const key = privateKey(input);
  const hash = hashOf(name, key);
  const options = optionsOf(input);
  const scheme = schemeOf(key, options);
  return native.sign(scheme, hash, key.der, prepared(hash, key, message), saltLength(scheme, hash, options));
}

function verifyOnce(name: string | null | undefined, message: Bytes, input: unknown, signature: Bytes): boolean {
  const key = publicKey(input);
  const hash = hashOf(name, key);
  const options = optionsOf(input);
  const scheme = schemeOf(key, options);
  return native.verify(scheme, hash, key.der, prepared(hash, key, message), signature, saltLength(scheme, hash, options));
}

function hashOf(name: string | null | undefined, key: NativeKey): string {
  if (name === null || name === undefined) return hashesItself(key) ? "SHA-512" : "SHA-256";
  const found = findHash(name);
  if (found === undefined) throw coded(Error, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${name}`);
  return found;
}

/** Collects the message. */
class Collector extends LazyTransform {
  protected readonly algorithm: string;
  #parts: Bytes[] = [];

  constructor(algorithm: string, options?: object) {
    checkString("algorithm", algorithm);
    if (findHash(algorithm) === undefined) throw coded(Error, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${algorithm}`);
    super(options);
    this.algorithm = algorithm;
  }

  update(data: unknown, encoding?: string): this {
    this.#parts.push(bytesOf("data", data, encoding).slice());
    return this;
  }

  protected message(): Bytes {
    return concat(this.#parts);
  }

  /** As the sink of a stream. */
  _write(chunk: unknown, encoding: string, done: Done): void {
    this.update(chunk, encoding);
    done();
  }

  end(chunk?: unknown, encoding?: string): this {
    if (chunk !== undefined && chunk !== null) this.update(chunk, encoding);
    return this;
  }
}

export class Sign extends Collector {
  sign(key: unknown, encoding?: string): Bytes | string {
    return output(signOnce(this.algorithm, this.message(), key), encoding);
  }
}

export class Verify extends Collector {
  verify(key: unknown, signature: unknown, encoding?: string): boolean {
    return verifyOnce(this.algorithm, this.message(), key, bytesOf("signature", signature, encoding));
  }
}

export const createSign = (algorithm: string, options?: object): Sign => new Sign(algorithm, options);
export const createVerify = (algorithm: string, options?: object): Verify => new Verify(algorithm, options);

function answer<T>(callback: unknown, work: () => T): T | undefined {
  if (callback === undefined) return work();
  checkFunction("callback", callback);
  nextTick(() => {
    let value: T;
    try {
      value = work();
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, value);
  });
  return undefined;
}

export function sign(algorithm: string | null | undefined, data: unknown, key: unknown, callback?: unknown): Bytes | string | undefined {
  return answer(callback, () => output(signOnce(algorithm, bytesOf("data", data), key)));
}

export function verify(algorithm: string | null | undefined, data: unknown, key: unknown, signature: unknown, callback?: unknown): boolean | undefined {
  return answer(callback, () => verifyOnce(algorithm, bytesOf("data", data), key, bytesOf("signature", signature)));
}
