/** Errors with the codes and texts of Node.js, which programs look at. */
import internal from "ouro:internal";

type ErrorClass = new (message: string) => Error;

export function coded<T extends Error>(Class: new (message: string) => T, code: string, message: string): T & { code: string } {
  return Object.assign(new Class(message), { code });
}

export function invalidArgType(name: string, expected: string, actual: unknown): TypeError {
  const what = name.includes(".") ? "property" : "argument";
  const quoted = name.endsWith(" argument") ? `The ${name}` : `The "${name}" ${what}`;
  return coded(TypeError, "ERR_INVALID_ARG_TYPE", `${quoted} must be ${expected}.${received(actual)}`);
}

export function invalidArgValue(name: string, value: unknown, reason = "is invalid"): TypeError {
  const what = name.includes(".") ? "property" : "argument";
  return coded(TypeError, "ERR_INVALID_ARG_VALUE", `The ${what} '${name}' ${reason}. Received ${internal.inspect(value)}`);
}

export function outOfRange(name: string, range: string, value: unknown): RangeError {
  const shown = typeof value === "number" && Number.isInteger(value) && Math.abs(value) > 2 ** 32 ? grouped(String(value)) : internal.inspect(value);
  return coded(RangeError, "ERR_OUT_OF_RANGE", `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, "_");
}

export function received(value: unknown): string {
  if (value === null || value === undefined) return ` Received ${String(value)}`;
  if (typeof value === "function") return ` Received function ${value.name}`;
  if (typeof value === "object") {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? ` Received an instance of ${name}` : ` Received ${internal.inspect(value)}`;
  }
  const text = internal.inspect(value);
  return ` Received type ${typeof value} (${text.length > 28 ? `${text.slice(0, 25)}...` : text})`;
}

export function checkString(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw invalidArgType(name, "of type string", value);
}

export function checkFunction(name: string, value: unknown): asserts value is (...args: unknown[]) => unknown {
  if (typeof value !== "function") throw invalidArgType(name, "of type function", value);
}

export function checkNumber(name: string, value: unknown, min = -Infinity, max = Infinity): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!(value >= min && value <= max)) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

export function checkInt32(name: string, value: unknown, min = -(2 ** 31)): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  checkNumber(name, value, min, 2 ** 31 - 1);
}

export function checkObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidArgType(name, "of type object", value);
}

/** An error that callers may only know by its code. */
export function error(code: string, message: string, Class: ErrorClass = Error): Error & { code: string } {
  return coded(Class, code, message);
}
