/** `node:events`. The module itself is the class, as `require("events")` expects. */
import internal from "ouro:internal";
import { checkFunction, checkNumber, coded, invalidArgType } from "./internal/errors";

type Listener = ((...args: unknown[]) => unknown) & { listener?: Listener };
type Name = string | symbol;
type Emitter = Emits & Record<PropertyKey, unknown>;
/** Per name one listener, or several. */
type Listeners = Record<Name, Listener | Listener[] | undefined>;

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");
const CAPTURE = Symbol("kCapture");
let maxListeners = 10;

interface State {
  _events: Listeners | undefined;
  _eventsCount: number;
  _maxListeners: number | undefined;
}
interface Emits extends State {
  emit(name: Name, ...args: unknown[]): boolean;
  on(name: Name, listener: Listener): Emits;
  once(name: Name, listener: Listener): Emits;
  prependListener(name: Name, listener: Listener): Emits;
  removeListener(name: Name, listener: Listener): Emits;
  listeners(name: Name): Listener[];
  listenerCount(name: Name, listener?: Listener): number;
  setMaxListeners(count: number): Emits;
  getMaxListeners(): number;
}

/** A function and no class: old code calls it on its own objects, `EventEmitter.call(this)`. */
export function EventEmitter(this: Emits, options?: { captureRejections?: boolean }): void {
  init(this);
  if (options?.captureRejections === true) (this as Emitter)[CAPTURE] = true;
}

function init(emitter: Emits): void {
  if (emitter._events === undefined || emitter._events === (Object.getPrototypeOf(emitter) as Emits)._events) {
    emitter._events = Object.create(null) as Listeners;
    emitter._eventsCount = 0;
  }
  emitter._maxListeners ??= undefined;
}

function eventsOf(emitter: Emits): Listeners {
  if (emitter._events === undefined) init(emitter);
  return emitter._events!;
}

function checkListener(listener: unknown): asserts listener is Listener {
  checkFunction("listener", listener);
}

function listOf(emitter: Emits, name: Name): readonly Listener[] {
  const held = emitter._events?.[name];
  return held === undefined ? [] : typeof held === "function" ? [held] : held;
}

