/** Clocks, marks and measures (High Resolution Time, User Timing, Performance Timeline). Times count from the beginning of the invocation. */

type DOMHighResTimeStamp = number;
type PerformanceEntryList = PerformanceEntry[];

interface PerformanceEntry {
  readonly duration: DOMHighResTimeStamp;
  readonly entryType: string;
  readonly id: number;
  readonly name: string;
  /** There is no navigation: 0. */
  readonly navigationId: number;
  readonly startTime: DOMHighResTimeStamp;
  toJSON(): Record<string, unknown>;
}

declare var PerformanceEntry: Unconstructible<PerformanceEntry>;

interface PerformanceMarkOptions {
  detail?: unknown;
  startTime?: DOMHighResTimeStamp;
}

interface PerformanceMark extends PerformanceEntry {
  readonly detail: unknown;
}

declare var PerformanceMark: { prototype: PerformanceMark; new (markName: string, markOptions?: PerformanceMarkOptions): PerformanceMark };

interface PerformanceMeasureOptions {
  detail?: unknown;
  duration?: DOMHighResTimeStamp;
  end?: string | DOMHighResTimeStamp;
  start?: string | DOMHighResTimeStamp;
}

interface PerformanceMeasure extends PerformanceEntry {
  readonly detail: unknown;
}

declare var PerformanceMeasure: Unconstructible<PerformanceMeasure>;

interface PerformanceEntries {
  getEntries(): PerformanceEntryList;
  getEntriesByName(name: string, type?: string): PerformanceEntryList;
  getEntriesByType(type: string): PerformanceEntryList;
}

interface Performance extends EventTarget, PerformanceEntries {
  readonly timeOrigin: DOMHighResTimeStamp;
  clearMarks(markName?: string): void;
  clearMeasures(measureName?: string): void;
  mark(markName: string, markOptions?: PerformanceMarkOptions): PerformanceMark;
  measure(measureName: string, startOrMeasureOptions?: string | PerformanceMeasureOptions, endMark?: string): PerformanceMeasure;
  /** Stands still at 0 while the worker is built. */
  now(): DOMHighResTimeStamp;
  toJSON(): { timeOrigin: DOMHighResTimeStamp };
}

declare var Performance: Unconstructible<Performance>;
declare var performance: Performance;

interface PerformanceObserverEntryList extends PerformanceEntries {}

declare var PerformanceObserverEntryList: Unconstructible<PerformanceObserverEntryList>;

interface PerformanceObserverCallback {
  (entries: PerformanceObserverEntryList, observer: PerformanceObserver): void;
}

/** Either `type` or `entryTypes`, which an observer cannot mix. */
interface PerformanceObserverInit {
  buffered?: boolean;
  entryTypes?: readonly string[];
  type?: string;
}

interface PerformanceObserver {
  disconnect(): void;
  observe(options?: PerformanceObserverInit): void;
  takeRecords(): PerformanceEntryList;
}

declare var PerformanceObserver: {
  prototype: PerformanceObserver;
  new (callback: PerformanceObserverCallback): PerformanceObserver;
  /** `mark` and `measure`. */
  readonly supportedEntryTypes: readonly string[];
};
