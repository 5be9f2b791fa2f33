/**
 * V8's stack trace API where the engine's own falls short: `Error.captureStackTrace` with the description in front, and a complete CallSite.
 * Modules are strict code, for which V8 tells neither the function nor its receiver.
 */
import { native } from "../host";

interface CallSite {
  getFileName(): string | null;
  getFunction(): unknown;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  isNative(): boolean;
  isConstructor(): boolean;
}

interface V8ErrorConstructor {
  captureStackTrace(target: { stack?: unknown }, above?: unknown): void;
  prepareStackTrace?: ((error: unknown, sites: CallSite[]) => unknown) | undefined;
}

const V8Error = Error as unknown as V8ErrorConstructor;
const capture = V8Error.captureStackTrace;

function captureStackTrace(target: { stack?: unknown }, above: unknown = captureStackTrace): void {
  capture(target, above);
  if (typeof V8Error.prepareStackTrace === "function") return;
  const { stack } = target;
  if (typeof stack === "string") target.stack = native.describeStack(target, isWhole(stack) ? "" : stack);
}

/** V8 leaves all frames out where the function that they end at did not call; the engine leaves all in, this one too. */
function isWhole(stack: string): boolean {
  return stack.startsWith("    at captureStackTrace (ouro:prelude:");
}

define(Error, { captureStackTrace });
completeCallSite();

function completeCallSite(): void {
  const prototype = Object.getPrototypeOf(anySite()) as CallSite;
  // V8's own, where the tests run.
  if ("getThis" in prototype) return;
  const { getFunction, getLineNumber, getColumnNumber, getFileName } = prototype;
  const position = (get: () => number | null) =>
    function (this: CallSite): number | null {
      const number = get.call(this);
      return number === null || number < 0 ? null : number;
    };
  define(prototype, {
    getLineNumber: position(getLineNumber),
    getColumnNumber: position(getColumnNumber),
    getEnclosingLineNumber: position(getLineNumber),
    getEnclosingColumnNumber: position(getColumnNumber),
    getScriptNameOrSourceURL: getFileName,
    isConstructor(this: CallSite): boolean {
      return !this.isNative() && isClass(getFunction.call(this));
    },
    toString: siteText,
  });
  const constants = {
    getFunction: undefined,
    getThis: undefined,
    getEvalOrigin: undefined,
    getTypeName: null,
    getMethodName: null,
    getPromiseIndex: null,
    getPosition: 0,
    getScriptHash: "",
    isAsync: false,
    isEval: false,
    isPromiseAll: false,
    isToplevel: true,
  };
  for (const [name, value] of Object.entries(constants)) define(prototype, { [name]: () => value });
}

function anySite(): CallSite {
  let site: CallSite | undefined;
  V8Error.prepareStackTrace = (_, sites) => {
    site = sites[0];
    return "";
  };
  void new Error().stack;
  V8Error.prepareStackTrace = undefined;
  return site!;
}

/** A class is called by `new` alone. Its `prototype` cannot be written, that of any other function can. */
function isClass(value: unknown): boolean {
  return typeof value === "function" && Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

/** As a line of `error.stack` names it, without the `at`. */
function siteText(this: CallSite): string {
  const line = this.getLineNumber();
  const place = this.isNative() ? "<anonymous>" : `${this.getFileName() ?? "<anonymous>"}${line === null ? "" : `:${line}:${this.getColumnNumber()}`}`;
  const name = this.getFunctionName();
  if (name === null) return place;
  return `${this.isConstructor() ? "new " : ""}${name} (${place})`;
}

function define(target: object, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === "function") Object.defineProperty(value, "name", { value: name, configurable: true });
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }
}
