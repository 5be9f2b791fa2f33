/** `node:timers/promises`. */
import { coded } from "../internal/errors";

interface Signal {
  aborted: boolean;
  reason: unknown;
  addEventListener(name: "abort", listener: () => void, options?: object): void;
  removeEventListener(name: "abort", listener: () => void): void;
}
interface Options {
  signal?: Signal;
  ref?: boolean;
}

const scope = globalThis as unknown as { setTimeout(callback: () => void, delay?: number): number; clearTimeout(id: number): void };

function abortError(signal: Signal): Error {
  return Object.assign(coded(Error, "ABORT_ERR", "The operation was aborted"), { name: "AbortError", cause: signal.reason });
}

export function setTimeout<T>(delay?: number, value?: T, options: Options = {}): Promise<T> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      scope.clearTimeout(id);
      reject(abortError(signal!));
    };
    const id = scope.setTimeout(() => {
      signal?.removeEventListener("abort", aborted);
      resolve(value as T);
    }, delay);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

export function setImmediate<T>(value?: T, options?: Options): Promise<T> {
  return setTimeout(0, value, options);
}

export async function* setInterval<T>(delay?: number, value?: T, options?: Options): AsyncGenerator<T> {
  for (;;) yield await setTimeout(delay, value as T, options);
}

export const scheduler = {
  wait: (delay: number, options?: Options): Promise<void> => setTimeout(delay, undefined, options),
  yield: (): Promise<void> => setImmediate(),
};

export const promises = { setTimeout, setImmediate, setInterval, scheduler };
export default promises;
