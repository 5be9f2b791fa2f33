/** Promises as the Streams Standard uses them: what a worker does to `Promise.prototype.then` changes nothing here. */
import { isObject } from "../webidl";

type Then = <T, R>(promise: Promise<T>, fulfilled: ((value: T) => R | PromiseLike<R>) | undefined, rejected?: (reason: unknown) => R | PromiseLike<R>) => Promise<R>;

export const then = Function.prototype.call.bind(Promise.prototype.then) as Then;
export const resolved = Promise.resolve.bind(Promise) as <T>(value: T | PromiseLike<T>) => Promise<T>;
export const rejected = Promise.reject.bind(Promise) as <T = never>(reason: unknown) => Promise<T>;

/** A promise and the means to settle it, which knows whether that happened. */
export class Deferred<T> {
  declare readonly promise: Promise<T>;
  declare pending: boolean;
  declare private fulfill: (value: T | PromiseLike<T>) => void;
  declare private refuse: (reason: unknown) => void;

  constructor() {
    this.pending = true;
    this.promise = new Promise<T>((fulfill, refuse) => {
      this.fulfill = fulfill;
      this.refuse = refuse;
    });
  }

  resolve(value: T | PromiseLike<T>): void {
    this.pending = false;
    this.fulfill(value);
  }

  reject(reason: unknown): void {
    this.pending = false;
    this.refuse(reason);
  }
}

const nothing = (): void => {};

/** Nobody needs to look at the promise for its rejection to be in order. */
export function markHandled(promise: Promise<unknown>): void {
  then(promise, undefined, nothing);
}

/** Rejects the promise if it is pending, else puts a rejected one in its place; either way nobody needs to look at it. */
export function rejectAnew<T>(deferred: Deferred<T>, reason: unknown): Deferred<T> {
  const target = deferred.pending ? deferred : new Deferred<T>();
  target.reject(reason);
  markHandled(target.promise);
  return target;
}

export type Method = (...args: never[]) => unknown;

/** Calls a method of a worker's object: what it throws is a rejection, what it returns is awaited. */
export function invoke(method: Method | undefined, self: unknown, ...args: unknown[]): Promise<unknown> {
  if (method === undefined) return resolved(undefined);
  try {
    return resolved(Reflect.apply(method as (...args: unknown[]) => unknown, self, args));
  } catch (error) {
    return rejected(error);
  }
}

/** A member of a dictionary that must be a function where it is there. */
export function methodOf(dictionary: object | null, name: string): Method | undefined {
  const member = (dictionary as Record<string, unknown> | null)?.[name];
  if (member === undefined) return undefined;
  if (typeof member !== "function") throw new TypeError(`\`${name}\` must be a function`);
  return member as Method;
}

/** An `optional object` argument; null where it is left out. */
export function optionalObject(value: unknown, what: string): object | null {
  if (value === undefined) return null;
  if (!isObject(value)) throw new TypeError(`${what} must be an object`);
  return value;
}

export function illegal(): TypeError {
  return new TypeError("Illegal invocation");
}

/** A constructor that is called by nobody but the standard. */
export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}
