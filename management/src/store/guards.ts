/** Conditions of a batch: what is checked and what is written are one transaction, so that two requests at once cannot both pass. */
import type { Database, SqlValue, Statement } from "../env.ts";
import { hostCode, messageOf } from "../errors.ts";

/** Constraints of the table `guards`. */
export type Guard = "over_quota" | "last_owner" | "changed_meanwhile";

/** Fails the batch where the condition, an expression over `?1` and so on, holds. */
export function failIf(db: Database, guard: Guard, condition: string, ...params: readonly SqlValue[]): Statement {
  return db.prepare(`INSERT INTO guards (name) SELECT '${guard}' WHERE ${condition}`).bind(...params);
}

export function isFailed(error: unknown, guard: Guard): boolean {
  return hostCode(error) === "constraint" && messageOf(error).includes(`CHECK constraint failed: ${guard}`);
}
