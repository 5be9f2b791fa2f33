/** PerformanceEntry, PerformanceMark and PerformanceMeasure (Performance Timeline 3.1, User Timing 3 and 4). */
import { exposeClasses } from "../expose";
import { now } from "./clock";
import { structuredClone } from "./structured-clone";
import { illegalUnless, INTERNAL, need, toDictionary, toDouble, toText } from "./webidl";

let lastId = 0;

export class PerformanceEntry {
  readonly #id = ++lastId;
  readonly #name: string;
  readonly #entryType: string;
  readonly #startTime: number;
  readonly #duration: number;

  constructor(token: unknown = undefined, name = "", entryType = "", startTime = 0, duration = 0) {
    illegalUnless(token);
    this.#name = name;
    this.#entryType = entryType;
    this.#startTime = startTime;
    this.#duration = duration;
  }

  get id(): number {
    return this.#id;
  }

  get name(): string {
    return this.#name;
  }

  get entryType(): string {
    return this.#entryType;
  }

  get startTime(): number {
    return this.#startTime;
  }

  get duration(): number {
    return this.#duration;
  }

  /** There is no navigation. */
  get navigationId(): number {
    void this.#id;
    return 0;
  }

  toJSON(): Record<string, unknown> {
    void this.#id;
    const { id, name, entryType, startTime, duration, navigationId } = this;
    return { id, name, entryType, startTime, duration, navigationId };
  }
}

export interface MarkOptions {
  detail?: unknown;
  startTime?: number;
}

export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(name: string, options: MarkOptions | undefined = undefined) {
    need(arguments.length, 1, "PerformanceMark");
    const text = toText(name);
    const { detail, startTime } = toDictionary(options, "the options of a mark");
    const start = startTime === undefined ? now() : notNegative(toDouble(startTime, "`startTime`"));
    super(INTERNAL, text, "mark", start);
    this.#detail = copyOf(detail);
  }

  get detail(): unknown {
    return this.#detail;
  }
}

export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(token: unknown = undefined, name = "", startTime = 0, duration = 0, detail: unknown = null) {
    super(token, name, "measure", startTime, duration);
    this.#detail = copyOf(detail);
  }

  get detail(): unknown {
    return this.#detail;
  }
}

export function notNegative(time: number): number {
  if (time < 0) throw new TypeError(`a time stamp cannot be negative: ${time}`);
  return time;
}

function copyOf(detail: unknown): unknown {
  return detail === undefined || detail === null ? null : structuredClone(detail);
}

exposeClasses({ PerformanceEntry, PerformanceMark, PerformanceMeasure });
