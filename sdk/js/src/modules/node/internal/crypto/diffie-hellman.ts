/** Diffie-Hellman over numbers: groups with a name (RFC 3526), and groups of a worker's own. */
import internal from "ouro:internal";
import { findEncoding } from "../encodings";
import { checkInt32, coded, invalidArgType } from "../errors";
import { type Bytes, bytesOf, concat, output } from "./bytes";

const { native } = internal;

const BITS_MAX = 8192;
/** Of a new prime, which is a safe one. */
export const NEW_BITS_MAX = 4096;
const GENERATOR = 2;
/** Bits of the primes. Shorter ones are not safe any more (RFC 8247 2.4). */
const GROUPS: ReadonlyMap<string, number> = new Map([["modp14", 2048], ["modp15", 3072], ["modp16", 4096], ["modp17", 6144], ["modp18", 8192]]);

export interface Group {
  readonly prime: Bytes;
  readonly generator: Bytes;
}

/** A group with a name; undefined for an unknown one. */
export function namedGroup(name: unknown): Group | undefined {
  const bits = GROUPS.get(String(name).toLowerCase());
  return bits === undefined ? undefined : { prime: native.groupPrime(bits), generator: bytesOfNumber(GENERATOR) };
}

/** A group with a new prime. Throws what the host says. */
export function newGroup(bits: number, generator = GENERATOR): Group {
  return { prime: native.generateGroupPrime(bits, generator), generator: bytesOfNumber(generator) };
}

export const bytesOfNumber = (value: number): Bytes => withoutZeros(new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]));

/** A copy, so that a change of what was given changes nothing here. */
function withoutZeros(bytes: Bytes): Bytes {
  const begin = bytes.findIndex((byte) => byte !== 0);
  return begin < 0 ? new Uint8Array(0) : bytes.slice(begin);
}

function compare(a: Bytes, b: Bytes): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function failed(what: string, cause?: unknown): Error {
  return new Error(`DiffieHellman init failed: ${what}`, cause === undefined ? undefined : { cause });
}

function sizedGroup(size: number, generator: number | Bytes): Group {
  if (typeof generator !== "number") throw failed("invalid parameters");
  if (size > NEW_BITS_MAX) throw new RangeError("DiffieHellman init failed: requested prime size too large");
  try {
    return newGroup(Math.max(size, 0), Math.max(generator, 0));
  } catch (cause) {
    throw failed("could not generate parameters", cause);
  }
}

function givenGroup(bytes: Bytes, given: number | Bytes): Group {
  if (bytes.length > BITS_MAX / 8) throw new RangeError("DiffieHellman init failed: key is too large");
  if (bytes.length === 0) throw failed("invalid key");
  if (typeof given === "number" && given < 2) throw new RangeError("DiffieHellman init failed: generator too small");
  const [prime, generator] = [withoutZeros(bytes), typeof given === "number" ? bytesOfNumber(given) : withoutZeros(given)];
  if (compare(generator, bytesOfNumber(1)) <= 0) throw failed("invalid generator");
  const isOdd = prime.length > 0 && (prime[prime.length - 1]! & 1) === 1;
  if (!isOdd || compare(generator, prime) >= 0) throw failed("Invalid DH prime generated");
  return { prime, generator };
}

