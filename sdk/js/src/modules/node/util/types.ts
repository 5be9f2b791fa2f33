/** `node:util/types`: of which built-in class a value is, whatever its prototype says. */

const toString = Object.prototype.toString;
const tagOfTypedArray = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag)!.get!;

/** Does a getter or method that looks at internal slots accept the value? */
function accepts(prototype: object, key: PropertyKey, ...args: unknown[]): (value: unknown) => boolean {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key)!;
  const probe = (descriptor.get ?? descriptor.value) as (...args: unknown[]) => unknown;
  return (value) => {
    try {
      probe.apply(value, args);
      return true;
    } catch {
      return false;
    }
  };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const tag = (value: unknown): string => toString.call(value).slice(8, -1);
const typed = (name: string) => (value: unknown): boolean => (tagOfTypedArray.call(value) as unknown) === name;
const functionKind = (...names: string[]) => (value: unknown): boolean => typeof value === "function" && names.includes(tag(value));

export const isMap = accepts(Map.prototype, "size");
export const isSet = accepts(Set.prototype, "size");
export const isWeakMap = accepts(WeakMap.prototype, "has", {});
export const isWeakSet = accepts(WeakSet.prototype, "has", {});
export const isDate = accepts(Date.prototype, "getTime");
export const isArrayBuffer = accepts(ArrayBuffer.prototype, "byteLength");
export const isSharedArrayBuffer = (value: unknown): boolean => typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer;
export const isAnyArrayBuffer = (value: unknown): boolean => isArrayBuffer(value) || isSharedArrayBuffer(value);
export const isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value);
export const isDataView = accepts(DataView.prototype, "byteLength");
export const isTypedArray = (value: unknown): boolean => tagOfTypedArray.call(value) !== undefined;
export const isUint8Array = typed("Uint8Array");
export const isUint8ClampedArray = typed("Uint8ClampedArray");
export const isUint16Array = typed("Uint16Array");
export const isUint32Array = typed("Uint32Array");
export const isInt8Array = typed("Int8Array");
export const isInt16Array = typed("Int16Array");
export const isInt32Array = typed("Int32Array");
export const isFloat32Array = typed("Float32Array");
export const isFloat64Array = typed("Float64Array");
export const isBigInt64Array = typed("BigInt64Array");
export const isBigUint64Array = typed("BigUint64Array");
const hasFlags = accepts(RegExp.prototype, "exec", "");
export const isRegExp = (value: unknown): boolean => isObject(value) && tag(value) === "RegExp" && hasFlags(value);
export const isPromise = (value: unknown): boolean => value instanceof Promise;
export const isNativeError = (value: unknown): boolean => value instanceof Error;
const isString = accepts(String.prototype, "valueOf");
const isNumber = accepts(Number.prototype, "valueOf");
const isBoolean = accepts(Boolean.prototype, "valueOf");
const isSymbol = accepts(Symbol.prototype, "valueOf");
const isBigInt = accepts(BigInt.prototype, "valueOf");
export const isStringObject = (value: unknown): boolean => isObject(value) && isString(value);
export const isNumberObject = (value: unknown): boolean => isObject(value) && isNumber(value);
export const isBooleanObject = (value: unknown): boolean => isObject(value) && isBoolean(value);
export const isSymbolObject = (value: unknown): boolean => isObject(value) && isSymbol(value);
export const isBigIntObject = (value: unknown): boolean => isObject(value) && isBigInt(value);
export const isBoxedPrimitive = (value: unknown): boolean =>
  isObject(value) && (isString(value) || isNumber(value) || isBoolean(value) || isSymbol(value) || isBigInt(value));
export const isAsyncFunction = functionKind("AsyncFunction", "AsyncGeneratorFunction");
export const isGeneratorFunction = functionKind("GeneratorFunction", "AsyncGeneratorFunction");
export const isGeneratorObject = (value: unknown): boolean => isObject(value) && ["Generator", "AsyncGenerator"].includes(tag(value));
export const isMapIterator = (value: unknown): boolean => isObject(value) && tag(value) === "Map Iterator";
export const isSetIterator = (value: unknown): boolean => isObject(value) && tag(value) === "Set Iterator";
export const isArgumentsObject = (value: unknown): boolean => isObject(value) && tag(value) === "Arguments";
export const isModuleNamespaceObject = (value: unknown): boolean => isObject(value) && tag(value) === "Module";
/** Nothing tells a proxy from its target here. */
export const isProxy = (_value: unknown): boolean => false;
export const isExternal = (_value: unknown): boolean => false;
const scope = globalThis as unknown as Record<string, (new () => object) | undefined>;
export const isCryptoKey = (value: unknown): boolean => scope["CryptoKey"] !== undefined && value instanceof scope["CryptoKey"];
export const isKeyObject = (value: unknown): boolean => isObject(value) && tag(value) === "KeyObject";

export default {
  isMap, isSet, isWeakMap, isWeakSet, isDate, isArrayBuffer, isSharedArrayBuffer, isAnyArrayBuffer, isArrayBufferView, isDataView, isTypedArray, isUint8Array,
  isUint8ClampedArray, isUint16Array, isUint32Array, isInt8Array, isInt16Array, isInt32Array, isFloat32Array, isFloat64Array, isBigInt64Array, isBigUint64Array,
  isRegExp, isPromise, isNativeError, isStringObject, isNumberObject, isBooleanObject, isSymbolObject, isBigIntObject, isBoxedPrimitive, isAsyncFunction,
  isGeneratorFunction, isGeneratorObject, isMapIterator, isSetIterator, isArgumentsObject, isModuleNamespaceObject, isProxy, isExternal, isCryptoKey, isKeyObject,
};
