/** Turns whatever was thrown into a name, a message and a stack. */
import { finish } from "./ending";
import { native } from "./host";
import { framesOf } from "./web/stack-text";

/** The invocation failed: its handler, or what it asked to wait for. */
export function reportFailure(thrown: unknown): void {
  finish();
  if (!(thrown instanceof Error)) {
    native.fail("Error", `a worker threw what is not an Error: ${describe(thrown)}`, "");
    return;
  }
  native.fail(textOf(thrown.name, "Error"), textOf(thrown.message, ""), stackOf(thrown, 0));
}

/** The frames of the stack, and below them those of the errors that caused it. */
export function stackOf(error: Error, depth: number): string {
  const stack = framesOf(textOf(error.stack, ""));
  const { cause } = error;
  if (cause === undefined || depth === MAX_CAUSES) return stack;
  const inner = cause instanceof Error ? `${cause.name}: ${cause.message}\n${stackOf(cause, depth + 1)}` : describe(cause);
  return `${stack}${stack.endsWith("\n") || stack === "" ? "" : "\n"}Caused by: ${inner}`;
}

const MAX_CAUSES = 8;

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    try {
      return JSON.stringify(value) ?? "an object";
    } catch {
      return "an object";
    }
  }
  return String(value);
}

/** Workers can put anything into the fields of an error. */
function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