/** What stands for a number in the arguments of a constructor. */
function numberOrBytes(name: string, value: unknown, encoding: unknown): number | Bytes {
  if (typeof value === "number") {
    checkInt32(name, value);
    return value;
  }
  if (typeof value === "string" || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return bytesOf(name, value, encoding);
  throw invalidArgType(name, "one of type number or string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
}

const isEncoding = (value: unknown): boolean => value === "buffer" || (typeof value === "string" && findEncoding(value) !== undefined);

function groupOf(sizeOrKey: unknown, ...rest: unknown[]): Group {
  const [keyEncoding, generator, encoding] = rest[0] && !isEncoding(rest[0]) ? ["utf8", ...rest] : rest;
  const key = numberOrBytes("sizeOrKey", sizeOrKey, keyEncoding);
  const base = numberOrBytes("generator", generator || GENERATOR, encoding);
  return typeof key === "number" ? sizedGroup(key, base) : givenGroup(key, base);
}

interface State {
  readonly group: Group;
  privateKey: Bytes | null;
  publicKey: Bytes | null;
  /** What is wrong with the group, once somebody has asked. */
  flags?: number;
}

const states = new WeakMap<Exchange, State>();

/** What both classes have. */
class Exchange {
  constructor(group: Group) {
    states.set(this, { group, privateKey: null, publicKey: null });
  }

  generateKeys(encoding?: string): Bytes | string {
    const state = states.get(this)!;
    const { prime, generator } = state.group;
    try {
      [state.privateKey, state.publicKey] = native.generateNumbers(prime, generator, state.privateKey);
    } catch (cause) {
      throw Object.assign(coded(Error, "ERR_CRYPTO_OPERATION_FAILED", "Key generation failed"), { cause });
    }
    return this.getPublicKey(encoding);
  }

  computeSecret(key: unknown, inputEncoding?: string, outputEncoding?: string): Bytes | string {
    const { group, privateKey } = states.get(this)!;
    const other = bytesOf("key", key, inputEncoding);
    if (other.length === 0) throw secretFailed(Error, "invalid key");
    if (privateKey === null) throw secretFailed(Error, "error computing shared secret");
    return output(secret(group, privateKey, other), outputEncoding);
  }

  getPrime(encoding?: string): Bytes | string {
    return output(states.get(this)!.group.prime.slice(), encoding);
  }

  getGenerator(encoding?: string): Bytes | string {
    return output(states.get(this)!.group.generator.slice(), encoding);
  }

  getPublicKey(encoding?: string): Bytes | string {
    return output(there(states.get(this)!.publicKey, "No public key"), encoding);
  }

  getPrivateKey(encoding?: string): Bytes | string {
    return output(there(states.get(this)!.privateKey, "No private key"), encoding);
  }

  /** Flags, `DH_CHECK_P_NOT_PRIME` and its like. */
  get verifyError(): number {
    const state = states.get(this)!;
    return (state.flags ??= native.checkGroup(state.group.prime, state.group.generator));
  }
}

function there(key: Bytes | null, otherwise: string): Bytes {
  if (key === null) throw new Error(otherwise);
  return key.slice();
}

function secretFailed(Class: new (message: string, options?: ErrorOptions) => Error, what: string, cause?: unknown): Error {
  return new Class(`DiffieHellman computeSecret() failed: ${what}`, cause === undefined ? undefined : { cause });
}

function secret(group: Group, privateKey: Bytes, other: Bytes): Bytes {
  try {
    return native.groupSecret(group.prime, group.generator, privateKey, other);
  } catch (cause) {
    const { code, message } = cause as Error & { code?: string };
    throw code === "data" ? secretFailed(RangeError, message) : secretFailed(Error, "error computing shared secret", cause);
  }
}

class OfPrime extends Exchange {
  constructor(...args: [unknown, ...unknown[]]) {
    super(groupOf(...args));
  }

  setPublicKey(key: unknown, encoding?: string): this {
    states.get(this)!.publicKey = withoutZeros(bytesOf("key", key, encoding));
    return this;
  }

  setPrivateKey(key: unknown, encoding?: string): this {
    states.get(this)!.privateKey = withoutZeros(bytesOf("key", key, encoding));
    return this;
  }
}

class OfGroup extends Exchange {
  constructor(name: unknown) {
    const group = namedGroup(name);
    if (group === undefined) throw new Error(`Failed to init DiffieHellmanGroup: invalid group. Only groups {${[...GROUPS.keys()].join(", ")}} are supported.`);
    super(group);
  }
}

/** A constructor that may be called without `new`, as Node.js' are. */
function callable<T extends new (...args: never[]) => object>(name: string, length: number, Class: T): T {
  const constructor = function (this: unknown, ...args: never[]): object {
    return Reflect.construct(Class, args, new.target ?? constructor) as object;
  };
  Object.defineProperties(constructor, { name: { value: name, configurable: true }, length: { value: length, configurable: true }, prototype: { value: Class.prototype } });
  Object.defineProperty(Class.prototype, "constructor", { value: constructor, configurable: true, writable: true });
  return constructor as unknown as T;
}

export const DiffieHellman = callable("DiffieHellman", 4, OfPrime);
export const DiffieHellmanGroup = callable("DiffieHellmanGroup", 1, OfGroup);

export const createDiffieHellman = (sizeOrKey: unknown, keyEncoding?: unknown, generator?: unknown, generatorEncoding?: unknown): OfPrime =>
  new DiffieHellman(sizeOrKey, keyEncoding, generator, generatorEncoding);
export const createDiffieHellmanGroup = (name: unknown): OfGroup => new DiffieHellmanGroup(name);
export const getDiffieHellman = (name: unknown): OfGroup => new DiffieHellmanGroup(name);

// Keys as objects

/** A key of the type `dh`, which has no form outside of `KeyObject`. */
export interface DhKey {
  readonly kind: "dh";
  readonly isPrivate: boolean;
  /** What tells it from others. */
  readonly der: Bytes;
  readonly group: Group;
  readonly number: Bytes;
}

function dhKey(group: Group, isPrivate: boolean, number: Bytes): DhKey {
  const lengths = new Uint8Array(new Uint32Array([group.prime.length, group.generator.length]).buffer);
  return { kind: "dh", isPrivate, der: concat([lengths, group.prime, group.generator, number]), group, number };
}

/** The public half and the private one. */
export function generateDhKeys(group: Group): [DhKey, DhKey] {
  const [secret, open] = native.generateNumbers(group.prime, group.generator, null);
  return [dhKey(group, false, open), dhKey(group, true, secret)];
}

export function publicDhKey({ group, number }: DhKey): DhKey {
  return dhKey(group, false, native.generateNumbers(group.prime, group.generator, number)[1]);
}

export function dhSecret(own: DhKey, other: DhKey): Bytes {
  const { group } = own;
  if (compare(group.prime, other.group.prime) !== 0 || compare(group.generator, other.group.generator) !== 0) throw new Error("the groups differ");
  return native.groupSecret(group.prime, group.generator, own.number, other.number);
}
