/** `node:perf_hooks`: the `performance` of the Web, and the classes around it where there are such. */
import { absent } from "./internal/absent";

const scope = globalThis as unknown as Record<string, never>;
class Absent {
  constructor() {
    absent("node:perf_hooks", new.target.name);
  }
}
const globalClass = (name: string): typeof Absent => scope[name] ?? Absent;

export const performance = scope["performance"] as unknown as object;
export const Performance = globalClass("Performance");
export const PerformanceEntry = globalClass("PerformanceEntry");
export const PerformanceMark = globalClass("PerformanceMark");
export const PerformanceMeasure = globalClass("PerformanceMeasure");
export const PerformanceObserver = globalClass("PerformanceObserver");
export const PerformanceObserverEntryList = globalClass("PerformanceObserverEntryList");
export const PerformanceResourceTiming = globalClass("PerformanceResourceTiming");
export const constants = { NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16 };
export const createHistogram = (): never => absent("node:perf_hooks", "createHistogram");
export const monitorEventLoopDelay = (): never => absent("node:perf_hooks", "monitorEventLoopDelay");

export default {
  performance, Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, PerformanceObserverEntryList, PerformanceResourceTiming, constants, createHistogram,
  monitorEventLoopDelay,
};
