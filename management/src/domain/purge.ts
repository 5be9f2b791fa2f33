/**
 * The end of organizations whose grace is over. Each step can be done again, so whatever ends a purge half way, the next one
 * goes on: contents of databases are deleted before their rows, and the organization's own row with the last of its things.
 */
import type { Caller } from "../actor.ts";
import type { Env } from "../env.ts";
import * as audit from "../store/audit.ts";
import { isFailed } from "../store/guards.ts";
import { DEFAULT_ORGANIZATION } from "../store/organizations.ts";
import * as store from "../store/purge.ts";
import { reload } from "./routing.ts";

const ORGANIZATIONS_MAX = 10;
const EXECUTIONS_AT_ONCE = 1000;
/** With the records of so many invocations deleted, the rest is for the next call. */
const EXECUTIONS_MAX = 50_000;

export interface Purged {
  /** Organizations that are gone. */
  organizations: number;
  /** Whether there is more to do now. */
  isMore: boolean;
}

export async function purge(env: Env, caller: Caller): Promise<Purged> {
  const now = Date.now();
  const due = await store.due(env.DB, now, ORGANIZATIONS_MAX + 1);
  let organizations = 0;
  let budget = EXECUTIONS_MAX;
  for (const id of due.slice(0, ORGANIZATIONS_MAX)) {
    if (budget === 0) break;
    try {
      budget = await removeExecutions(env, id, budget);
      if (budget > 0) await purgeOne(env, caller, id, now);
      organizations += budget > 0 ? 1 : 0;
    } catch (error) {
      if (isFailed(error, "changed_meanwhile")) continue;
      // The others do not wait for one that cannot be deleted now.
      console.error(`organization ${id} is not purged yet:`, error);
    }
  }
  if (organizations > 0) {
    await env.IDENTITY.forget();
    await reload(env, null, `${organizations} organizations are deleted in the store`);
  }
  return { organizations, isMore: organizations < due.length };
}

async function purgeOne(env: Env, caller: Caller, id: string, now: number): Promise<void> {
  for (const database of await store.databasesOf(env.DB, id)) {
    await env.DATABASES.delete(database);
    await store.forgetDatabase(env.DB, database);
  }
  // In the operator's log, by its id alone: its own log goes with it.
  const entry = audit.entryIn(env.DB, DEFAULT_ORGANIZATION, caller, { action: "organization.purge", subject: { id, name: id } });
  await store.remove(env.DB, id, now, entry);
}

/** In pieces, so that no statement takes long. Answers with what is left of the budget; 0 where there may be more. */
async function removeExecutions(env: Env, id: string, budget: number): Promise<number> {
  for (let left = budget; left > 0; left -= EXECUTIONS_AT_ONCE) {
    if ((await store.removeExecutions(env.DB, id, EXECUTIONS_AT_ONCE)) < EXECUTIONS_AT_ONCE) return left;
  }
  return 0;
}
