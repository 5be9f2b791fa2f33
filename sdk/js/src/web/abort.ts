/** AbortController and AbortSignal (DOM 3). */
import { exposeClasses } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import { DOMException } from "./dom-exception";
import { defineHandler, dispatch, Event, EventTarget, type Listener } from "./events";

export class AbortSignal extends EventTarget {
  declare aborted: boolean;
  declare reason: unknown;
  declare onabort: Listener | null;
  /** Run before the event: the ends of fetches and of dependent signals. */
  declare _algorithms: Set<() => void> | null;

  constructor() {
    super();
    if (!constructing) throw new TypeError("Illegal constructor");
    this.aborted = false;
    this.reason = undefined;
    this._algorithms = null;
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = createSignal();
    abort(signal, reason);
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    runTimeOnly("`AbortSignal.timeout`");
    const signal = createSignal();
    native.startTimer(milliseconds, () => abort(signal, new DOMException("the operation timed out", "TimeoutError")));
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const sources = [...signals];
    const dependent = createSignal();
    const aborted = sources.find((signal) => signal.aborted);
    if (aborted !== undefined) {
      abort(dependent, aborted.reason);
      return dependent;
    }
    for (const signal of sources) onAbort(signal, () => abort(dependent, signal.reason));
    return dependent;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}
defineHandler(AbortSignal.prototype, "abort");

export class AbortController {
  declare _signal: AbortSignal | null;

  constructor() {
    this._signal = null;
  }

  get signal(): AbortSignal {
    return (this._signal ??= createSignal());
  }

  abort(reason?: unknown): void {
    abort(this.signal, reason);
  }
}

let constructing = false;

export function createSignal(): AbortSignal {
  constructing = true;
  try {
    return new AbortSignal();
  } finally {
    constructing = false;
  }
}

/** Calls back once when the signal aborts; the answer undoes it. */
export function onAbort(signal: AbortSignal, algorithm: () => void): () => void {
  const algorithms = (signal._algorithms ??= new Set());
  algorithms.add(algorithm);
  return () => algorithms.delete(algorithm);
}

function abort(signal: AbortSignal, reason: unknown): void {
  if (signal.aborted) return;
  signal.aborted = true;
  signal.reason = reason === undefined ? new DOMException("the operation was aborted", "AbortError") : reason;
  const algorithms = signal._algorithms;
  signal._algorithms = null;
  if (algorithms !== null) for (const algorithm of algorithms) algorithm();
  const event = new Event("abort");
  event.isTrusted = true;
  dispatch(signal, event);
}

exposeClasses({ AbortController, AbortSignal });
