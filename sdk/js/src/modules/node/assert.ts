/** `node:assert`. Every comparison is strict, as on Cloudflare: `node:assert/strict` is the same module. */
import internal from "ouro:internal";
import { isDeepEqual } from "./internal/equal";
import { checkFunction, invalidArgType, invalidArgValue } from "./internal/errors";
import types from "./util/types";

type Fn = (...args: never[]) => unknown;
type Expected = RegExp | (new (...args: never[]) => object) | ((error: unknown) => boolean) | Record<string, unknown> | Error;
type Message = string | Error | undefined;

interface Options {
  message?: Message;
  actual?: unknown;
  expected?: unknown;
  operator?: string;
}

const { inspect } = internal;

/** What an operator says of values that do not fit it. */
const SENTENCES: Record<string, string> = {
  strictEqual: "Expected values to be strictly equal:",
  deepStrictEqual: "Expected values to be strictly deep-equal:",
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
};

function describe({ actual, expected, operator = "fail" }: Options): string {
  const sentence = SENTENCES[operator];
  if (operator === "fail") return "Failed";
  if (sentence === undefined) return `${inspect(actual)} ${operator} ${inspect(expected)}`;
  if (operator.startsWith("not")) return `${sentence} ${inspect(expected)}`;
  const [got, wanted] = [inspect(actual), inspect(expected)];
  if (!got.includes("\n") && !wanted.includes("\n") && operator === "strictEqual") return `${sentence}\n\n${got} !== ${wanted}\n`;
  return `${sentence}\n+ actual - expected\n\n${got.replace(/^/gm, "+ ")}\n${wanted.replace(/^/gm, "- ")}`;
}

export class AssertionError extends Error {
  readonly code = "ERR_ASSERTION";
  readonly generatedMessage: boolean;
  readonly actual: unknown;
  readonly expected: unknown;
  readonly operator: string | undefined;

  constructor(options: Options) {
    if (typeof options !== "object" || options === null) throw invalidArgType("options", "of type object", options);
    super(options.message === undefined ? describe(options) : String(options.message));
    this.generatedMessage = options.message === undefined;
    this.actual = options.actual;
    this.expected = options.expected;
    this.operator = options.operator;
  }
}
Object.defineProperty(AssertionError.prototype, "name", { value: "AssertionError", writable: true, configurable: true });

function failWith(options: Options): never {
  if (options.message instanceof Error) throw options.message;
  throw new AssertionError(options);
}

export function ok(...args: [value?: unknown, message?: Message]): void {
  const [value, message] = args;
  if (value) return;
  const text = args.length === 0 ? "No value argument passed to `assert.ok()`" : message;
  failWith({ ...(text === undefined ? {} : { message: text }), actual: value, expected: true, operator: "==" });
}

function comparison(operator: string, holds: (actual: unknown, expected: unknown) => boolean) {
  return function (actual: unknown, expected: unknown, message?: Message): void {
    if (!holds(actual, expected)) failWith({ message, actual, expected, operator });
  };
}

export const strictEqual = comparison("strictEqual", Object.is);
export const notStrictEqual = comparison("notStrictEqual", (a, b) => !Object.is(a, b));
export const deepStrictEqual = comparison("deepStrictEqual", (a, b) => isDeepEqual(a, b, true));
export const notDeepStrictEqual = comparison("notDeepStrictEqual", (a, b) => !isDeepEqual(a, b, true));
export { strictEqual as equal, notStrictEqual as notEqual, deepStrictEqual as deepEqual, notDeepStrictEqual as notDeepEqual };

export function fail(message?: Message): never {
  failWith({ message, operator: "fail" });
}

export function ifError(value: unknown): void {
  if (value === null || value === undefined) return;
  const text = value instanceof Error ? value.message || value.name : inspect(value);
  failWith({ message: `ifError got unwanted exception: ${text}`, actual: value, expected: null, operator: "ifError" });
}

export function match(text: string, pattern: RegExp, message?: Message): void {
  checkPattern(pattern);
  if (typeof text === "string" && pattern.test(text)) return;
  const said = `The input did not match the regular expression ${String(pattern)}. Input:\n\n${inspect(text)}\n`;
  failWith({ message: message ?? said, actual: text, expected: pattern, operator: "match" });
}

export function doesNotMatch(text: string, pattern: RegExp, message?: Message): void {
  checkPattern(pattern);
  if (typeof text !== "string" || !pattern.test(text)) return;
  const said = `The input was expected to not match the regular expression ${String(pattern)}. Input:\n\n${inspect(text)}\n`;
  failWith({ message: message ?? said, actual: text, expected: pattern, operator: "doesNotMatch" });
}

function checkPattern(pattern: unknown): void {
  if (!types.isRegExp(pattern)) throw invalidArgType("regexp", "an instance of RegExp", pattern);
}

// Exceptions

/** Does what was thrown fit what was expected? Throws where it does not. */
function checkThrown(error: unknown, expected: Expected | undefined, message: Message, operator: string): void {
  if (expected === undefined) return;
  if (types.isRegExp(expected)) {
    const said = `The input did not match the regular expression ${String(expected)}. Input:\n\n${inspect(String(error))}\n`;
    if (!(expected as RegExp).test(String(error))) failWith({ message: message ?? said, actual: error, expected, operator });
  } else if (typeof expected === "function") {
    checkByFunction(error, expected as Fn, message, operator);
  } else if (typeof expected === "object" && expected !== null) {
    checkByProperties(error, expected as Record<string, unknown>, message, operator);
  } else {
    throw invalidArgType("expected", "of type function or an instance of Error, RegExp, or Object", expected);
  }
}

