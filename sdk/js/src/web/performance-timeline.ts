/** The timeline of an invocation and who observes it (Performance Timeline 3 and 4). */
import { exposeClasses } from "../expose";
import { DOMException } from "./dom-exception";
import type { PerformanceEntry } from "./performance-entry";
import { report } from "./report-error";
import { queueTask } from "./tasks";
import { illegalUnless, INTERNAL, need, toCallback, toDictionary, toSequence, toText } from "./webidl";

const ENTRY_TYPES: readonly string[] = Object.freeze(["mark", "measure"]);

let entries: PerformanceEntry[] = [];
const observers = new Set<PerformanceObserver>();
let deliverQueued = false;

/** Tells the observers of a new entry, and keeps it. */
export function addEntry(entry: PerformanceEntry): void {
  for (const observer of observers) offer(observer, entry);
  entries.push(entry);
}

export function removeEntries(type: string, name: string | undefined): void {
  entries = entries.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== name));
}

/** The time of the latest mark of a name. */
export function timeOfMark(name: string): number {
  const mark = entries.findLast((entry) => entry.entryType === "mark" && entry.name === name);
  if (mark === undefined) throw new DOMException(`there is no mark \`${name}\``, "SyntaxError");
  return mark.startTime;
}

export interface Queries {
  getEntries(): PerformanceEntry[];
  getEntriesByType(type: string): PerformanceEntry[];
  getEntriesByName(name: string, type?: string): PerformanceEntry[];
}

/** The methods that `Performance` and `PerformanceObserverEntryList` share, over the entries of each. */
export const queries = <S>(entriesOf: (self: S) => readonly PerformanceEntry[]) => ({
  getEntries(this: S): PerformanceEntry[] {
    return select(entriesOf(this));
  },
  getEntriesByType(this: S, type: string): PerformanceEntry[] {
    const all = entriesOf(this);
    need(arguments.length, 1, "getEntriesByType");
    return select(all, undefined, toText(type));
  },
  getEntriesByName(this: S, name: string, type: string | undefined = undefined): PerformanceEntry[] {
    const all = entriesOf(this);
    need(arguments.length, 1, "getEntriesByName");
    return select(all, toText(name), type === undefined ? undefined : toText(type));
  },
});

/** Those of a name and a type, in the order of time. */
function select(all: readonly PerformanceEntry[], name?: string, type?: string): PerformanceEntry[] {
  return all
    .filter((entry) => (name === undefined || entry.name === name) && (type === undefined || entry.entryType === type))
    .sort((a, b) => a.startTime - b.startTime);
}

export function timeline(): readonly PerformanceEntry[] {
  return entries;
}

class PerformanceObserverEntryList {
  readonly #entries: readonly PerformanceEntry[];

  static {
    Object.assign(this.prototype, queries<PerformanceObserverEntryList>((self) => self.#entries));
  }

  constructor(token: unknown = undefined, list: readonly PerformanceEntry[] = []) {
    illegalUnless(token);
    this.#entries = list;
  }
}

type ObserverCallback = (list: PerformanceObserverEntryList, observer: PerformanceObserver, options: object) => void;

interface ObserverInit {
  entryTypes?: Iterable<string>;
  type?: string;
  buffered?: boolean;
}

let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => void;

class PerformanceObserver {
  readonly #callback: ObserverCallback;
  /** Whether `observe` was called with `type` or with `entryTypes`, which cannot be mixed. */
  #mode: "type" | "entryTypes" | null = null;
  #types = new Set<string>();
  #buffer: PerformanceEntry[] = [];

  static {
    offer = (observer, entry) => {
      if (!observer.#types.has(entry.entryType)) return;
      observer.#buffer.push(entry);
      if (deliverQueued) return;
      deliverQueued = true;
      queueTask(deliver);
    };

    const deliver = (): void => {
      deliverQueued = false;
      for (const observer of [...observers]) {
        const list = observer.takeRecords();
        if (list.length === 0) continue;
        try {
          observer.#callback.call(observer, new PerformanceObserverEntryList(INTERNAL, list), observer, {});
        } catch (error) {
          report(error);
        }
      }
    };
  }

  static get supportedEntryTypes(): readonly string[] {
    return ENTRY_TYPES;
  }

  constructor(callback: ObserverCallback) {
    need(arguments.length, 1, "PerformanceObserver");
    this.#callback = toCallback(callback, "the callback of a PerformanceObserver");
  }

  observe(options: ObserverInit | undefined = undefined): void {
    const mode = this.#mode;
    const { buffered, entryTypes, type } = toDictionary(options, "the options of `observe`");
    if ((entryTypes === undefined) === (type === undefined)) throw new TypeError("`observe` needs either `type` or `entryTypes`");
    const wanted = type === undefined ? "entryTypes" : "type";
    const types = type === undefined ? toSequence(entryTypes, toText, "`entryTypes`") : [toText(type)];
    if (mode !== null && mode !== wanted) throw new DOMException("`type` and `entryTypes` cannot be mixed", "InvalidModificationError");
    this.#mode = wanted;
    const supported = types.filter((one) => ENTRY_TYPES.includes(one));
    if (supported.length === 0) return;
    this.#types = new Set(wanted === "type" ? [...this.#types, ...supported] : supported);
    observers.add(this);
    if (wanted === "type" && buffered) for (const entry of entries) if (entry.entryType === types[0]) offer(this, entry);
  }

  disconnect(): void {
    this.#buffer = [];
    this.#types = new Set();
    observers.delete(this);
  }

  takeRecords(): PerformanceEntry[] {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }
}

exposeClasses({ PerformanceObserver, PerformanceObserverEntryList });
