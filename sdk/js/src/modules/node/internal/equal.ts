/** Deep equality as `node:assert` and `util.isDeepStrictEqual` define it. */
import types from "../util/types";

type Pairs = Map<object, Set<object>>;

export function isDeepEqual(a: unknown, b: unknown, strict: boolean): boolean {
  return equal(a, b, strict, new Map());
}

function equal(a: unknown, b: unknown, strict: boolean, seen: Pairs): boolean {
  if (a === b) return !strict || Object.is(a, b) || a !== 0;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    if (strict) return Object.is(a, b);
    if (typeof a === "object" || typeof b === "object") return false;
    return a == b || (Number.isNaN(a) && Number.isNaN(b));
  }
  if (seen.get(a)?.has(b) === true) return true;
  seen.set(a, (seen.get(a) ?? new Set()).add(b));
  return sameKind(a, b, strict) && sameContents(a, b, strict, seen) && sameProperties(a, b, strict, seen);
}

function tag(value: object): string {
  return Object.prototype.toString.call(value);
}

function sameKind(a: object, b: object, strict: boolean): boolean {
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  return tag(a) === tag(b) && Array.isArray(a) === Array.isArray(b);
}

function sameContents(a: object, b: object, strict: boolean, seen: Pairs): boolean {
  if (a instanceof Error && b instanceof Error) {
    if (a.message !== b.message || a.name !== b.name || !equal(a.cause, b.cause, strict, seen)) return false;
  } else if (types.isDate(a)) return types.isDate(b) && Object.is((a as Date).getTime(), (b as Date).getTime());
  else if (types.isRegExp(a)) return types.isRegExp(b) && String(a) === String(b) && (a as RegExp).lastIndex === (b as RegExp).lastIndex;
  else if (types.isBoxedPrimitive(a)) return types.isBoxedPrimitive(b) && Object.is(a.valueOf(), b.valueOf());
  else if (types.isAnyArrayBuffer(a)) return sameBytes(new Uint8Array(a as ArrayBuffer), new Uint8Array(b as ArrayBuffer));
  else if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && sameView(a, b, strict);
  else if (types.isMap(a)) return types.isMap(b) && sameMap(a as Map<unknown, unknown>, b as Map<unknown, unknown>, strict, seen);
  else if (types.isSet(a)) return types.isSet(b) && sameSet(a as Set<unknown>, b as Set<unknown>, strict, seen);
  if (Array.isArray(a)) return a.length === (b as unknown[]).length;
  if (types.isWeakMap(a) || types.isWeakSet(a) || types.isPromise(a)) return false;
  return true;
}

function sameView(a: ArrayBufferView, b: ArrayBufferView, strict: boolean): boolean {
  if (a.byteLength !== b.byteLength) return false;
  // 0 and -0 are other bytes, and the same number.
  if (!strict && (a instanceof Float32Array || a instanceof Float64Array)) return a.every((value, i) => value === (b as Float64Array)[i]);
  return sameBytes(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), new Uint8Array(b.buffer, b.byteOffset, b.byteLength));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, strict: boolean, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  const left = new Map(b);
  const objects: [unknown, unknown][] = [];
  for (const [key, value] of a) {
    if (left.has(key) && (typeof key !== "object" || key === null || equal(value, left.get(key), strict, seen))) {
      if (!equal(value, left.get(key), strict, seen)) return false;
      left.delete(key);
    } else if (strict && (typeof key !== "object" || key === null)) return false;
    else objects.push([key, value]);
  }
  return objects.every(([key, value]) => takes(left, ([otherKey, other]) => equal(key, otherKey, strict, seen) && equal(value, other, strict, seen), ([k]) => left.delete(k)));
}

function sameSet(a: Set<unknown>, b: Set<unknown>, strict: boolean, seen: Pairs): boolean {
  if (a.size !== b.size) return false;
  const left = new Set(b);
  const others: unknown[] = [];
  for (const value of a) if (!left.delete(value)) others.push(value);
  return others.every((value) => takes(left, (other) => equal(value, other, strict, seen), (other) => left.delete(other)));
}

/** Takes the first that fits out of the collection. */
function takes<T>(from: Iterable<T>, fits: (item: T) => boolean, take: (item: T) => void): boolean {
  for (const item of from) {
    if (!fits(item)) continue;
    take(item);
    return true;
  }
  return false;
}

function sameProperties(a: object, b: object, strict: boolean, seen: Pairs): boolean {
  if (ArrayBuffer.isView(a)) return true;
  const keys = keysOf(a, strict);
  if (keys.length !== keysOf(b, strict).length) return false;
  return keys.every((key) => Object.prototype.propertyIsEnumerable.call(b, key) && equal((a as Record<PropertyKey, unknown>)[key], (b as Record<PropertyKey, unknown>)[key], strict, seen));
}

function keysOf(value: object, strict: boolean): PropertyKey[] {
  const names: PropertyKey[] = Object.keys(value);
  if (!strict) return names;
  return names.concat(Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key)));
}
