/**
 * Slows guessing down. Failures count for the address that they come from, and for an address together with an email: never for the
 * email alone, or a stranger could lock its owner out.
 */
import type { Caller } from "../actor.ts";
import type { Env } from "../env.ts";
import { ApiError } from "../errors.ts";
import * as store from "../store/attempts.ts";

const WINDOW_MS = 3_600_000;
const DELAY_MS = 1_000;
const DELAY_MS_MAX = 900_000;

/** Failures that are free within the window. */
const FREE_OF_PAIR = 5;
const FREE_OF_ADDRESS = 50;

function subjectsOf(caller: Caller, email: string): { pair: string; address: string } {
  return { pair: `${caller.address} ${email}`, address: caller.address };
}

/** Refuses whoever has failed too often, before anything is looked up. */
export async function refuseBlocked(env: Env, caller: Caller, email: string): Promise<void> {
  const now = Date.now();
  const { pair, address } = subjectsOf(caller, email);
  const until = await store.blockedUntil(env.DB, [pair, address], now);
  if (until === null) return;
  const seconds = Math.ceil((until - now) / 1000);
  throw new ApiError("too_many_requests", `too many failures from this address: try again in ${seconds} s`, [], seconds);
}

export async function countFailure(env: Env, caller: Caller, email: string): Promise<void> {
  const now = Date.now();
  const { pair, address } = subjectsOf(caller, email);
  const rules = { now, since: now - WINDOW_MS, delay: DELAY_MS, delayMax: DELAY_MS_MAX };
  await store.fail(env.DB, { ...rules, subject: pair, free: FREE_OF_PAIR });
  await store.fail(env.DB, { ...rules, subject: address, free: FREE_OF_ADDRESS });
}

/** Of the address all others still count: whoever knows one password may guess at others. */
export async function forgetFailures(env: Env, caller: Caller, email: string): Promise<void> {
  await store.clear(env.DB, subjectsOf(caller, email).pair);
}
