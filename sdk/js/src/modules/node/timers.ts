/** `node:timers`. Timers are numbers with the methods of Node.js's objects only where they come from here. */
import { checkFunction } from "./internal/errors";

type Callback = (...args: unknown[]) => unknown;
type Id = number;

const scope = globalThis as unknown as {
  setTimeout(callback: Callback, delay?: number, ...args: unknown[]): Id;
  setInterval(callback: Callback, delay?: number, ...args: unknown[]): Id;
  clearTimeout(id?: Id): void;
};
const [startTimeout, startInterval, clear] = [scope.setTimeout, scope.setInterval, scope.clearTimeout];

/** A timer as Node.js gives it: an object that is a number where one is wanted. */
export class Timeout {
  #id: Id;
  readonly #start: () => Id;
  /** What was said of it. How long an invocation lasts does not depend on it. */
  #referenced = true;

  constructor(start: () => Id) {
    this.#start = start;
    this.#id = start();
  }

  ref(): this {
    this.#referenced = true;
    return this;
  }
  unref(): this {
    this.#referenced = false;
    return this;
  }
  hasRef(): boolean {
    return this.#referenced;
  }
  refresh(): this {
    clear(this.#id);
    this.#id = this.#start();
    return this;
  }
  close(): this {
    clear(this.#id);
    return this;
  }
  [Symbol.dispose](): void {
    this.close();
  }
  [Symbol.toPrimitive](): Id {
    return this.#id;
  }
}

export class Immediate extends Timeout {}

export function setTimeout(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  checkFunction("callback", callback);
  return new Timeout(() => startTimeout(callback, delay, ...args));
}

export function setInterval(callback: Callback, delay?: number, ...args: unknown[]): Timeout {
  checkFunction("callback", callback);
  return new Timeout(() => startInterval(callback, delay, ...args));
}

export function setImmediate(callback: Callback, ...args: unknown[]): Immediate {
  checkFunction("callback", callback);
  return new Immediate(() => startTimeout(callback, 0, ...args));
}

export function clearTimeout(timer?: Timeout | Id | string | null): void {
  if (timer instanceof Timeout) timer.close();
  else if (timer !== undefined && timer !== null) clear(Number(timer));
}
export const clearInterval = clearTimeout;
export const clearImmediate = clearTimeout;

/** Old functions of Node.js about timers on other objects. */
export const active = (): void => {};
export const enroll = active;
export const unenroll = active;
export { promises } from "./timers/promises";
import promises from "./timers/promises";

export default { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, active, enroll, unenroll, promises };
