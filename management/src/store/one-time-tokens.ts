/** SQL of what is used once: links in mails. Tokens themselves are not stored. */
import type { Database } from "../env.ts";

export type Purpose = "verify-email" | "reset-password";

export interface OneTimeRow {
  user_id: string | null;
  /** JSON, by purpose. */
  payload: string;
}

export interface NewOneTime {
  /** SHA-256 of the token, in hex. */
  hash: string;
  purpose: Purpose;
  userId: string | null;
  payload: unknown;
  now: number;
  expiresAt: number;
}

export async function insert(db: Database, token: NewOneTime): Promise<void> {
  const sql = "INSERT INTO one_time_tokens (hash, purpose, user_id, payload, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
  const { hash, purpose, userId, payload, now, expiresAt } = token;
  await db.prepare(sql).bind(hash, purpose, userId, JSON.stringify(payload), now, expiresAt).run();
}

/** What was stored with it, and it stays good. */
export function find(db: Database, hash: string, purpose: Purpose, now: number): Promise<OneTimeRow | null> {
  const sql = "SELECT user_id, payload FROM one_time_tokens WHERE hash = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3";
  return db.prepare(sql).bind(hash, purpose, now).first<OneTimeRow>();
}

/** What was stored with it, for the first who uses it in time; of two at once, one is. */
export function use(db: Database, hash: string, purpose: Purpose, now: number): Promise<OneTimeRow | null> {
  const sql = `
    UPDATE one_time_tokens SET used_at = ?3
    WHERE hash = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3
    RETURNING user_id, payload`;
  return db.prepare(sql).bind(hash, purpose, now).first<OneTimeRow>();
}