function add(emitter: Emits, name: Name, listener: Listener, first: boolean): Emits {
  checkListener(listener);
  const events = eventsOf(emitter);
  if (events["newListener"] !== undefined) emitter.emit("newListener", name, listener.listener ?? listener);
  const held = eventsOf(emitter)[name];
  if (held === undefined) {
    emitter._events![name] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  const list = typeof held === "function" ? [held] : held;
  if (first) list.unshift(listener);
  else list.push(listener);
  emitter._events![name] = list;
  warnOfLeak(emitter, name, list);
  return emitter;
}

function warnOfLeak(emitter: Emits, name: Name, list: Listener[] & { warned?: boolean }): void {
  const most = emitter.getMaxListeners();
  if (most <= 0 || list.length <= most || list.warned === true) return;
  list.warned = true;
  const who = (emitter as { constructor?: { name?: string } }).constructor?.name ?? "EventEmitter";
  const text = `Possible EventEmitter memory leak detected. ${list.length} ${String(name)} listeners added to [${who}]. MaxListeners is ${most}. Use emitter.setMaxListeners() to increase limit`;
  internal.native.log(3, `MaxListenersExceededWarning: ${text}`);
}

function onceWrapper(emitter: Emits, name: Name, listener: Listener): Listener {
  checkListener(listener);
  let fired = false;
  const wrapper: Listener = (...args) => {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapper);
    return listener.apply(emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function call(emitter: Emits, name: Name, listener: Listener, args: unknown[]): void {
  const result = listener.apply(emitter, args);
  if (result === undefined || (emitter as Emitter)[CAPTURE] !== true) return;
  const then = (result as { then?: unknown } | null)?.then;
  if (typeof then === "function") then.call(result, undefined, (error: unknown) => rejected(emitter, error, name, args));
}

function rejected(emitter: Emits, error: unknown, name: Name, args: unknown[]): void {
  const handler = (emitter as Emitter)[captureRejectionSymbol];
  if (typeof handler === "function") handler.call(emitter, error, name, ...args);
  else emitter.emit("error", error);
}

function unhandled(error: unknown): Error {
  if (error instanceof Error) return error;
  const failure = coded(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${typeof error === "string" ? `'${error}'` : internal.inspect(error)})`);
  return Object.assign(failure, { context: error });
}

const methods = {
  emit(this: Emits, name: Name, ...args: unknown[]): boolean {
    const events = this._events;
    if (name === "error") {
      if (events?.[errorMonitor] !== undefined) this.emit(errorMonitor, ...args);
      if (events?.["error"] === undefined) throw unhandled(args[0]);
    }
    const held = events?.[name];
    if (held === undefined) return false;
    if (typeof held === "function") call(this, name, held, args);
    else for (const listener of held.slice()) call(this, name, listener, args);
    return true;
  },

  on(this: Emits, name: Name, listener: Listener): Emits {
    return add(this, name, listener, false);
  },
  addListener(this: Emits, name: Name, listener: Listener): Emits {
    return add(this, name, listener, false);
  },
  prependListener(this: Emits, name: Name, listener: Listener): Emits {
    return add(this, name, listener, true);
  },
  once(this: Emits, name: Name, listener: Listener): Emits {
    return this.on(name, onceWrapper(this, name, listener));
  },
  prependOnceListener(this: Emits, name: Name, listener: Listener): Emits {
    return this.prependListener(name, onceWrapper(this, name, listener));
  },

  removeListener(this: Emits, name: Name, listener: Listener): Emits {
    checkListener(listener);
    const list = listOf(this, name);
    const at = list.findLastIndex((other) => other === listener || other.listener === listener);
    if (at < 0) return this;
    const removed = list[at]!;
    const left = list.filter((_, i) => i !== at);
    if (left.length > 0) this._events![name] = left;
    else drop(this, name);
    if (this._events!["removeListener"] !== undefined) this.emit("removeListener", name, removed.listener ?? listener);
    return this;
  },
  off(this: Emits, name: Name, listener: Listener): Emits {
    return this.removeListener(name, listener);
  },

  removeAllListeners(this: Emits, name?: Name): Emits {
    const events = eventsOf(this);
    const names = arguments.length === 0 ? Reflect.ownKeys(events) : [name!];
    const told = events["removeListener"] !== undefined;
    for (const key of names) {
      if (told && key !== "removeListener") for (const listener of [...listOf(this, key)].reverse()) this.removeListener(key, listener);
      if (eventsOf(this)[key] !== undefined) drop(this, key);
    }
    return this;
  },

  listeners(this: Emits, name: Name): Listener[] {
    return listOf(this, name).map((listener) => listener.listener ?? listener);
  },
  rawListeners(this: Emits, name: Name): Listener[] {
    return [...listOf(this, name)];
  },
  listenerCount(this: Emits, name: Name, listener?: Listener): number {
    const list = listOf(this, name);
    return listener === undefined ? list.length : list.filter((other) => other === listener || other.listener === listener).length;
  },
  eventNames(this: Emits): Name[] {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events!) : [];
  },
  setMaxListeners(this: Emits, count: number): Emits {
    checkNumber("setMaxListeners", count, 0);
    this._maxListeners = count;
    return this;
  },
  getMaxListeners(this: Emits): number {
    return this._maxListeners ?? maxListeners;
  },
};

function drop(emitter: Emits, name: Name): void {
  delete emitter._events![name];
  emitter._eventsCount--;
}

Object.assign(EventEmitter.prototype, methods, { _events: undefined, _eventsCount: 0, _maxListeners: undefined });

// Functions of the module

type Target = Emits & { addEventListener?(name: Name, listener: (event: unknown) => void, options?: object): void; removeEventListener?(name: Name, listener: (event: unknown) => void): void };
interface Signalled {
  signal?: { aborted: boolean; reason: unknown; addEventListener(name: "abort", listener: () => void, options?: object): void; removeEventListener(name: "abort", listener: () => void): void };
}

function abortError(signal: { reason: unknown }): Error {
  const error = coded(Error, "ABORT_ERR", "The operation was aborted");
  return Object.assign(error, { name: "AbortError", cause: signal.reason });
}

export function once(target: Target, name: Name, options: Signalled = {}): Promise<unknown[]> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(abortError(signal));
    const aborted = (): void => {
      stop();
      reject(abortError(signal!));
    };
    const failed = (error: unknown): void => {
      stop();
      reject(error as Error);
    };
    const happened = (...args: unknown[]): void => {
      stop();
      resolve(args);
    };
    const stop = (): void => {
      off(target, name, happened);
      if (isEmitter(target)) target.removeListener("error", failed);
      signal?.removeEventListener("abort", aborted);
    };
    listen(target, name, happened, true);
    if (name !== "error" && isEmitter(target)) target.on("error", failed);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

function isEmitter(target: Target): boolean {
  return typeof target.on === "function";
}

function listen(target: Target, name: Name, listener: Listener, once = false): void {
  if (isEmitter(target)) (once ? target.once : target.on).call(target, name, listener);
  else if (typeof target.addEventListener === "function") target.addEventListener(name, listener, { once });
  else throw invalidArgType("emitter", "an instance of EventEmitter", target);
}

function off(target: Target, name: Name, listener: Listener): void {
  if (isEmitter(target)) target.removeListener(name, listener);
  else target.removeEventListener?.(name, listener);
}

/** The events of one name as they come; ends with `options.close` or the signal. */
export function on(target: Target, name: Name, options: Signalled & { close?: Name[] } = {}): AsyncIterableIterator<unknown[]> {
  const { signal } = options;
  if (signal?.aborted === true) throw abortError(signal);
  const ready: unknown[][] = [];
  const waiting: { resolve(result: IteratorResult<unknown[]>): void; reject(error: unknown): void }[] = [];
  let failure: { error: unknown } | null = null;
  let ended = false;
  const happened = (...args: unknown[]): void => {
    const next = waiting.shift();
    if (next === undefined) ready.push(args);
    else next.resolve({ value: args, done: false });
  };
  const failed = (error: unknown): void => {
    const next = waiting.shift();
    if (next === undefined) failure = { error };
    else next.reject(error);
    void end();
  };
  const aborted = (): void => failed(abortError(signal!));
  const end = (): Promise<IteratorResult<unknown[]>> => {
    off(target, name, happened);
    if (isEmitter(target)) target.removeListener("error", failed);
    signal?.removeEventListener("abort", aborted);
    ended = true;
    for (const next of waiting.splice(0)) next.resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  };
  listen(target, name, happened);
  if (name !== "error" && isEmitter(target)) target.on("error", failed);
  for (const last of options.close ?? []) listen(target, last, () => void end());
  signal?.addEventListener("abort", aborted, { once: true });
  return {
    next(): Promise<IteratorResult<unknown[]>> {
      const value = ready.shift();
      if (value !== undefined) return Promise.resolve({ value, done: false });
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error as Error);
      }
      if (ended) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return: end,
    throw(error: unknown) {
      failed(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function listenerCount(emitter: Emits, name: Name): number {
  return emitter.listenerCount(name);
}

export function getEventListeners(target: Target, name: Name): Listener[] {
  return typeof target.listeners === "function" ? target.listeners(name) : [];
}

export function getMaxListeners(target: Target): number {
  return typeof target.getMaxListeners === "function" ? target.getMaxListeners() : maxListeners;
}

export function setMaxListeners(count = maxListeners, ...targets: Target[]): void {
  checkNumber("setMaxListeners", count, 0);
  if (targets.length === 0) maxListeners = count;
  for (const target of targets) if (typeof target.setMaxListeners === "function") target.setMaxListeners(count);
}

export function addAbortListener(signal: NonNullable<Signalled["signal"]>, listener: () => void): object {
  if (signal.aborted) void Promise.resolve().then(listener);
  else signal.addEventListener("abort", listener, { once: true });
  const { dispose } = Symbol as unknown as { dispose: symbol };
  return { [dispose]: () => signal.removeEventListener("abort", listener) };
}

export const usingDomains = false;
export const captureRejections = false;
export { maxListeners as defaultMaxListeners };

class EventEmitterAsyncResource extends (EventEmitter as unknown as new (options?: object) => object) {}
export { EventEmitterAsyncResource };

Object.assign(EventEmitter, { EventEmitter, EventEmitterAsyncResource, once, on, listenerCount, getEventListeners, getMaxListeners, setMaxListeners, addAbortListener, errorMonitor, captureRejectionSymbol, captureRejections, usingDomains });
Object.defineProperty(EventEmitter, "defaultMaxListeners", {
  enumerable: true,
  get: () => maxListeners,
  set(count: number) {
    checkNumber("defaultMaxListeners", count, 0);
    maxListeners = count;
  },
});

export default EventEmitter;
