/** Event and EventTarget (DOM 2), without a tree: the target of an event is its whole path. */
import { defineConstants, exposeClasses } from "../expose";
import { now } from "./clock";
import { DOMException } from "./dom-exception";
import { isObject, need, toDictionary, toText } from "./webidl";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

const CAPTURING_PHASE = 1;
const AT_TARGET = 2;

/** Calls the listeners; answers whether the default action stands (DOM 2.9). */
export let dispatch: (target: object, event: Event) => boolean;
/** As `dispatch`, for events that the platform itself fires. */
export let fire: (target: object, event: Event) => boolean;
let isTrusted: (event: Event) => boolean;

export class Event {
  #type: string;
  #bubbles: boolean;
  #cancelable: boolean;
  readonly #composed: boolean;
  readonly #timeStamp = now();
  #trusted = false;
  #target: object | null = null;
  #dispatched = false;
  #canceled = false;
  #passive = false;
  #stopped = false;
  #stoppedNow = false;

  static {
    isTrusted = (event) => event.#trusted;

    dispatch = (target, event) => {
      if (event.#dispatched) throw new DOMException("the event is being dispatched already", "InvalidStateError");
      event.#trusted = false;
      return run(target, event);
    };

    fire = (target, event) => {
      event.#trusted = true;
      return run(target, event);
    };

    const run = (target: object, event: Event): boolean => {
      event.#dispatched = true;
      event.#target = target;
      const { listeners } = stateOf(target);
      if (listeners.length > 0) {
        invoke(target, event, listeners, true);
        if (!event.#stopped) invoke(target, event, listeners, false);
      }
      event.#dispatched = event.#stopped = event.#stoppedNow = false;
      return !event.#canceled;
    };

    const invoke = (target: object, event: Event, listeners: readonly Registration[], capture: boolean): void => {
      for (const registration of listeners.filter((one) => one.capture === capture && one.type === event.#type)) {
        if (registration.removed) continue;
        if (registration.once) removeListener(target, registration);
        event.#passive = registration.passive;
        try {
          const { callback } = registration;
          if (typeof callback === "function") callback.call(target, event);
          else callback.handleEvent(event);
        } catch (error) {
          reportException(error);
        }
        event.#passive = false;
        if (event.#stoppedNow) return;
      }
    };
  }

  constructor(type: string, init: EventInit | undefined = undefined) {
    need(arguments.length, 1, "Event");
    this.#type = toText(type);
    const { bubbles, cancelable, composed } = toDictionary(init, "the second argument of `Event`");
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
    this.#composed = Boolean(composed);
    // [LegacyUnforgeable]: on each event itself.
    Object.defineProperty(this, "isTrusted", IS_TRUSTED);
  }

  declare readonly isTrusted: boolean;

  get type(): string {
    return this.#type;
  }

  get target(): EventTarget | null {
    return this.#target as EventTarget | null;
  }

  get srcElement(): EventTarget | null {
    return this.#target as EventTarget | null;
  }

  get currentTarget(): EventTarget | null {
    return this.#dispatched ? this.target : null;
  }

  composedPath(): EventTarget[] {
    return this.#dispatched ? [this.target!] : [];
  }

  get eventPhase(): number {
    return this.#dispatched ? AT_TARGET : 0;
  }

  stopPropagation(): void {
    this.#stopped = true;
  }

  get cancelBubble(): boolean {
    return this.#stopped;
  }

  set cancelBubble(stop: boolean) {
    if (stop) this.stopPropagation();
    else void this.#stopped;
  }

  stopImmediatePropagation(): void {
    this.#stopped = this.#stoppedNow = true;
  }

  get bubbles(): boolean {
    return this.#bubbles;
  }

  get cancelable(): boolean {
    return this.#cancelable;
  }

  get returnValue(): boolean {
    return !this.#canceled;
  }

  set returnValue(allowed: boolean) {
    if (!allowed) this.preventDefault();
    else void this.#canceled;
  }

  preventDefault(): void {
    if (this.#cancelable && !this.#passive) this.#canceled = true;
  }

  get defaultPrevented(): boolean {
    return this.#canceled;
  }

  get composed(): boolean {
    return this.#composed;
  }

  get timeStamp(): number {
    return this.#timeStamp;
  }

  initEvent(type: string, bubbles = false, cancelable = false): void {
    const dispatched = this.#dispatched;
    need(arguments.length, 1, "Event.initEvent");
    const text = toText(type);
    if (dispatched) return;
    this.#stopped = this.#stoppedNow = this.#canceled = this.#trusted = false;
    this.#target = null;
    this.#type = text;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
  }
}
defineConstants(Event, { NONE: 0, CAPTURING_PHASE, AT_TARGET, BUBBLING_PHASE: 3 });

const IS_TRUSTED: PropertyDescriptor = {
  ...Object.getOwnPropertyDescriptor(
    {
      get isTrusted(): boolean {
        return isTrusted(this as unknown as Event);
      },
    },
    "isTrusted",
  ),
  enumerable: true,
  configurable: false,
};

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: object;
}

interface Registration {
  readonly type: string;
  readonly callback: Listener;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  removed: boolean;
}

/** What an EventTarget knows: its listeners, and those of them that its event handler attributes made. */
interface State {
  readonly listeners: Registration[];
  handlers: Map<string, HandlerEntry> | null;
}

/** The state of a target; throws for what is none. The global object is one without being made by `EventTarget`. */
let stateOf: (target: unknown) => State;
const globalState: State = { listeners: [], handlers: null };

export class EventTarget {
  #state: State | null = null;

  static {
    stateOf = (target) => {
      if (target === globalThis) return globalState;
      if (!isObject(target) || !(#state in target)) throw new TypeError("Illegal invocation");
      return (target.#state ??= { listeners: [], handlers: null });
    };
  }

  addEventListener(type: string, callback: Listener | null, options: boolean | ListenerOptions | undefined = undefined): void {
    const target = this ?? globalThis;
    const { listeners } = stateOf(target);
    need(arguments.length, 2, "EventTarget.addEventListener");
    const name = toText(type);
    const listener = toListener(callback);
    const { capture, once, passive, signal } = readOptions(options);
    if (listener === null || signal?.aborted === true || find(listeners, name, listener, capture) >= 0) return;
    const registration = { type: name, callback: listener, capture, once, passive, removed: false };
    listeners.push(registration);
    signal?.onAbort(() => removeListener(target, registration));
  }

  removeEventListener(type: string, callback: Listener | null, options: boolean | ListenerOptions | undefined = undefined): void {
    const target = this ?? globalThis;
    const { listeners } = stateOf(target);
    need(arguments.length, 2, "EventTarget.removeEventListener");
    const name = toText(type);
    const listener = toListener(callback);
    const capture = Boolean(isObject(options) ? options.capture : options);
    const at = listener === null ? -1 : find(listeners, name, listener, capture);
    if (at >= 0) removeListener(target, listeners[at]!);
  }

  dispatchEvent(event: Event): boolean {
    const target = this ?? globalThis;
    stateOf(target);
    need(arguments.length, 1, "EventTarget.dispatchEvent");
    if (!(event instanceof Event)) throw new TypeError("`dispatchEvent` takes an Event");
    return dispatch(target, event);
  }
}

function find(listeners: readonly Registration[], type: string, callback: Listener, capture: boolean): number {
  return listeners.findIndex((one) => one.type === type && one.callback === callback && one.capture === capture);
}

function removeListener(target: object, registration: Registration): void {
  const { listeners } = stateOf(target);
  const at = listeners.indexOf(registration);
  registration.removed = true;
  if (at >= 0) listeners.splice(at, 1);
}

/** A callback interface, or null. */
function toListener(callback: unknown): Listener | null {
  if (callback === undefined || callback === null) return null;
  if (!isObject(callback)) throw new TypeError("a listener must be a function or an object with `handleEvent`");
  return callback as Listener;
}

interface Options {
  capture: boolean;
  once: boolean;
  passive: boolean;
  signal: Abortable | null;
}

/** Each option is read once, whatever becomes of the listener: that is how libraries find out which ones there are. */
function readOptions(options: boolean | ListenerOptions | undefined): Options {
  if (!isObject(options)) return { capture: Boolean(options), once: false, passive: false, signal: null };
  const { capture, once, passive, signal } = options;
  return { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), signal: signal === undefined ? null : toSignal(signal) };
}

/** What listeners need of an AbortSignal. */
interface Abortable {
  readonly aborted: boolean;
  onAbort(algorithm: () => void): void;
}

let toSignal: (signal: unknown) => Abortable;

/** `abort.ts` builds on this module and so brings its part here. */
export function useSignals(convert: (signal: unknown) => Abortable): void {
  toSignal = convert;
}

/** What a listener or timer throws ends nothing (DOM 2.10, HTML "report an exception"). Set by `report-error.ts`. */
let reportException: (error: unknown) => void = () => {};

export function onException(report: (error: unknown) => void): void {
  reportException = report;
}

type Handler = (this: unknown, ...args: unknown[]) => unknown;

interface HandlerEntry {
  handler: object;
  readonly listener: (event: Event) => void;
}

/** The event handler attribute `on…` (HTML 8.1.8.1): one listener, which keeps its place when assignment replaces the handler. */
export function defineHandler(owner: object, type: string): void {
  const name = `on${type}`;
  const accessors = {
    get [name](): object | null {
      return stateOf(this ?? globalThis).handlers?.get(type)?.handler ?? null;
    },
    // [LegacyTreatNonObjectAsNull]
    set [name](handler: unknown) {
      setHandler(this ?? globalThis, type, isObject(handler) ? handler : null);
    },
  };
  Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(accessors, name), enumerable: true });
}

function setHandler(target: object, type: string, handler: object | null): void {
  const state = stateOf(target);
  const handlers = (state.handlers ??= new Map());
  const current = handlers.get(type);
  if (handler === null) {
    handlers.delete(type);
    const registration = state.listeners.find((one) => one.callback === current?.listener);
    if (registration !== undefined) removeListener(target, registration);
  } else if (current !== undefined) {
    current.handler = handler;
  } else {
    const entry: HandlerEntry = { handler, listener: (event) => callHandler(target, entry.handler, event) };
    handlers.set(type, entry);
    state.listeners.push({ type, callback: entry.listener, capture: false, once: false, passive: false, removed: false });
  }
}

/** HTML 8.1.8.1, "the event handler processing algorithm". */
function callHandler(target: object, handler: object, event: Event): void {
  if (typeof handler !== "function") return;
  if (target === globalThis && event.type === "error" && "lineno" in event) {
    const { message, filename, lineno, colno, error } = event as Event & Record<string, unknown>;
    if ((handler as Handler).call(target, message, filename, lineno, colno, error) === true) event.preventDefault();
  } else if ((handler as Handler).call(target, event) === false) {
    event.preventDefault();
  }
}

exposeClasses({ Event, EventTarget });
