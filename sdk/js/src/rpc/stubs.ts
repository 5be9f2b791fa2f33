/**
 * What stands for something in another worker: any property of a stub is a method that can be called and a value that can be awaited.
 * What a call gives can be used before it is there: `stub.counter().increment()` is one expression.
 */
import type { Session } from "./session";

type Caller = (path: string[], args: unknown[] | null) => Promise<unknown>;

interface Place {
  session: Session;
  capability: number;
}

const places = new WeakMap<object, Place>();

/** What every object has is the stub's own and no method of the other side, so that `${stub}` is a text; all objects have a class of their own. */
export function isOfEveryObject(name: string): name is keyof Object {
  return name in Object.prototype && name !== "constructor";
}

/** Where a stub points to; null for anything else. */
export function stubOf(value: object): Place | null {
  return places.get(value) ?? null;
}

export function stub(session: Session, capability: number): object {
  let released = false;
  const dispose = (): void => {
    if (!released) session.release(capability);
    released = true;
  };
  const call: Caller = (path, args) => (released ? Promise.reject(new Error("the stub was disposed")) : session.call(capability, path, args));
  const proxy = new Proxy(function () {}, {
    get(_target, name) {
      if (name === Symbol.dispose) return dispose;
      // A stub is no promise: `await stub` is the stub.
      if (typeof name === "symbol" || name === "then") return undefined;
      if (name === "dup") return () => proxy;
      if (isOfEveryObject(name)) return Object.prototype[name];
      return member(call, [name]);
    },
    apply: (_target, _this, args: unknown[]) => eventually(call([], args)),
  });
  places.set(proxy, { session, capability });
  return proxy;
}

/** A property, called or awaited. */
export function member(call: Caller, path: string[]): unknown {
  let value: Promise<unknown> | null = null;
  return new Proxy(function () {}, {
    get(_target, name) {
      if (typeof name === "symbol") return undefined;
      if (name === "then" || name === "catch" || name === "finally") {
        value ??= call(path, null);
        return (value[name] as (...args: unknown[]) => unknown).bind(value);
      }
      if (isOfEveryObject(name)) return Object.prototype[name];
      return member(call, [...path, name]);
    },
    apply: (_target, _this, args: unknown[]) => eventually(call(path, args)),
  });
}

/** A promise whose value's properties can be called and awaited before it is there. */
function eventually(promise: Promise<unknown>): unknown {
  return new Proxy(promise, {
    get(_target, name) {
      if (name === Symbol.dispose) return () => void promise.then(disposeOf, () => {});
      if (typeof name === "symbol" || name in Promise.prototype) {
        const value = (promise as unknown as Record<PropertyKey, unknown>)[name];
        return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(promise) : value;
      }
      return member((path, args) => promise.then((value) => reach(value, path, args)), [name]);
    },
  });
}

async function reach(value: unknown, path: string[], args: unknown[] | null): Promise<unknown> {
  let owner: unknown;
  for (const name of path) [owner, value] = [value, (value as Record<string, unknown>)[name]];
  return args === null ? value : Reflect.apply(value as (...args: unknown[]) => unknown, owner, args);
}

function disposeOf(value: unknown): void {
  (value as { [Symbol.dispose]?: () => void } | null | undefined)?.[Symbol.dispose]?.();
}
