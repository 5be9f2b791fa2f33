/** AbortController and AbortSignal (DOM 3). */
import { exposeClasses } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import { DOMException } from "./dom-exception";
import { defineHandler, Event, EventTarget, fire, type Listener, useSignals } from "./events";
import { enforced, illegalUnless, INTERNAL, isObject, need, toSequence } from "./webidl";

/** A signal that nothing but `signalAbort` aborts. */
export const createSignal = (): AbortSignal => new AbortSignal(INTERNAL);
export let signalAbort: (signal: AbortSignal, reason: unknown) => void;
/** Calls back once when the signal aborts, before its event; the answer undoes it. */
export let onAbort: (signal: AbortSignal, algorithm: () => void) => () => void;
/** Converts an argument. Throws a TypeError for anything but an AbortSignal. */
export let toSignal: (value: unknown) => AbortSignal;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  /** Ends of fetches and the like; made when there is one. */
  #algorithms: Set<() => void> | null = null;
  /** Of a signal made by `any`: what it follows, never itself such a signal. */
  #sources: Set<AbortSignal> | null = null;
  #dependents: Set<AbortSignal> | null = null;

  declare onabort: Listener | null;

  static {
    toSignal = (value) => {
      if (!isObject(value) || !(#aborted in value)) throw new TypeError("an AbortSignal is needed");
      return value;
    };

    onAbort = (signal, algorithm) => {
      const algorithms = (signal.#algorithms ??= new Set());
      algorithms.add(algorithm);
      return () => algorithms.delete(algorithm);
    };

    const mark = (signal: AbortSignal, reason: unknown): void => {
      signal.#aborted = true;
      signal.#reason = reason;
    };

    const tell = (signal: AbortSignal): void => {
      const algorithms = signal.#algorithms;
      signal.#algorithms = null;
      if (algorithms !== null) for (const algorithm of algorithms) algorithm();
      fire(signal, new Event("abort"));
    };

    // All are marked before anybody hears of it (DOM 3.2, "signal abort").
    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      mark(signal, reason === undefined ? new DOMException("The operation was aborted", "AbortError") : reason);
      const dependents = [...(signal.#dependents ?? [])].filter((dependent) => !dependent.#aborted);
      for (const dependent of dependents) mark(dependent, signal.#reason);
      tell(signal);
      for (const dependent of dependents) tell(dependent);
    };
  }

  constructor(token: unknown = undefined) {
    illegalUnless(token);
    super();
  }

  static abort(reason: unknown = undefined): AbortSignal {
    const signal = createSignal();
    signalAbort(signal, reason);
    return signal;
  }

  static timeout(milliseconds: number): AbortSignal {
    need(arguments.length, 1, "AbortSignal.timeout");
    const ms = enforced(milliseconds, 0, Number.MAX_SAFE_INTEGER, "the time of `AbortSignal.timeout`");
    runTimeOnly("`AbortSignal.timeout`");
    const signal = createSignal();
    native.startTimer(ms, () => signalAbort(signal, new DOMException("The operation was aborted due to timeout", "TimeoutError")));
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    need(arguments.length, 1, "AbortSignal.any");
    const given = toSequence(signals, toSignal, "the signals of `AbortSignal.any`");
    const dependent = createSignal();
    const aborted = given.find((signal) => signal.#aborted);
    if (aborted !== undefined) {
      dependent.#aborted = true;
      dependent.#reason = aborted.#reason;
      return dependent;
    }
    const sources = (dependent.#sources = new Set<AbortSignal>());
    for (const signal of given) for (const source of signal.#sources ?? [signal]) sources.add(source);
    for (const source of sources) (source.#dependents ??= new Set()).add(dependent);
    return dependent;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
}
defineHandler(AbortSignal.prototype, "abort");
useSignals((value) => {
  const signal = toSignal(value);
  return { aborted: signal.aborted, onAbort: (algorithm) => void onAbort(signal, algorithm) };
});

export class AbortController {
  /** Made when somebody asks for it. */
  #signal: AbortSignal | null = null;

  get signal(): AbortSignal {
    return (this.#signal ??= createSignal());
  }

  abort(reason: unknown = undefined): void {
    signalAbort((this.#signal ??= createSignal()), reason);
  }
}

exposeClasses({ AbortController, AbortSignal });
