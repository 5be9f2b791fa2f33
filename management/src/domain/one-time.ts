/** Tokens that are good once, and not for long. */
import type { Env } from "../env.ts";
import { ApiError } from "../errors.ts";
import { newSecret, sha256 } from "../hash.ts";
import * as store from "../store/one-time-tokens.ts";

export interface OneTime {
  purpose: store.Purpose;
  userId: string | null;
  payload?: unknown;
  lifetimeMs: number;
}

/** The token; only its hash is stored. */
export async function issueOnce(env: Env, { purpose, userId, payload = {}, lifetimeMs }: OneTime): Promise<string> {
  const token = newSecret();
  const now = Date.now();
  await store.insert(env.DB, { hash: await sha256(token), purpose, userId, payload, now, expiresAt: now + lifetimeMs });
  return token;
}

/** What was stored with it. It stays good: what is wrong with a request must not spend it. */
export async function lookAt(env: Env, purpose: store.Purpose, token: string): Promise<store.OneTimeRow> {
  return good(await store.find(env.DB, await sha256(token), purpose, Date.now()));
}

/** What was stored with it. */
export async function useOnce(env: Env, purpose: store.Purpose, token: string): Promise<store.OneTimeRow> {
  return good(await store.use(env.DB, await sha256(token), purpose, Date.now()));
}

function good(row: store.OneTimeRow | null): store.OneTimeRow {
  if (row === null) throw new ApiError("unauthorized", "the token is not valid, was used, or has expired");
  return row;
}
