/** Event, CustomEvent and EventTarget (DOM 2), without a tree: the target of an event is its whole path. */
import { exposeClasses } from "../expose";

export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  declare readonly type: string;
  declare readonly bubbles: boolean;
  declare readonly cancelable: boolean;
  declare readonly composed: boolean;
  declare readonly timeStamp: number;
  declare isTrusted: boolean;
  declare target: EventTarget | null;
  declare currentTarget: EventTarget | null;
  declare eventPhase: number;
  declare defaultPrevented: boolean;
  declare _stopped: boolean;
  declare _propagates: boolean;
  declare _passive: boolean;

  constructor(type: string, init?: EventInit) {
    if (arguments.length === 0) throw new TypeError("an `Event` needs a type");
    this.type = String(type);
    this.bubbles = Boolean(init?.bubbles);
    this.cancelable = Boolean(init?.cancelable);
    this.composed = Boolean(init?.composed);
    this.timeStamp = 0;
    this.isTrusted = false;
    this.target = null;
    this.currentTarget = null;
    this.eventPhase = 0;
    this.defaultPrevented = false;
    this._stopped = false;
    this._propagates = true;
    this._passive = false;
  }

  get srcElement(): EventTarget | null {
    return this.target;
  }

  get returnValue(): boolean {
    return !this.defaultPrevented;
  }

  set returnValue(allowed: boolean) {
    if (!allowed) this.preventDefault();
  }

  get cancelBubble(): boolean {
    return !this._propagates;
  }

  set cancelBubble(stop: boolean) {
    if (stop) this._propagates = false;
  }

  composedPath(): EventTarget[] {
    return this.currentTarget === null ? [] : [this.currentTarget];
  }

  preventDefault(): void {
    if (this.cancelable && !this._passive) this.defaultPrevented = true;
  }

  stopPropagation(): void {
    this._propagates = false;
  }

  stopImmediatePropagation(): void {
    this._propagates = false;
    this._stopped = true;
  }
}

export class CustomEvent<T = unknown> extends Event {
  declare readonly detail: T | null;

  constructor(type: string, init?: EventInit & { detail?: T }) {
    super(type, init);
    this.detail = init?.detail ?? null;
  }
}

export class ErrorEvent extends Event {
  declare readonly message: string;
  declare readonly error: unknown;

  constructor(type: string, init?: EventInit & { message?: string; error?: unknown }) {
    super(type, init);
    this.message = init?.message ?? "";
    this.error = init?.error;
  }
}

export type Listener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown };

export interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: EventTarget & { readonly aborted: boolean };
}

interface Registration {
  type: string;
  listener: Listener;
  capture: boolean;
  once: boolean;
  passive: boolean;
  removed: boolean;
}

export class EventTarget {
  declare _listeners: Registration[] | undefined;

  addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const { capture, once, passive, signal } = readOptions(options);
    if (listener === null || listener === undefined || signal?.aborted === true) return;
    const listeners = (this._listeners ??= []);
    const name = String(type);
    if (find(listeners, name, listener, capture) >= 0) return;
    listeners.push({ type: name, listener, capture, once, passive, removed: false });
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, capture), { once: true });
  }

  removeEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
    const listeners = this._listeners;
    if (listeners === undefined || listener === null) return;
    const capture = Boolean(typeof options === "object" ? options?.capture : options);
    const at = find(listeners, String(type), listener, capture);
    if (at < 0) return;
    listeners[at]!.removed = true;
    listeners.splice(at, 1);
  }

  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) throw new TypeError("`dispatchEvent` takes an Event");
    return dispatch(this, event);
  }
}

/** Each option is read once, whatever becomes of the listener: that is how libraries find out which ones there are. */
function readOptions(options: boolean | ListenerOptions | undefined): Required<Omit<ListenerOptions, "signal">> & Pick<ListenerOptions, "signal"> {
  if (typeof options !== "object" || options === null) return { capture: Boolean(options), once: false, passive: false };
  const { capture, once, passive, signal } = options;
  if (signal === null) throw new TypeError("`signal` must be an AbortSignal");
  return { capture: Boolean(capture), once: Boolean(once), passive: Boolean(passive), ...(signal === undefined ? {} : { signal }) };
}

/** Calls the listeners in their order, those that capture first; answers whether the default action stands. */
export function dispatch(target: EventTarget, event: Event): boolean {
  event.target = target;
  event.currentTarget = target;
  event.eventPhase = Event.AT_TARGET;
  const listeners = (target._listeners ?? []).filter((registration) => registration.type === event.type);
  listeners.sort((a, b) => Number(b.capture) - Number(a.capture));
  for (const registration of listeners) {
    if (event._stopped) break;
    if (registration.removed) continue;
    if (registration.once) target.removeEventListener(event.type, registration.listener, registration.capture);
    call(target, registration, event);
  }
  event.currentTarget = null;
  event.eventPhase = Event.NONE;
  return !event.defaultPrevented;
}

function call(target: EventTarget, registration: Registration, event: Event): void {
  const { listener } = registration;
  event._passive = registration.passive;
  try {
    if (typeof listener === "function") listener.call(target, event);
    else listener.handleEvent(event);
  } catch (error) {
    reportException(error);
  }
  event._passive = false;
}

/** What a listener or timer throws ends nothing (DOM 2.10, HTML "report an exception"). Set by `report-error.ts`. */
let reportException: (error: unknown) => void = () => {};

export function onException(report: (error: unknown) => void): void {
  reportException = report;
}

function find(listeners: readonly Registration[], type: string, listener: Listener, capture: boolean): number {
  return listeners.findIndex((one) => one.type === type && one.listener === listener && one.capture === capture);
}

/** The `on…` attribute of an event: one listener that assignment replaces (HTML 8.1.8.1). */
export function defineHandler(prototype: EventTarget, type: string): void {
  const slot = `_on${type}`;
  Object.defineProperty(prototype, `on${type}`, {
    configurable: true,
    enumerable: true,
    get(this: Record<string, { handler: Listener } | undefined>) {
      return this[slot]?.handler ?? null;
    },
    set(this: EventTarget & Record<string, unknown>, handler: Listener | null) {
      const current = this[slot] as { handler: Listener; listener: Listener } | undefined;
      if (typeof handler !== "function") {
        if (current !== undefined) this.removeEventListener(type, current.listener);
        this[slot] = undefined;
      } else if (current !== undefined) {
        current.handler = handler;
      } else {
        const entry = { handler: handler as Listener, listener: (event: Event) => (entry.handler as (event: Event) => unknown).call(this, event) };
        this[slot] = entry;
        this.addEventListener(type, entry.listener);
      }
    },
  });
}

exposeClasses({ Event, CustomEvent, ErrorEvent, EventTarget });
