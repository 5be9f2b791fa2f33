/** `reportError` (HTML 8.1.4.3): an error that nothing caught becomes an `error` event on the global object, else a console line. */
import { exposeFunctions } from "../expose";
import { console } from "./console";
import { ErrorEvent } from "./event-classes";
import { fire, onException } from "./events";
import { isObject, need } from "./webidl";

/** The error that is reported now: what its own listeners throw goes to the console alone, else it would never end. */
let reporting = false;

export function report(error: unknown): void {
  const init = { ...placeOf(error), message: `Uncaught ${describe(error)}`, error, cancelable: true };
  let unhandled = true;
  if (!reporting) {
    reporting = true;
    try {
      unhandled = fire(globalThis, new ErrorEvent("error", init));
    } finally {
      reporting = false;
    }
  }
  if (unhandled) console.error("Uncaught", error);
}

/** Runs no code of the worker's. */
function describe(error: unknown): string {
  if (!isObject(error)) return String(error);
  if (!(error instanceof Error)) return "exception";
  const message = plainProperty(error, "message");
  return `${String(plainProperty(error, "name"))}${message === "" ? "" : `: ${String(message)}`}`;
}

/** Where it was thrown, or where it is reported: the first place outside of this prelude. */
function placeOf(error: unknown): { filename: string; lineno: number; colno: number } {
  const stack = String(plainProperty(error instanceof Error ? error : new Error(), "stack"));
  const places = stack.matchAll(/([^\s(]+):(\d+):(\d+)\)?$/gm);
  for (const [, file = "", line, column] of places) {
    if (file === "ouro:prelude") continue;
    return { filename: isEvaluated(file) ? workerUrl() : file, lineno: Number(line), colno: Number(column) };
  }
  return { filename: "", lineno: 0, colno: 0 };
}

/** Code made from text has no file of its own: it belongs to the worker. */
function isEvaluated(file: string): boolean {
  return file.startsWith("<");
}

function workerUrl(): string {
  const { location } = globalThis as { location?: { href?: unknown } };
  return typeof location?.href === "string" ? location.href : "";
}

/** The value of a property that is text and no accessor, but for the engine's own of `stack`, whose getter is its setter too. */
function plainProperty(object: object, key: string): unknown {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor === undefined) continue;
    const { get, set } = descriptor;
    const value: unknown = key === "stack" && get !== undefined && get === set ? get.call(holder) : descriptor.value;
    return typeof value === "string" ? value : "";
  }
  return "";
}

onException(report);
exposeFunctions({
  reportError(error: unknown) {
    need(arguments.length, 1, "reportError");
    report(error);
  },
});
