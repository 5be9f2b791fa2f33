/** Prime numbers. */
import internal from "ouro:internal";
import { HEX } from "../encodings";
import { checkFunction, checkInt32, checkObject, invalidArgType, outOfRange } from "../errors";
import { type Bytes, bytesOf } from "./bytes";
import { later } from "./derive";

const { native } = internal;

const BITS_MAX = 8192;
const SAFE_BITS_MAX = 4096;
const CHECKS_MAX = 64;
/** Divisors with what they have to leave: as on Cloudflare those that Diffie-Hellman needs and no others. */
const RESIDUES: readonly (readonly [number, number])[] = [[12, 11], [24, 23], [60, 59]];

interface GenerateOptions {
  safe?: boolean;
  bigint?: boolean;
  add?: unknown;
  rem?: unknown;
}
interface CheckOptions {
  checks?: number;
}

/** A number as bytes, or a bigint, as big-endian bytes. */
function numberBytes(name: string, value: unknown): Bytes {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return bytesOf(name, value);
  if (typeof value !== "bigint") throw invalidArgType(name, "of type bigint or an instance of ArrayBuffer, TypedArray, Buffer, or DataView", value);
  if (value < 0n) throw outOfRange(name, ">= 0", value);
  const digits = value.toString(16);
  return native.bufferEncode(digits.length % 2 === 0 ? digits : `0${digits}`, HEX);
}

function toBigInt(bytes: Bytes): bigint {
  return BigInt(`0x${native.bufferDecode(bytes, HEX, 0, bytes.length)}`);
}

const isNumber = (bytes: Bytes, value: number): boolean => bytes.length > 0 && bytes.every((byte, i) => byte === (i === bytes.length - 1 ? value : 0));

function residueOf(size: number, add: Bytes | undefined, rem: Bytes | undefined): readonly [number, number] {
  if (add === undefined) return [0, 0];
  const found = RESIDUES.find(([divisor, rest]) => rem !== undefined && isNumber(add, divisor) && isNumber(rem, rest));
  if (found === undefined) throw new RangeError("Invalid values for add and rem");
  if (found[0] >= 2 ** size) throw new RangeError("options.add must not be bigger than size of the requested prime");
  return found;
}

function generateJob(size: number, options: GenerateOptions): () => ArrayBuffer | bigint {
  checkObject("options", options);
  const { safe = false, bigint = false } = options;
  if (typeof safe !== "boolean") throw invalidArgType("options.safe", "of type boolean", safe);
  if (typeof bigint !== "boolean") throw invalidArgType("options.bigint", "of type boolean", bigint);
  const [add, rem] = (["add", "rem"] as const).map((name) => (options[name] === undefined ? undefined : numberBytes(`options.${name}`, options[name])));
  return () => {
    const most = safe ? SAFE_BITS_MAX : BITS_MAX;
    if (size > most) throw new RangeError(`generatePrime size exceeds maximum (${most} bits)`);
    const [divisor, rest] = residueOf(size, add, rem);
    const prime = generated(size, safe, divisor, rest);
    return bigint ? toBigInt(prime) : (prime.buffer as ArrayBuffer);
  };
}

function generated(size: number, safe: boolean, divisor: number, rest: number): Bytes {
  try {
    return native.generatePrime(size, safe, divisor, rest);
  } catch (cause) {
    throw new Error("Error while generating prime", { cause });
  }
}

export function generatePrimeSync(size: number, options: GenerateOptions = {}): ArrayBuffer | bigint {
  checkInt32("size", size, 1);
  return generateJob(size, options)();
}

export function generatePrime(size: number, options: unknown, callback?: unknown): void {
  checkInt32("size", size, 1);
  const [settings, tell] = typeof options === "function" ? [{}, options] : [options, callback];
  checkFunction("callback", tell);
  later(tell, generateJob(size, settings as GenerateOptions));
}

function checkJob(candidate: unknown, options: CheckOptions): () => boolean {
  const bytes = numberBytes("candidate", candidate);
  checkObject("options", options);
  const { checks = 0 } = options;
  checkInt32("options.checks", checks, 0);
  return () => {
    if (checks > CHECKS_MAX) throw new RangeError("Invalid number of checks");
    if (bytes.length > BITS_MAX / 8) throw new RangeError("checkPrime candidate exceeds maximum size");
    try {
      return native.isPrime(bytes, checks);
    } catch (cause) {
      throw new Error("Error while checking prime", { cause });
    }
  };
}

export function checkPrimeSync(candidate: unknown, options: CheckOptions = {}): boolean {
  return checkJob(candidate, options)();
}

export function checkPrime(candidate: unknown, options: unknown, callback?: unknown): void {
  const [settings, tell] = typeof options === "function" ? [{}, options] : [options, callback];
  const job = checkJob(candidate, settings as CheckOptions);
  later(tell, job);
}
