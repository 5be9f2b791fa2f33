/** Timers (HTML 8.6), `queueMicrotask` and `scheduler.wait`. */
import { exposeGlobal } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import { AbortSignal, onAbort } from "./abort";
import { report } from "./report-error";

type Callback = (...args: unknown[]) => unknown;

/** The timer that an interval waits for now, by the id that the worker knows. */
const intervals = new Map<number, number>();

export function setTimeout(callback: Callback, delay?: number, ...args: unknown[]): number {
  runTimeOnly("`setTimeout`");
  checkCallback(callback);
  return native.startTimer(milliseconds(delay), () => call(callback, args));
}

export function setInterval(callback: Callback, delay?: number, ...args: unknown[]): number {
  runTimeOnly("`setInterval`");
  checkCallback(callback);
  const period = milliseconds(delay);
  const tick = (): void => {
    call(callback, args);
    if (intervals.has(id)) intervals.set(id, native.startTimer(period, tick));
  };
  const id = native.startTimer(period, tick);
  intervals.set(id, id);
  return id;
}

/** Either function clears either kind (HTML 8.6). */
export function clearTimeout(id?: number): void {
  const key = Number(id);
  if (!(key >= 1 && key <= 0xffffffff)) return;
  native.cancelTimer(intervals.get(key) ?? key);
  intervals.delete(key);
}

export function queueMicrotask(callback: () => unknown): void {
  checkCallback(callback);
  Promise.resolve().then(() => call(callback, []));
}

export const scheduler = {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void> {
    runTimeOnly("`scheduler.wait`");
    const signal = options?.signal;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const id = native.startTimer(milliseconds(delay), resolve);
      if (signal === undefined) return;
      onAbort(signal, () => {
        native.cancelTimer(id);
        reject(signal.reason as Error);
      });
    });
  },
};

function call(callback: Callback, args: unknown[]): void {
  try {
    callback.apply(globalThis, args);
  } catch (error) {
    report(error);
  }
}

/** Text in place of a function would be evaluated by browsers; not here. */
function checkCallback(callback: unknown): void {
  if (typeof callback !== "function") throw new TypeError("the callback must be a function");
}

function milliseconds(delay: number | undefined): number {
  const ms = Math.trunc(Number(delay));
  return ms > 0 ? Math.min(ms, 0x7fffffff) : 0;
}

for (const [name, value] of Object.entries({ setTimeout, setInterval, clearTimeout, queueMicrotask, scheduler })) exposeGlobal(name, value);
exposeGlobal("clearInterval", (id?: number) => clearTimeout(id));
