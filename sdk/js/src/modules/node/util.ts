/** `node:util`. Text about values is made by what `console` prints with. */
import internal from "ouro:internal";
import { stripControl, STYLES } from "./internal/ansi";
import { isDeepEqual } from "./internal/equal";
import { checkFunction, checkNumber, checkString, coded, invalidArgType, invalidArgValue } from "./internal/errors";
import { systemErrors } from "./internal/system-errors";
import types from "./util/types";

type Fn = (...args: never[]) => unknown;
type AnyFn = ((this: unknown, ...args: unknown[]) => unknown) & Record<PropertyKey, unknown>;

const scope = globalThis as unknown as Record<"TextEncoder" | "TextDecoder" | "AbortController" | "AbortSignal", new (...args: unknown[]) => object>;
export const { TextEncoder, TextDecoder } = scope;
export { types };

// Text about values

type InspectOptions = NonNullable<Parameters<typeof internal.inspect>[2]> & { depth?: number | null; showProxy?: boolean };

const CUSTOM = Symbol.for("nodejs.util.inspect.custom");
const defaultOptions: InspectOptions = { showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100, maxStringLength: 10000, breakLength: 80, compact: 3, sorted: false, getters: false, numericSeparator: false };

/** Takes options, or in the way of old: `showHidden`, `depth`, `colors`. */
export function inspect(value: unknown, options?: InspectOptions | boolean, depth?: number | null): string {
  const given = typeof options === "object" && options !== null ? options : { showHidden: options === true, depth };
  const all: InspectOptions = { ...inspect.defaultOptions, ...Object.fromEntries(Object.entries(given).filter(([, item]) => item !== undefined)) };
  return internal.inspect(value, all.depth ?? Infinity, all);
}
inspect.custom = CUSTOM;
inspect.defaultOptions = defaultOptions;
inspect.styles = { special: "cyan", number: "yellow", bigint: "yellow", boolean: "yellow", undefined: "grey", null: "bold", string: "green", symbol: "green", date: "magenta", regexp: "red", module: "underline" };
inspect.colors = STYLES;

export function format(...args: unknown[]): string {
  return internal.formatLog(args);
}

export function formatWithOptions(options: object, ...args: unknown[]): string {
  return internal.formatLog(args, options);
}

export function stripVTControlCharacters(text: string): string {
  checkString("str", text);
  return stripControl(text);
}

/** Plain where the stream that it is for is no terminal, and the console is none. */
export function styleText(style: string | string[], text: string, options: { validateStream?: boolean; stream?: { isTTY?: boolean } } = {}): string {
  checkString("text", text);
  const isPlain = options.validateStream !== false && options.stream?.isTTY !== true;
  return [style].flat().reduceRight((inner, name) => {
    const codes = STYLES[name];
    if (codes === undefined) throw invalidArgValue("format", name, `must be one of: ${Object.keys(STYLES).map((key) => `'${key}'`).join(", ")}`);
    if (isPlain) return inner;
    return `\u001b[${codes[0]}m${inner}\u001b[${codes[1]}m`;
  }, text);
}

export function toUSVString(value: unknown): string {
  return String(value).toWellFormed();
}

// Callbacks and promises

const CUSTOM_PROMISIFY = Symbol.for("nodejs.util.promisify.custom");

export function promisify(original: AnyFn): AnyFn {
  checkFunction("original", original);
  const custom = (original as AnyFn)[CUSTOM_PROMISIFY];
  if (custom !== undefined) {
    checkFunction("util.promisify.custom", custom);
    return Object.defineProperty(custom, CUSTOM_PROMISIFY, { value: custom, configurable: true }) as AnyFn;
  }
  function promised(this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error: unknown, value: unknown) => (error ? reject(error as Error) : resolve(value)));
    });
  }
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original) as object);
  Object.defineProperty(promised, CUSTOM_PROMISIFY, { value: promised, configurable: true });
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original)) as unknown as AnyFn;
}
promisify.custom = CUSTOM_PROMISIFY;

