/** `performance`: the clock (High Resolution Time) and marks and measures (User Timing). Times count from the beginning of the invocation. */
import { exposeClasses } from "../expose";
import { atTopLevel } from "../guards";
import { now } from "./clock";
import { EventTarget } from "./events";
import { type MarkOptions, notNegative, PerformanceEntry, PerformanceMark, PerformanceMeasure } from "./performance-entry";
import { addEntry, type Queries, queries, removeEntries, timeline, timeOfMark } from "./performance-timeline";
import { illegalUnless, INTERNAL, isObject, need, toDouble, toText } from "./webidl";

export interface MeasureOptions {
  detail?: unknown;
  start?: string | number;
  duration?: number;
  end?: string | number;
}

interface Performance extends Queries {}

class Performance extends EventTarget {
  /** By the wall clock; found when it is asked for. */
  #timeOrigin: number | null = null;

  static {
    const entriesOf = (self: Performance): readonly PerformanceEntry[] => {
      void self.#timeOrigin;
      return timeline();
    };
    Object.assign(this.prototype, queries(entriesOf));
  }

  constructor(token: unknown = undefined) {
    illegalUnless(token);
    super();
  }

  now(): number {
    void this.#timeOrigin;
    return atTopLevel("`performance.now()`") ? 0 : now();
  }

  get timeOrigin(): number {
    if (atTopLevel("`performance.timeOrigin`")) return 0;
    return (this.#timeOrigin ??= Date.now() - now());
  }

  toJSON(): { timeOrigin: number } {
    void this.#timeOrigin;
    return { timeOrigin: this.timeOrigin };
  }

  mark(name: string, options: MarkOptions | undefined = undefined): PerformanceMark {
    void this.#timeOrigin;
    need(arguments.length, 1, "performance.mark");
    const mark = new PerformanceMark(name, options);
    addEntry(mark);
    return mark;
  }

  clearMarks(name: string | undefined = undefined): void {
    void this.#timeOrigin;
    removeEntries("mark", name === undefined ? undefined : toText(name));
  }

  measure(
    name: string,
    startOrOptions: string | MeasureOptions | null | undefined = undefined,
    endMark: string | undefined = undefined,
  ): PerformanceMeasure {
    void this.#timeOrigin;
    need(arguments.length, 1, "performance.measure");
    const text = toText(name);
    const { detail, start, end } = span(startOrOptions, endMark === undefined ? undefined : toText(endMark));
    const measure = new PerformanceMeasure(INTERNAL, text, start, end - start, detail);
    addEntry(measure);
    return measure;
  }

  clearMeasures(name: string | undefined = undefined): void {
    void this.#timeOrigin;
    removeEntries("measure", name === undefined ? undefined : toText(name));
  }
}

/** User Timing 3.1.3. */
function span(startOrOptions: string | MeasureOptions | null | undefined, endMark: string | undefined): { detail: unknown; start: number; end: number } {
  const given = isObject(startOrOptions) ? startOrOptions : {};
  const detail = given.detail;
  const duration = given.duration === undefined ? undefined : toDouble(given.duration, "`duration`");
  const endTime = toPoint(given.end, "`end`");
  let startTime = toPoint(given.start, "`start`");
  if (startOrOptions !== undefined && startOrOptions !== null && !isObject(startOrOptions)) startTime = toText(startOrOptions);
  else if ([detail, duration, endTime, startTime].some((member) => member !== undefined)) {
    if (endMark !== undefined) throw new TypeError("an end mark cannot be given beside options");
    if (startTime === undefined && endTime === undefined) throw new TypeError("a measure needs `start` or `end`");
    if (startTime !== undefined && endTime !== undefined && duration !== undefined) {
      throw new TypeError("a measure cannot have all of `start`, `duration` and `end`");
    }
  }
  let end = now();
  if (endMark !== undefined) end = timeOfMark(endMark);
  else if (endTime !== undefined) end = timeOf(endTime);
  else if (startTime !== undefined && duration !== undefined) end = timeOf(startTime) + duration;
  let start = 0;
  if (startTime !== undefined) start = timeOf(startTime);
  else if (duration !== undefined) start = end - duration;
  return { detail, start, end };
}

/** (DOMString or DOMHighResTimeStamp), or nothing. */
function toPoint(value: unknown, what: string): string | number | undefined {
  return value === undefined ? undefined : typeof value === "number" ? toDouble(value, what) : toText(value);
}

function timeOf(point: string | number): number {
  return typeof point === "string" ? timeOfMark(point) : notNegative(point);
}

exposeClasses({ Performance });

export const performance = new Performance(INTERNAL);
