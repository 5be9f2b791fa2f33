/** console (Console Standard), printing as Node does. A line goes to the host whole. */
import { exposeGlobal } from "../expose";
import { native } from "../host";
import { now } from "./clock";
import { errorText, inspect, type InspectOptions } from "./inspect";
import { table } from "./console-table";
import { toSequence, toText } from "./webidl";

const DEBUG = 0;
const INFO = 1;
const LOG = 2;
const WARN = 3;
const ERROR = 4;

const counts = new Map<string, number>();
const timers = new Map<string, number>();
let indentation = "";

function print(level: number, args: readonly unknown[]): void {
  const text = formatLog(args);
  native.log(level, indentation === "" ? text : indentation + text.replaceAll("\n", `\n${indentation}`));
}

/** Formats like `printf` where the first argument is text with `%`; the rest stands behind it, parted by spaces. */
export function formatLog(args: readonly unknown[], options: Partial<InspectOptions> | null = null): string {
  const first = args[0];
  const plain = (value: unknown): string => (typeof value === "string" ? value : inspect(value, undefined, options));
  if (typeof first !== "string") return args.map(plain).join(" ");
  if (args.length === 1) return first;
  let used = 1;
  const head = first.replace(/%[sdifjoOc%]/g, (mark) => {
    if (mark === "%%") return "%";
    if (used >= args.length) return mark;
    return substitute(mark, args[used++], options);
  });
  return [head, ...args.slice(used).map(plain)].join(" ");
}

function substitute(mark: string, value: unknown, options: Partial<InspectOptions> | null): string {
  switch (mark) {
    case "%s":
      if (typeof value === "bigint") return `${value}n`;
      if (value instanceof Error) return errorText(value);
      return typeof value === "object" && value !== null && !hasOwnText(value) ? inspect(value, 0) : number(value);
    case "%d":
      return typeof value === "bigint" ? `${value}n` : number(typeof value === "symbol" ? NaN : Number(value));
    case "%i":
      return typeof value === "bigint" ? `${value}n` : number(Number.parseInt(String(value), 10));
    case "%f":
      return number(Number.parseFloat(String(value)));
    case "%j":
      return json(value);
    case "%c":
      return "";
    case "%o":
      return inspect(value, 4, { ...options, showHidden: true });
    default:
      return inspect(value, undefined, options);
  }
}

/** As text, like anything else; zero has a sign. */
function number(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function json(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch (error) {
    if (isCircular(value, new Set(), new Set())) return "[Circular]";
    throw error;
  }
}

/** Engines do not agree on the text of that error. */
function isCircular(value: unknown, path: Set<object>, done: Set<object>): boolean {
  if (typeof value !== "object" || value === null || done.has(value)) return false;
  if (path.has(value)) return true;
  path.add(value);
  const found = Object.values(value).some((item) => isCircular(item, path, done));
  path.delete(value);
  done.add(value);
  return found;
}

/** Does it, or a class of a worker, say what it is as text? */
function hasOwnText(value: object): boolean {
  const text = (value as { toString?: unknown }).toString;
  return typeof text === "function" && text !== Object.prototype.toString && text !== Array.prototype.toString && text !== Error.prototype.toString && text !== Date.prototype.toString;
}

export const console = {
  log: (...args: unknown[]): void => print(LOG, args),
  info: (...args: unknown[]): void => print(INFO, args),
  debug: (...args: unknown[]): void => print(DEBUG, args),
  warn: (...args: unknown[]): void => print(WARN, args),
  error: (...args: unknown[]): void => print(ERROR, args),

  trace(...args: unknown[]): void {
    const stack = (new Error().stack ?? "").split("\n").filter((line) => line.includes("at ") && !line.includes("trace"));
    print(ERROR, [`Trace: ${formatLog(args)}\n${stack.join("\n")}`]);
  },

  assert(condition: unknown = false, ...args: unknown[]): void {
    if (condition) return;
    if (typeof args[0] === "string") print(ERROR, [`Assertion failed: ${args[0]}`, ...args.slice(1)]);
    else print(ERROR, args.length === 0 ? ["Assertion failed"] : ["Assertion failed:", ...args]);
  },

  dir(value: unknown = undefined, options: (Partial<InspectOptions> & { depth?: number | null }) | null | undefined = undefined): void {
    print(LOG, [inspect(value, options?.depth === null ? Infinity : options?.depth, options ?? null)]);
  },

  dirxml: (...args: unknown[]): void => print(LOG, args),

  table(data: unknown = undefined, columns: Iterable<string> | undefined = undefined): void {
    print(LOG, [table(data, columns === undefined ? undefined : toSequence(columns, toText, "the columns")) ?? data]);
  },

  count(label = "default"): void {
    const key = toText(label);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    print(LOG, [`${key}: ${count}`]);
  },

  countReset(label = "default"): void {
    if (!counts.delete(toText(label))) print(WARN, [`Count for '${label}' does not exist`]);
  },

  time(label = "default"): void {
    const key = toText(label);
    if (timers.has(key)) print(WARN, [`Label '${key}' already exists for console.time()`]);
    else timers.set(key, now());
  },

  timeLog(label = "default", ...args: unknown[]): void {
    const text = elapsed(toText(label));
    if (text !== null) print(LOG, [text, ...args]);
  },

  timeEnd(label = "default"): void {
    const key = toText(label);
    const text = elapsed(key);
    if (text === null) return;
    timers.delete(key);
    print(LOG, [text]);
  },

  group(...args: unknown[]): void {
    if (args.length > 0) print(LOG, args);
    indentation += "  ";
  },

  groupCollapsed(...args: unknown[]): void {
    console.group(...args);
  },

  groupEnd(): void {
    indentation = indentation.slice(2);
  },

  clear(): void {},

  // For an inspector, and none is attached: V8's additions to the standard, which code that was written for it calls.
  profile(): void {},
  profileEnd(): void {},
  timeStamp(): void {},
  context(_name: string | undefined = undefined): object {
    return console;
  },
};

function elapsed(label: string): string | null {
  const start = timers.get(label);
  if (start === undefined) {
    print(WARN, [`No such label '${label}' for console.time()`]);
    return null;
  }
  const ms = now() - start;
  return `${label}: ${ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${ms.toFixed(3)}ms`}`;
}

Object.setPrototypeOf(console, {});
Object.defineProperty(console, Symbol.toStringTag, { value: "console", configurable: true });
exposeGlobal("console", console);