export function callbackify(original: AnyFn): AnyFn {
  checkFunction("original", original);
  function called(this: unknown, ...args: unknown[]): void {
    const callback = args.pop();
    checkFunction("last argument", callback);
    const later = (run: () => void): void => void (globalThis as unknown as { setTimeout(run: () => void): number }).setTimeout(run);
    (original.apply(this, args) as Promise<unknown>).then(
      (value) => later(() => callback.call(this, null, value)),
      (reason: unknown) => later(() => callback.call(this, reason || Object.assign(coded(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value"), { reason }))),
    );
  }
  return Object.defineProperties(called, { name: { value: `${original.name}Callbackified`, configurable: true }, length: { value: original.length + 1, configurable: true } }) as unknown as AnyFn;
}

// Old and small things

export function inherits(constructor: AnyFn, parent: AnyFn): void {
  checkFunction("ctor", constructor);
  checkFunction("superCtor", parent);
  if (parent.prototype === undefined) throw invalidArgType("superCtor.prototype", "of type object", undefined);
  Object.defineProperty(constructor, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype as object);
}

const warned = new Set<string>();

export function deprecate<F extends Fn>(original: F, message: string, code?: string): F {
  let told = false;
  const tell = (): void => {
    if (told || (code !== undefined && warned.has(code))) return;
    told = true;
    if (code !== undefined) warned.add(code);
    internal.native.log(3, `${code === undefined ? "" : `[${code}] `}DeprecationWarning: ${message}`);
  };
  function deprecated(this: unknown, ...args: unknown[]): unknown {
    tell();
    return new.target === undefined ? Reflect.apply(original, this, args) : Reflect.construct(original, args, new.target);
  }
  Object.setPrototypeOf(deprecated, original);
  if ((original as { prototype?: unknown }).prototype) deprecated.prototype = (original as unknown as { prototype: object }).prototype;
  return deprecated as unknown as F;
}

interface DebugLog {
  (...args: unknown[]): void;
  enabled: boolean;
}

/** Nothing turns it on in a worker. */
export function debuglog(_section: string): DebugLog {
  return Object.assign(() => {}, { enabled: false });
}
export { debuglog as debug };

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return isDeepEqual(a, b, true);
}

export function getSystemErrorName(number: number): string | undefined {
  checkNumber("err", number);
  return systemErrors.get(number)?.[0];
}

export function getSystemErrorMap(): Map<number, [string, string]> {
  return new Map(systemErrors);
}

export function aborted(signal: { aborted: boolean; addEventListener(name: "abort", listener: () => void, options: object): void }, _resource: object): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true })));
}

export function transferableAbortController(): object {
  return new scope.AbortController();
}

export function transferableAbortSignal(signal: object): object {
  return signal;
}

/** `type/subtype; name=value` (RFC 9110 8.3.1). */
export class MIMEType {
  type: string;
  subtype: string;
  readonly params: Map<string, string>;

  constructor(input: string) {
    const [essence = "", ...params] = String(input).trim().split(";");
    const match = /^([^\s/]+)\/([^\s/]+)$/.exec(essence.trim());
    if (match === null) throw coded(TypeError, "ERR_INVALID_MIME_SYNTAX", `The MIME syntax for a type in "${input}" is invalid at 0`);
    this.type = match[1]!.toLowerCase();
    this.subtype = match[2]!.toLowerCase();
    this.params = new Map();
    for (const param of params) {
      const [name = "", value] = param.split("=");
      if (value !== undefined && !this.params.has(name.trim().toLowerCase())) this.params.set(name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, "$1"));
    }
  }

  get essence(): string {
    return `${this.type}/${this.subtype}`;
  }

  toString(): string {
    const params = Array.from(this.params, ([name, value]) => `;${name}=${/^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : JSON.stringify(value)}`);
    return this.essence + params.join("");
  }
}

export const isArray = Array.isArray;
export const isBoolean = (value: unknown): boolean => typeof value === "boolean";
export const isBuffer = (value: unknown): boolean => value instanceof Uint8Array && (value.constructor as { isBuffer?: unknown }).isBuffer !== undefined;
export const isDate = types.isDate;
export const isError = (value: unknown): boolean => value instanceof Error;
export const isFunction = (value: unknown): boolean => typeof value === "function";
export const isNull = (value: unknown): boolean => value === null;
export const isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
export const isNumber = (value: unknown): boolean => typeof value === "number";
export const isObject = (value: unknown): boolean => value !== null && typeof value === "object";
export const isPrimitive = (value: unknown): boolean => value === null || (typeof value !== "object" && typeof value !== "function");
export const isRegExp = types.isRegExp;
export const isString = (value: unknown): boolean => typeof value === "string";
export const isSymbol = (value: unknown): boolean => typeof value === "symbol";
export const isUndefined = (value: unknown): boolean => value === undefined;
export const log = (...args: unknown[]): void => internal.native.log(2, format(...args));
export const _extend = (target: object, source: object | null): object => (source !== null && typeof source === "object" ? Object.assign(target, source) : target);
export { parseArgs } from "./internal/parse-args";
import { parseArgs } from "./internal/parse-args";

export default {
  TextEncoder, TextDecoder, types, inspect, format, formatWithOptions, stripVTControlCharacters, styleText, toUSVString, promisify, callbackify, inherits, deprecate, debuglog,
  debug: debuglog, isDeepStrictEqual, getSystemErrorName, getSystemErrorMap, aborted, transferableAbortController, transferableAbortSignal, MIMEType, isArray, isBoolean, isBuffer,
  isDate, isError, isFunction, isNull, isNullOrUndefined, isNumber, isObject, isPrimitive, isRegExp, isString, isSymbol, isUndefined, log, _extend, parseArgs,
};
