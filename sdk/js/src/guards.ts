/**
 * Keeps clock and chance out of a worker's top level: it runs once, when the worker is built, so that what it read would be the same in
 * every invocation. As on Cloudflare, clocks stand at 0 there and I/O is refused (by the natives). `Math.random()` gives numbers from a
 * fixed seed, since libraries draw some while they load. Each of these is a warning of the build.
 */
import { finish } from "./ending";
import { native } from "./host";

const RealDate = Date;
const realNow = Date.now;
const realRandom = Math.random;

const WARNING = 3;

let evaluating = false;
const warned = new Set<string>();

/** Throws while the top level runs. */
export function runTimeOnly(what: string): void {
  if (evaluating) native.runTimeOnly(what);
}

/** Is the top level running? Then the build warns, once for each `what`. */
export function atTopLevel(what: string): boolean {
  if (evaluating && !warned.has(what)) {
    warned.add(what);
    native.log(WARNING, `${what} at the top level of a worker is fixed: it runs once, when the worker is built`);
  }
  return evaluating;
}

/** What `Date` is while the top level runs. One captured there goes on working at run time. */
function GuardedDate(this: unknown, ...args: unknown[]): unknown {
  if (new.target === undefined) {
    return atTopLevel("`Date()`") ? String(new RealDate(0)) : RealDate();
  }
  if (args.length === 0 && atTopLevel("`new Date()`")) args = [0];
  const target = (new.target as unknown) === GuardedDate ? RealDate : new.target;
  return Reflect.construct(RealDate, args, target);
}
GuardedDate.prototype = RealDate.prototype;
Object.setPrototypeOf(GuardedDate, RealDate);
Object.defineProperty(GuardedDate, "name", { value: "Date", configurable: true });
Object.defineProperty(GuardedDate, "length", { value: 7, configurable: true });

function guardedNow(): number {
  return atTopLevel("`Date.now()`") ? 0 : realNow();
}

let seed = 0x9e3779b9;

function guardedRandom(): number {
  if (!atTopLevel("`Math.random()`")) return realRandom();
  // Xorshift (Marsaglia, 2003).
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
}

export function beginEvaluation(): void {
  evaluating = true;
  install(GuardedDate, guardedNow, guardedRandom);
}

export function endEvaluation(): void {
  evaluating = false;
  // What the top level has left is its own, not that of each invocation.
  finish();
  warned.clear();
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
