/**
 * Web IDL in the few pieces that the classes of this prelude share: arguments are converted here (Web IDL 3.2), interfaces are laid out
 * by `expose.ts` (3.7). A class is written like this:
 *
 * - State stands in `#private` fields. Reading one throws the TypeError of a brand check when `this` is something else, and a worker sees
 *   no property that the standard does not name. What other modules need leaves through functions that a `static` block makes.
 *   (A field costs a call per construction; a class on every request's path may keep fields that begin with `_` instead.)
 * - An optional parameter has a default, if need be `= undefined`: `length` counts what stands before the first default (3.7.7).
 * - An operation with required parameters begins with `need(arguments.length, …)`, then converts each argument, in their order.
 * - An operation that answers with a promise is `async`: whatever it throws, also for a foreign `this`, is a rejection.
 * - A class that workers cannot construct takes `token` and begins with `illegalUnless(token)`; the prelude passes `INTERNAL`.
 * - `exposeClasses({ … })` comes last; `defineConstants`, `definePairs` (pairs.ts) and `defineHandler` (events.ts) add what else an interface has.
 */

/** Throws unless an operation got as many arguments as it requires. */
export function need(given: number, required: number, operation: string): void {
  if (given < required) throw new TypeError(`\`${operation}\` needs ${required} argument${required === 1 ? "" : "s"}, not ${given}`);
}

/** Given to the constructors that workers may not call. */
export const INTERNAL = Symbol("internal");

export function illegalUnless(token: unknown): void {
  if (token !== INTERNAL) throw new TypeError("Illegal constructor");
}

/** Of what was called on something that is no instance of its interface. */
export function illegal(): TypeError {
  return new TypeError("Illegal invocation");
}

/** Operations of the global object take it, or nothing, as their `this` (Web IDL 3.7.7). */
export function needGlobal(receiver: unknown): void {
  if (receiver !== undefined && receiver !== null && receiver !== globalThis) throw illegal();
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** DOMString. Unlike `String` it throws for a symbol. */
export function toText(value: unknown): string {
  return typeof value === "string" ? value : `${value as string}`;
}

/** USVString: lone surrogates become U+FFFD. */
export function toUsvText(value: unknown): string {
  return toText(value).toWellFormed();
}

/** ByteString. */
export function toByteText(value: unknown, what: string): string {
  const text = toText(value);
  if (/[^\0-\xff]/.test(text)) throw new TypeError(`${what} holds a character above U+00FF`);
  return text;
}

/** Throws for a BigInt and a symbol, as Web IDL wants. */
function toNumber(value: unknown): number {
  return +(value as number);
}

/** double: NaN and the infinities are refused. */
export function toDouble(value: unknown, what: string): number {
  const number = toNumber(value);
  if (!Number.isFinite(number)) throw new TypeError(`${what} must be a finite number, not ${number}`);
  return number;
}

/** unsigned long. */
export function toUnsignedLong(value: unknown): number {
  return toNumber(value) >>> 0;
}

/** unsigned short. */
export function toUnsignedShort(value: unknown): number {
  return toNumber(value) & 0xffff;
}

/** long. */
export function toLong(value: unknown): number {
  return toNumber(value) | 0;
}

/** long long: modulo 2^64. Beyond 2^53 a number is an integer without help. */
export function toLongLong(value: unknown): number {
  const number = Math.trunc(toNumber(value));
  if (!Number.isFinite(number)) return 0;
  return Number.isSafeInteger(number) ? number + 0 : Number(BigInt.asIntN(64, BigInt(number)));
}

/** [Clamp]: to the nearest integer within the bounds, halves to the even one; NaN becomes 0. */
export function clamped(value: unknown, min: number, max: number): number {
  const number = Math.min(Math.max(toNumber(value), min), max);
  if (Number.isNaN(number)) return 0;
  const floor = Math.floor(number);
  const rest = number - floor;
  return (rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) + 0;
}

/** [EnforceRange]: an integer within the bounds, or a TypeError. */
export function enforced(value: unknown, min: number, max: number, what: string): number {
  const number = Math.trunc(toNumber(value));
  if (!(number >= min && number <= max)) throw new TypeError(`${what} must be an integer from ${min} to ${max}, not ${number}`);
  return number + 0;
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze(Object.create(null) as Record<string, never>);

/** A dictionary, whose members the caller reads, each once and in alphabetical order; `undefined` and `null` have none. */
export function toDictionary<T extends object>(value: T | null | undefined, what: string): Partial<T> {
  if (value === undefined || value === null) return NOTHING as Partial<T>;
  if (!isObject(value)) throw new TypeError(`${what} must be an object`);
  return value;
}

/** An enumeration. */
export function toEnum<T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  const text = toText(value);
  if (!allowed.includes(text as T)) throw new TypeError(`${what} is one of \`${allowed.join("`, `")}\`, not \`${text}\``);
  return text as T;
}

/** sequence<T>: any iterable object. */
export function toSequence<T>(value: unknown, convert: (item: unknown) => T, what: string): T[] {
  if (!isObject(value)) throw new TypeError(`${what} must be an iterable object`);
  const items: T[] = [];
  for (const item of value as Iterable<unknown>) items.push(convert(item));
  return items;
}

/** A callback function. */
export function toCallback<T extends (...args: never[]) => unknown>(value: unknown, what: string): T {
  if (typeof value !== "function") throw new TypeError(`${what} must be a function`);
  return value as T;
}
