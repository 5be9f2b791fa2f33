/** New keys, shared secrets, and encryption with RSA. */
import internal from "ouro:internal";
import { asBuffer } from "../buffer";
import { checkFunction, checkInt32, checkObject, checkString, coded, invalidArgType, invalidArgValue, outOfRange } from "../errors";
import { nextTick } from "../../process";
import { type Bytes, bytesOf, output } from "./bytes";
import { constants } from "./constants";
import { bytesOfNumber, dhSecret, generateDhKeys, type Group, namedGroup, NEW_BITS_MAX, newGroup } from "./diffie-hellman";
import { CURVES, type ExportOptions, type Key, KeyObject, keyType, privateHalf, privateKey, publicHalf, publicKey } from "./key-object";
import { hashName } from "./names";
import { checkLock, type LockOptions } from "./passphrase";

const { native } = internal;

type Kind = Parameters<typeof native.generateKeys>[0];

interface PairOptions {
  modulusLength?: number;
  publicExponent?: number;
  namedCurve?: string;
  /** Of `dh`: a prime, its length, or the name of a group. */
  prime?: unknown;
  primeLength?: number;
  generator?: number;
  group?: string;
  groupName?: string;
  publicKeyEncoding?: ExportOptions;
  privateKeyEncoding?: ExportOptions;
}
interface Pair {
  publicKey: unknown;
  privateKey: unknown;
}

const curveOf = (name: string): Kind | undefined => (Object.hasOwn(CURVES, name) ? (name as Kind) : (Object.keys(CURVES).find((curve) => CURVES[curve] === name || (name === "secp256r1" && curve === "P-256")) as Kind | undefined));

function kindOf(type: string, options: PairOptions): Kind {
  if (type === "rsa" || type === "rsa-pss") return "rsa";
  if (type === "ed25519") return "Ed25519";
  if (type === "x25519") return "X25519";
  if (type === "ed448") return "Ed448";
  if (type === "x448") return "X448";
  const curve = type === "ec" ? curveOf(String(options.namedCurve)) : undefined;
  if (curve !== undefined) return curve;
  if (type === "ec") throw coded(TypeError, "ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name");
  throw invalidArgValue("type", type, "must be a supported key type");
}

/** Of the options each is at most there once, besides the generator of a prime. */
function dhGroup(options: PairOptions): Group {
  const { prime, primeLength, generator } = options;
  if (generator != null) checkInt32("options.generator", generator, 0);
  const name = options.group ?? options.groupName;
  if (name != null) {
    for (const other of ["prime", "primeLength", "generator"] as const) if (options[other] != null) throw excluding("group", other);
    checkString("options.group", name);
    const group = namedGroup(name);
    if (group === undefined) throw new Error("Invalid or unsupported group");
    return group;
  }
  if (prime == null) {
    if (primeLength == null) throw coded(TypeError, "ERR_MISSING_OPTION", "At least one of the group, prime, or primeLength options is required");
    checkInt32("options.primeLength", primeLength, 0);
    if (primeLength > NEW_BITS_MAX) throw outOfRange("options.primeLength", `<= ${NEW_BITS_MAX}`, primeLength);
    return keysOf(() => newGroup(primeLength, generator ?? undefined));
  }
  if (primeLength != null) throw excluding("prime", "primeLength");
  if (!ArrayBuffer.isView(prime) && !(prime instanceof ArrayBuffer)) throw invalidArgType("options.prime", "an instance of Buffer, TypedArray, or ArrayBuffer", prime);
  return { prime: bytesOf("options.prime", prime).slice(), generator: bytesOfNumber(generator ?? 2) };
}

function excluding(one: string, other: string): Error {
  return coded(Error, "ERR_INCOMPATIBLE_OPTION_PAIR", `The options "${one}" and "${other}" are mutually exclusive.`);
}

/** What the host refuses has no code of Node.js. */
function keysOf<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error("Failed to generate key", { cause });
  }
}

/** The public half and the private one. */
function generated(type: string, options: PairOptions): [Key, Key] {
  if (type === "dh") {
    const group = dhGroup(options);
    return keysOf(() => generateDhKeys(group));
  }
  const kind = kindOf(type, options);
  const exponent = options.publicExponent ?? 0x10001;
  const [secret, open] = native.generateKeys(kind, options.modulusLength ?? 0, new Uint8Array([exponent >>> 16, (exponent >>> 8) & 255, exponent & 255]));
  return [{ kind, isPrivate: false, der: open }, { kind, isPrivate: true, der: secret }];
}

export function generateKeyPairSync(type: string, options: PairOptions = {}): Pair {
  const [publicForm, privateForm] = [options.publicKeyEncoding, options.privateKeyEncoding];
  if (privateForm !== undefined) checkLock("options.privateKeyEncoding", privateForm as LockOptions);
  const [open, secret] = generated(type, options).map((key) => new KeyObject(null, key)) as [KeyObject, KeyObject];
  return { publicKey: publicForm === undefined ? open : open.export(publicForm), privateKey: privateForm === undefined ? secret : secret.export(privateForm) };
}

export function generateKeyPair(type: string, options: PairOptions | undefined, callback: unknown): void {
  checkFunction("callback", callback);
  nextTick(() => {
    let pair: Pair;
    try {
      pair = generateKeyPairSync(type, options);
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, pair.publicKey, pair.privateKey);
  });
}
Object.defineProperty(generateKeyPair, Symbol.for("nodejs.util.promisify.custom"), { value: (type: string, options?: PairOptions) => Promise.resolve().then(() => generateKeyPairSync(type, options)) });

