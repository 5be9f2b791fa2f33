/** What `subtle` asks of an algorithm, and the parameters of its operations (Web Cryptography 18.4, algorithm normalization). */
import { isBufferSource, viewOf } from "../bytes";
import { enforced, isObject, toText } from "../webidl";
import type { JsonWebKey } from "./jwk";
import { type CryptoKey, type CryptoKeyPair, type KeyUsage, notSupported, type Slots, slotsOf } from "./key";

export const FORMATS = ["raw", "spki", "pkcs8", "jwk"] as const;
export type Format = (typeof FORMATS)[number];
export type AlgorithmIdentifier = string | object;

/** Parameters as Web IDL converts them; each algorithm reads those of its dictionaries. */
export interface Params {
  name: string;
  additionalData?: Uint8Array;
  context?: Uint8Array;
  counter?: Uint8Array;
  hash?: string;
  info?: Uint8Array;
  iterations?: number;
  iv?: Uint8Array;
  label?: Uint8Array;
  length?: number;
  modulusLength?: number;
  namedCurve?: string;
  public?: Slots;
  publicExponent?: Uint8Array;
  salt?: Uint8Array;
  saltLength?: number;
  tagLength?: number;
}

type Member = readonly [name: keyof Params, convert: (value: unknown, what: string) => unknown, isOptional?: true];
/** Members in the order in which they are read. */
export type Dictionary = readonly Member[];

export interface Operations {
  generateKey(params: Params, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey | CryptoKeyPair;
  importKey(format: Format, data: Uint8Array | JsonWebKey, params: Params, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey;
  exportKey(format: Format, key: Slots): Uint8Array | JsonWebKey;
  sign(params: Params, key: Slots, data: Uint8Array): Uint8Array;
  verify(params: Params, key: Slots, signature: Uint8Array, data: Uint8Array): boolean;
  encrypt(params: Params, key: Slots, data: Uint8Array): Uint8Array;
  decrypt(params: Params, key: Slots, data: Uint8Array): Uint8Array;
  wrapKey(params: Params, key: Slots, data: Uint8Array): Uint8Array;
  unwrapKey(params: Params, key: Slots, data: Uint8Array): Uint8Array;
  /** A null length is all that there is. */
  deriveBits(params: Params, key: Slots, bits: number | null): Uint8Array;
  /** Bits of a key that `deriveKey` makes; null where any length will do. */
  keyLength(params: Params): number | null;
}
export type Operation = keyof Operations;

/** Absent operations are not supported. */
export interface Algorithm extends Partial<Operations> {
  readonly name: string;
  /** Parameters beyond the name, of the operations that have some. */
  readonly params: Partial<Record<Operation, Dictionary>>;
}

/** Bytes as they are now: what the worker does to the buffer later does not count. */
function copyOf(value: unknown, what: string): Uint8Array {
  if (!isBufferSource(value)) throw new TypeError(`${what} must be an ArrayBuffer or a view of one`);
  return bytesOf(value).slice();
}

/** The bytes of a buffer; none of one that was transferred meanwhile. */
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  const buffer = (ArrayBuffer.isView(source) ? source.buffer : source) as ArrayBuffer;
  return buffer.detached ? new Uint8Array(0) : viewOf(source);
}

function bigInteger(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
  return value.slice();
}

function publicKey(value: unknown, what: string): Slots {
  const slots = slotsOf(value);
  if (slots === null) throw new TypeError(`${what} must be a CryptoKey`);
  return slots;
}

const integer = (max: number) => (value: unknown, what: string): number => enforced(value, 0, max, what);
const octet = integer(0xff);
const short = integer(0xffff);
const long = integer(0xffff_ffff);

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
const HASH_BYTES: Record<string, number> = { "SHA-1": 20, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

/** Length of a digest in bytes. */
export const hashBytes = (hash: string): number => HASH_BYTES[hash]!;

/** The canonical name of a hash. MD5 is Cloudflare's addition, for `digest` alone. */
export function hashName(value: unknown, also = ""): string {
  const name = nameOf(value);
  const upper = name.toUpperCase();
  if (!HASHES.includes(upper) && upper !== also) throw notSupported(`the hash \`${name}\``);
  return upper;
}

const hash: Member = ["hash", (value) => hashName(value)];
const namedCurve: Member = ["namedCurve", toText];

export const AES_KEY: Dictionary = [["length", short]];
export const AES_CBC: Dictionary = [["iv", copyOf]];
export const AES_CTR: Dictionary = [["counter", copyOf], ["length", octet]];
export const AES_GCM: Dictionary = [["additionalData", copyOf, true], ["iv", copyOf], ["tagLength", octet, true]];
export const CURVE: Dictionary = [namedCurve];
export const ECDH: Dictionary = [["public", publicKey]];
export const ED448: Dictionary = [["context", copyOf, true]];
export const HASHED: Dictionary = [hash];
export const HKDF: Dictionary = [hash, ["info", copyOf], ["salt", copyOf]];
export const HMAC_KEY: Dictionary = [hash, ["length", long, true]];
export const PBKDF2: Dictionary = [hash, ["iterations", long], ["salt", copyOf]];
export const RSA_KEY: Dictionary = [["modulusLength", long], ["publicExponent", bigInteger], hash];
export const RSA_OAEP: Dictionary = [["label", copyOf, true]];
export const RSA_PSS: Dictionary = [["saltLength", long]];

/** A string stands for an object with that name. */
function nameOf(identifier: unknown): string {
  if (!isObject(identifier)) return toText(identifier);
  const { name } = identifier as { name?: unknown };
  if (name === undefined) throw new TypeError("an algorithm needs a `name`");
  return toText(name);
}

/** Reads the parameters of an operation. `find` knows the algorithms by their names in capitals. */
export function normalize(identifier: AlgorithmIdentifier, operation: Operation, find: (name: string) => Algorithm | undefined): [Algorithm, Params] {
  const name = nameOf(identifier);
  const algorithm = find(name.toUpperCase());
  if (algorithm?.[operation] === undefined) throw notSupported(`\`${operation}\` with ${name}`);
  const params: Params = { name: algorithm.name };
  for (const [member, convert, isOptional] of algorithm.params[operation] ?? []) {
    const value = isObject(identifier) ? (identifier as Record<string, unknown>)[member] : undefined;
    if (value !== undefined) Object.assign(params, { [member]: convert(value, `\`${member}\``) });
    else if (isOptional !== true) throw new TypeError(`${algorithm.name} needs \`${member}\``);
  }
  return [algorithm, params];
}
