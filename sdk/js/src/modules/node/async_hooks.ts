/** `node:async_hooks`: `AsyncLocalStorage` and `AsyncResource` on the engine's contexts. Hooks themselves do nothing, as on Cloudflare. */
import internal from "ouro:internal";
import { checkFunction, coded } from "./internal/errors";

const { native } = internal;

type Fn = (...args: never[]) => unknown;
/** What every storage that is in effect holds. Never changed once it is made: code that runs later may still be in it. */
type Frame = ReadonlyMap<AsyncLocalStorage, unknown>;

function frame(): Frame | undefined {
  return native.context() as Frame | undefined;
}

function runIn<R>(context: unknown, callback: () => R): R {
  const before = native.context();
  native.setContext(context);
  try {
    return callback();
  } finally {
    native.setContext(before);
  }
}

export class AsyncLocalStorage<T = unknown> {
  readonly #defaultValue: T | undefined;
  readonly name: string;

  constructor(options: { defaultValue?: T; name?: string } = {}) {
    native.trackContext();
    this.#defaultValue = options.defaultValue;
    this.name = options.name ?? "";
  }

  run<R>(store: T, callback: (...args: never[]) => R, ...args: unknown[]): R {
    const next = new Map(frame());
    next.set(this as AsyncLocalStorage, store);
    return runIn(next, () => callback(...(args as never[])));
  }

  exit<R>(callback: (...args: never[]) => R, ...args: unknown[]): R {
    const next = new Map(frame());
    next.delete(this as AsyncLocalStorage);
    return runIn(next, () => callback(...(args as never[])));
  }

  getStore(): T | undefined {
    const stores = frame();
    if (stores === undefined || !stores.has(this as AsyncLocalStorage)) return this.#defaultValue;
    return stores.get(this as AsyncLocalStorage) as T;
  }

  enterWith(): never {
    throw coded(Error, "ERR_METHOD_NOT_IMPLEMENTED", "asyncLocalStorage.enterWith() is not implemented");
  }

  disable(): never {
    throw coded(Error, "ERR_METHOD_NOT_IMPLEMENTED", "asyncLocalStorage.disable() is not implemented");
  }

  /** A function that runs in the context of now. */
  static bind<F extends Fn>(callback: F): F {
    checkFunction("fn", callback);
    return AsyncResource.bind(callback) as F;
  }

  /** A function that runs others in the context of now. */
  static snapshot(): <R>(callback: (...args: never[]) => R, ...args: unknown[]) => R {
    const context = native.context();
    return (callback, ...args) => runIn(context, () => callback(...(args as never[])));
  }
}

let lastId = 1;

export class AsyncResource {
  readonly type: string;
  readonly #context: unknown;
  readonly #id: number;

  constructor(type: string) {
    if (typeof type !== "string") throw coded(TypeError, "ERR_INVALID_ARG_TYPE", 'The "type" argument must be of type string');
    this.type = type;
    this.#context = native.context();
    this.#id = ++lastId;
  }

  runInAsyncScope<R>(callback: (...args: never[]) => R, thisArg?: unknown, ...args: unknown[]): R {
    return runIn(this.#context, () => callback.apply(thisArg, args as never[]));
  }

  bind<F extends Fn>(callback: F, thisArg?: unknown): F {
    checkFunction("fn", callback);
    const run = (self: unknown, args: never[]): unknown => this.runInAsyncScope(callback as Fn, thisArg ?? self, ...args);
    const bound = function (this: unknown, ...args: never[]): unknown {
      return run(this, args);
    };
    Object.defineProperty(bound, "length", { value: callback.length, configurable: true });
    return Object.assign(bound, { asyncResource: this }) as unknown as F;
  }

  static bind<F extends Fn>(callback: F, type?: string, thisArg?: unknown): F {
    checkFunction("fn", callback);
    return new AsyncResource(type ?? (callback.name || "bound-anonymous-fn")).bind(callback, thisArg);
  }

  emitDestroy(): this {
    return this;
  }
  asyncId(): number {
    return this.#id;
  }
  triggerAsyncId(): number {
    return 0;
  }
}

export function createHook(): { enable(): object; disable(): object } {
  const hook = { enable: () => hook, disable: () => hook };
  return hook;
}

export const executionAsyncId = (): number => 0;
export const triggerAsyncId = (): number => 0;
export const executionAsyncResource = (): object => ({});
export const asyncWrapProviders = Object.freeze({ __proto__: null });

export default { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId, triggerAsyncId, executionAsyncResource, asyncWrapProviders };
