/**
 * Keeps clock and chance out of a worker's top level: it runs once, when the worker is built, so that what it read would be
 * the same in every invocation. The natives refuse their own part; here stand the parts of JavaScript itself.
 */
import { native } from "./host";

const RealDate = Date;
const realNow = Date.now;
const realRandom = Math.random;

let evaluating = false;

/** Throws while the top level runs. */
export function runTimeOnly(what: string): void {
  if (evaluating) native.runTimeOnly(what);
}

/** What `Date` is while the top level runs. One captured there goes on working at run time. */
function GuardedDate(this: unknown, ...args: unknown[]): unknown {
  if (new.target === undefined) {
    runTimeOnly("`Date()`");
    return RealDate();
  }
  if (args.length === 0) runTimeOnly("`new Date()`");
  const target = (new.target as unknown) === GuardedDate ? RealDate : new.target;
  return Reflect.construct(RealDate, args, target);
}
GuardedDate.prototype = RealDate.prototype;
Object.setPrototypeOf(GuardedDate, RealDate);
Object.defineProperty(GuardedDate, "name", { value: "Date", configurable: true });
Object.defineProperty(GuardedDate, "length", { value: 7, configurable: true });

function guardedNow(): number {
  runTimeOnly("`Date.now()`");
  return realNow();
}

function guardedRandom(): number {
  runTimeOnly("`Math.random()`");
  return realRandom();
}

export function beginEvaluation(): void {
  evaluating = true;
  install(GuardedDate, guardedNow, guardedRandom);
}

export function endEvaluation(): void {
  evaluating = false;
  install(RealDate, realNow, realRandom);
}

/** Replaces only what the worker left as it was: its own `Date` or `Math.random` stays. */
function install(date: unknown, now: () => number, random: () => number): void {
  const ours: unknown[] = [RealDate, GuardedDate];
  const scope = globalThis as Record<string, unknown>;
  if (ours.includes(scope["Date"])) scope["Date"] = date;
  if (RealDate.now === realNow || RealDate.now === guardedNow) RealDate.now = now;
  if (Math.random === realRandom || Math.random === guardedRandom) Math.random = random;
  // `new Date(0).constructor` must not be a way around.
  if (ours.includes(RealDate.prototype.constructor)) Object.assign(RealDate.prototype, { constructor: date });
}