function checkByFunction(error: unknown, expected: Fn, message: Message, operator: string): void {
  if (expected.prototype !== undefined && error instanceof expected) return;
  // An error of another class is no failed assertion.
  if (Object.prototype.isPrototypeOf.call(Error, expected)) throw error;
  if (expected === (Error as unknown as Fn)) throw error;
  const answer = (expected as (error: unknown) => unknown).call({}, error);
  const said = `The ${expected.name === "" ? "validation function" : `"${expected.name}" validation function`} is expected to return "true". Received ${inspect(answer)}\n\nCaught error:\n\n${String(error)}`;
  if (answer !== true) failWith({ message: message ?? said, actual: error, expected, operator });
}

function checkByProperties(error: unknown, expected: Record<string, unknown>, message: Message, operator: string): void {
  const keys = Object.keys(expected);
  if (expected instanceof Error) keys.push("name", "message");
  else if (keys.length === 0) throw invalidArgValue("error", expected, "may not be an empty object");
  for (const key of keys) {
    const [got, wanted] = [(error as Record<string, unknown> | null)?.[key], expected[key]];
    if (typeof got === "string" && types.isRegExp(wanted) && (wanted as RegExp).test(got)) continue;
    if (!isDeepEqual(got, wanted, true)) failWith({ message: message ?? describe({ actual: got, expected: wanted, operator: "strictEqual" }), actual: error, expected, operator });
  }
}

/** The second argument may be the message. */
function shift(expected: Expected | string | undefined, message: Message): [Expected | undefined, Message] {
  return typeof expected === "string" ? [undefined, expected] : [expected, message];
}

function missing(kind: "exception" | "rejection", expected: Expected | undefined, message: Message, operator: string): never {
  const name = typeof expected === "function" && expected.name !== "" ? ` (${expected.name})` : "";
  if (message instanceof Error) throw message;
  failWith({ message: `Missing expected ${kind}${name}${message === undefined ? "." : `: ${message}`}`, operator, ...(expected === undefined ? {} : { expected }) });
}

function unwanted(error: unknown, message: Message, operator: string): never {
  if (message instanceof Error) throw message;
  const said = `Got unwanted ${operator === "doesNotReject" ? "rejection" : "exception"}${message === undefined ? "." : `: ${message}`}`;
  failWith({ message: `${said}\nActual message: "${error instanceof Error ? error.message : String(error)}"`, actual: error, operator });
}

export function throws(callback: Fn, expected?: Expected | string, message?: Message): void {
  checkFunction("fn", callback);
  const [wanted, text] = shift(expected, message);
  try {
    callback();
  } catch (error) {
    return checkThrown(error, wanted, text, "throws");
  }
  missing("exception", wanted, text, "throws");
}

export function doesNotThrow(callback: Fn, expected?: Expected | string, message?: Message): void {
  checkFunction("fn", callback);
  try {
    callback();
  } catch (error) {
    unwanted(error, shift(expected, message)[1], "doesNotThrow");
  }
}

async function settle(from: PromiseLike<unknown> | Fn): Promise<{ error: unknown } | null> {
  const promise = typeof from === "function" ? from() : from;
  if (typeof (promise as { then?: unknown } | null)?.then !== "function") throw invalidArgType("promiseFn", "of type function or an instance of Promise", promise);
  try {
    await promise;
    return null;
  } catch (error) {
    return { error };
  }
}

export async function rejects(from: PromiseLike<unknown> | Fn, expected?: Expected | string, message?: Message): Promise<void> {
  const [wanted, text] = shift(expected, message);
  const rejected = await settle(from);
  if (rejected === null) missing("rejection", wanted, text, "rejects");
  checkThrown(rejected.error, wanted, text, "rejects");
}

export async function doesNotReject(from: PromiseLike<unknown> | Fn, expected?: Expected | string, message?: Message): Promise<void> {
  const rejected = await settle(from);
  if (rejected !== null) unwanted(rejected.error, shift(expected, message)[1], "doesNotReject");
}

/** Counts calls; nothing tells whether the worker's end has come, so that only `verify` reports. */
export class CallTracker {
  readonly #expected: { count: number; calls: unknown[][] }[] = [];

  calls<F extends Fn>(callback: F | undefined, count = 1): F {
    const entry = { count, calls: [] as unknown[][] };
    this.#expected.push(entry);
    return ((...args: never[]) => {
      entry.calls.push(args);
      return callback?.(...args);
    }) as F;
  }

  verify(): void {
    const wrong = this.#expected.find((entry) => entry.calls.length !== entry.count);
    if (wrong !== undefined) fail(`Expected the function to be executed ${wrong.count} time(s) but was executed ${wrong.calls.length} time(s).`);
  }
}

const members = {
  AssertionError, CallTracker, ok, equal: strictEqual, notEqual: notStrictEqual, strictEqual, notStrictEqual, deepEqual: deepStrictEqual, notDeepEqual: notDeepStrictEqual, deepStrictEqual,
  notDeepStrictEqual, fail, ifError, match, doesNotMatch, throws, doesNotThrow, rejects, doesNotReject,
};
export function assert(...args: [value?: unknown, message?: Message]): void {
  ok(...args);
}
export const strict = Object.assign(assert, members, { strict: assert });
export default strict;
