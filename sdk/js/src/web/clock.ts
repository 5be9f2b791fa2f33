/**
 * The clock of `performance.now()`, of event time stamps (High Resolution Time 4), of `console.time` and of `process.hrtime`: milliseconds since the invocation began, in steps of
 * 100 microseconds, so that workers cannot time each other's memory accesses. Cloudflare stands still between I/O; here time goes on.
 */
import { native } from "../host";

const STEPS_PER_MS = 10;

/** Never zero: the invocation began at least one step before anything looked at the clock. Zero while a worker is built. */
export function now(): number {
  return native.building() ? 0 : (Math.floor(native.monotonicMs() * STEPS_PER_MS) + 1) / STEPS_PER_MS;
}
