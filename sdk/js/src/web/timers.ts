/** Timers (HTML 8.6), `queueMicrotask` and `scheduler.wait`. */
import { exposeFunctions, exposeGlobal } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import { type AbortSignal, onAbort } from "./abort";
import { report } from "./report-error";
import { resolved, then } from "./streams/promises";
import { need, needGlobal, toCallback, toLong } from "./webidl";

type Callback = (...args: unknown[]) => unknown;

/** The timer that an interval waits for now, by the id that the worker knows. */
const intervals = new Map<number, number>();

/** Text in place of a function would be evaluated by browsers; not here, nor on Cloudflare. */
const CALLBACK = "the callback";

export function setTimeout(this: unknown, callback: Callback, delay: number | undefined = 0, ...args: unknown[]): number {
  needGlobal(this);
  need(arguments.length, 1, "setTimeout");
  toCallback(callback, CALLBACK);
  const ms = milliseconds(delay);
  runTimeOnly("`setTimeout`");
  return native.startTimer(ms, () => call(callback, args));
}

export function setInterval(this: unknown, callback: Callback, delay: number | undefined = 0, ...args: unknown[]): number {
  needGlobal(this);
  need(arguments.length, 1, "setInterval");
  toCallback(callback, CALLBACK);
  const period = milliseconds(delay);
  runTimeOnly("`setInterval`");
  const tick = (): void => {
    call(callback, args);
    if (intervals.has(id)) intervals.set(id, native.startTimer(period, tick));
  };
  const id = native.startTimer(period, tick);
  intervals.set(id, id);
  return id;
}

/** Either function clears either kind (HTML 8.6). */
export function clearTimeout(this: unknown, id: number | undefined = 0): void {
  needGlobal(this);
  const key = Number(id);
  if (!(key >= 1 && key <= 0xffffffff)) return;
  native.cancelTimer(intervals.get(key) ?? key);
  intervals.delete(key);
}

export const scheduler = {
  wait(delay: number, options: { signal?: AbortSignal } | undefined = undefined): Promise<void> {
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

/** A `long`: what is more than 2^31 milliseconds away wraps around, as in browsers. */
function milliseconds(delay: number): number {
  return Math.max(toLong(delay), 0);
}

export function queueMicrotask(this: unknown, callback: () => unknown): void {
  needGlobal(this);
  need(arguments.length, 1, "queueMicrotask");
  toCallback(callback, CALLBACK);
  then(resolved(undefined), () => call(callback, []));
}

exposeFunctions({
  setTimeout,
  setInterval,
  clearTimeout,
  clearInterval(this: unknown, id: number | undefined = 0) {
    clearTimeout.call(this, id);
  },
  queueMicrotask,
});
exposeGlobal("scheduler", scheduler);
