/** SQL of tries that count against the next one. */
import type { Database } from "../env.ts";

export interface Rule {
  /** Tries before this are forgotten. */
  since: number;
  /** So many are free. */
  free: number;
  /** Milliseconds that the first that is not has others wait; each doubles it. */
  delay: number;
  delayMax: number;
}

/** Counts a try. False, and not counted, while others have it wait: one statement, so that of many at once no more pass than one after the other. */
export async function count(db: Database, subject: string, now: number, { since, free, delay, delayMax }: Rule): Promise<boolean> {
  const sql = `
    INSERT INTO attempts (subject, failures, first_at, blocked_until) VALUES (?1, 1, ?2, 0)
    ON CONFLICT (subject) DO UPDATE SET
      failures = CASE WHEN first_at < ?3 THEN 1 ELSE failures + 1 END,
      first_at = CASE WHEN first_at < ?3 THEN ?2 ELSE first_at END,
      blocked_until = CASE WHEN first_at >= ?3 AND failures >= ?4 THEN ?2 + MIN(?6, ?5 * (1 << MIN(failures - ?4, 20))) ELSE 0 END
    WHERE blocked_until <= ?2
    RETURNING failures`;
  return (await db.prepare(sql).bind(subject, now, since, free, delay, delayMax).first()) !== null;
}

export async function blockedUntil(db: Database, subject: string): Promise<number> {
  return (await db.prepare("SELECT blocked_until FROM attempts WHERE subject = ?1").bind(subject).first<{ blocked_until: number }>())?.blocked_until ?? 0;
}

export async function clear(db: Database, subject: string): Promise<void> {
  await db.prepare("DELETE FROM attempts WHERE subject = ?1").bind(subject).run();
}

/** Takes one try back. */
export async function uncount(db: Database, subject: string): Promise<void> {
  await db.prepare("UPDATE attempts SET failures = MAX(failures - 1, 0), blocked_until = 0 WHERE subject = ?1").bind(subject).run();
}
