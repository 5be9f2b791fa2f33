/** SQL of failures that count against the next try. */
import type { Database } from "../env.ts";

/** Until when the first of the subjects that is blocked is so; `null` where none is. */
export async function blockedUntil(db: Database, subjects: readonly string[], now: number): Promise<number | null> {
  const sql = "SELECT MAX(blocked_until) AS until FROM attempts WHERE subject IN (SELECT value FROM json_each(?1)) AND blocked_until > ?2";
  return (await db.prepare(sql).bind(JSON.stringify(subjects), now).first<{ until: number | null }>())?.until ?? null;
}

export interface Failure {
  subject: string;
  now: number;
  /** Failures before this are forgotten. */
  since: number;
  /** So many are free. */
  free: number;
  /** Milliseconds for the first that is not; each doubles it. */
  delay: number;
  delayMax: number;
}

/** Counts one more. */
export async function fail(db: Database, failure: Failure): Promise<void> {
  const { subject, now, since, free, delay, delayMax } = failure;
  const sql = `
    INSERT INTO attempts (subject, failures, first_at, blocked_until) VALUES (?1, 1, ?2, 0)
    ON CONFLICT (subject) DO UPDATE SET
      failures = CASE WHEN first_at < ?3 THEN 1 ELSE failures + 1 END,
      first_at = CASE WHEN first_at < ?3 THEN ?2 ELSE first_at END,
      blocked_until = CASE WHEN first_at >= ?3 AND failures >= ?4 THEN ?2 + MIN(?6, ?5 * (1 << MIN(failures - ?4, 20))) ELSE 0 END`;
  await db.prepare(sql).bind(subject, now, since, free, delay, delayMax).run();
}

export async function clear(db: Database, subject: string): Promise<void> {
  await db.prepare("DELETE FROM attempts WHERE subject = ?1").bind(subject).run();
}