export function generateKeySync(type: "hmac" | "aes", options: { length: number }): KeyObject {
  if (type !== "hmac" && type !== "aes") throw invalidArgValue("type", type, "must be a supported key type");
  const secret = new Uint8Array(Math.floor(options.length / 8));
  native.randomFill(secret);
  return new KeyObject(secret, null);
}

export function generateKey(type: "hmac" | "aes", options: { length: number }, callback: unknown): void {
  checkFunction("callback", callback);
  const key = generateKeySync(type, options);
  nextTick(() => callback(null, key));
}

// Shared secrets

/** Of a KeyObject, or of what is read as one. A private key stands for its public half. */
function half(name: "publicKey" | "privateKey", input: unknown): Key {
  const wanted = name === "publicKey" ? "public" : "private";
  if (typeof input !== "string" && (typeof input !== "object" || input === null)) throw invalidArgType(`options.${name}`, "an instance of KeyObject", input);
  if (input instanceof KeyObject && input.type !== wanted && input.type !== "private") throw invalidArgType(`options.${name}`, `${wanted} key`, input);
  return wanted === "public" ? publicHalf(input) : privateHalf(input);
}

export function diffieHellman(options: { privateKey: unknown; publicKey: unknown }): Bytes {
  checkObject("options", options);
  const [other, own] = [half("publicKey", options.publicKey), half("privateKey", options.privateKey)];
  const type = keyType(other);
  if (type !== keyType(own)) throw invalidArgValue("options.publicKey.asymmetricKeyType", type, "must equal privateKey.asymmetricKeyType");
  try {
    return asBuffer(own.kind === "dh" && other.kind === "dh" ? dhSecret(own, other) : native.deriveSecret(own.der, other.der));
  } catch (cause) {
    throw new Error("Failed to derive shared diffie-hellman secret", { cause });
  }
}

/** Elliptic-curve Diffie-Hellman on points and numbers. */
export class ECDH {
  readonly #kind: Kind;
  #key: ReturnType<typeof native.importKey> | null = null;

  constructor(curve: string) {
    const kind = curveOf(curve);
    if (kind === undefined) throw coded(TypeError, "ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name");
    this.#kind = kind;
  }

  generateKeys(encoding?: string, format?: string): Bytes | string {
    const [der] = native.generateKeys(this.#kind, 0, new Uint8Array(0));
    this.#key = native.importKey("pkcs8", null, [der]);
    return this.getPublicKey(encoding, format);
  }

  computeSecret(other: unknown, inputEncoding?: string, outputEncoding?: string): Bytes | string {
    let point: ReturnType<typeof native.importKey>;
    try {
      point = native.importKey("raw", this.#kind, [bytesOf("otherPublicKey", other, inputEncoding)]);
    } catch {
      throw coded(Error, "ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY", "Public key is not valid for specified curve");
    }
    return output(native.deriveSecret(this.#own().der, point.der), outputEncoding);
  }

  getPublicKey(encoding?: string, format?: string): Bytes | string {
    return output(native.exportKey(format === "compressed" ? "raw-compressed" : "raw", this.#own())[0]!, encoding);
  }

  getPrivateKey(encoding?: string): Bytes | string {
    return output(native.exportKey("raw-private", this.#own())[0]!, encoding);
  }

  setPrivateKey(key: unknown, encoding?: string): void {
    this.#key = native.importKey("raw-private", this.#kind, [bytesOf("privateKey", key, encoding)]);
  }

  #own(): ReturnType<typeof native.importKey> {
    if (this.#key === null) throw coded(Error, "ERR_CRYPTO_ECDH_INVALID_KEY_PAIR", "Invalid key pair");
    return this.#key;
  }
}

export const createECDH = (curve: string): ECDH => new ECDH(curve);

// RSA

interface RsaOptions {
  padding?: number;
  oaepHash?: string;
  oaepLabel?: unknown;
}

const PADDINGS: Record<number, string> = { [constants.RSA_PKCS1_OAEP_PADDING]: "OAEP", [constants.RSA_PKCS1_PADDING]: "PKCS1", [constants.RSA_NO_PADDING]: "NONE" };

function rsa(input: unknown, data: unknown, encrypts: boolean): Bytes {
  const options = (typeof input === "object" && input !== null && "key" in input ? input : {}) as RsaOptions;
  const padding = PADDINGS[options.padding ?? constants.RSA_PKCS1_OAEP_PADDING];
  if (padding === undefined) throw invalidArgValue("padding", options.padding);
  const label = options.oaepLabel === undefined ? new Uint8Array(0) : bytesOf("oaepLabel", options.oaepLabel);
  const hash = hashName(options.oaepHash ?? "sha1");
  const bytes = bytesOf("buffer", data);
  const run = encrypts ? native.rsaEncrypt : native.rsaDecrypt;
  return asBuffer(run(padding, hash, (encrypts ? publicKey(input) : privateKey(input)).der, bytes, label));
}

export const publicEncrypt = (key: unknown, data: unknown): Bytes => rsa(key, data, true);
export const privateDecrypt = (key: unknown, data: unknown): Bytes => rsa(key, data, false);
