/**
 * Slows guessing down. A try counts before its password is looked at, so that many at once count too; one that succeeds is taken back.
 * Tries count for the address that they come from, and for an address together with an email: never for the email alone, or a stranger
 * could lock its owner out.
 */
import type { Caller } from "../actor.ts";
import type { Env } from "../env.ts";
import { ApiError } from "../errors.ts";
import * as store from "../store/attempts.ts";

const WINDOW_MS = 3_600_000;
const DELAY_MS = 1_000;
const DELAY_MS_MAX = 900_000;

/** Tries that are free within the window. */
const FREE_OF_PAIR = 5;
const FREE_OF_ADDRESS = 50;
const MAILS = 5;

/** Of IPv6 the network: whoever has one address has all of its /64. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  const last = tail === undefined ? [] : tail.split(":").filter((group) => group !== "");
  const zeros = Array<string>(Math.max(0, 8 - groups.length - last.length)).fill("0");
  return [...groups, ...(tail === undefined ? [] : [...zeros, ...last])].slice(0, 4).join(":");
}

function subjectsOf(caller: Caller, email: string): { pair: string; network: string } {
  const network = networkOf(caller.address);
  return { pair: `${network} ${email}`, network };
}

function rule(free: number, now: number): store.Rule {
  return { free, since: now - WINDOW_MS, delay: DELAY_MS, delayMax: DELAY_MS_MAX };
}

/** Counts a try, and refuses it where there were too many. */
export async function countTry(env: Env, caller: Caller, email: string): Promise<void> {
  const now = Date.now();
  const { pair, network } = subjectsOf(caller, email);
  for (const [subject, free] of [[pair, FREE_OF_PAIR], [network, FREE_OF_ADDRESS]] as const) {
    if (await store.count(env.DB, subject, now, rule(free, now))) continue;
    const seconds = Math.max(1, Math.ceil(((await store.blockedUntil(env.DB, subject)) - now) / 1000));
    throw new ApiError("too_many_requests", `too many tries from this address: try again in ${seconds} s`, [], seconds);
  }
}

/** Of the network all others still count: whoever knows one password may guess at others. */
export async function tookIt(env: Env, caller: Caller, email: string): Promise<void> {
  const { pair, network } = subjectsOf(caller, email);
  await store.clear(env.DB, pair);
  await store.uncount(env.DB, network);
}

/** Whether an address may be sent one more mail that somebody asks for without proving who they are. */
export function mayMail(env: Env, email: string): Promise<boolean> {
  const now = Date.now();
  return store.count(env.DB, `mail ${email}`, now, { ...rule(MAILS - 1, now), delay: WINDOW_MS, delayMax: WINDOW_MS });
}
