/** SQL of sessions and the tokens that renew them. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  client: string;
  address: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
}

const SELECT = "SELECT id, user_id, client, address, created_at, last_used_at, expires_at FROM sessions";

export interface NewSession {
  id: string;
  userId: string;
  client: string;
  address: string;
  now: number;
  expiresAt: number;
  /** Of the first refresh token. */
  tokenId: string;
}

export async function insert(db: Database, session: NewSession): Promise<void> {
  const { id, userId, client, address, now, expiresAt, tokenId } = session;
  const sql = `
    INSERT INTO sessions (id, user_id, client, address, created_at, last_used_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)`;
  await db.batch([db.prepare(sql).bind(id, userId, client, address, now, expiresAt), addToken(db, tokenId, id, now)]);
}

function addToken(db: Database, tokenId: string, sessionId: string, now: number): Statement {
  return db.prepare("INSERT INTO refresh_tokens (id, session_id, created_at) VALUES (?1, ?2, ?3)").bind(tokenId, sessionId, now);
}

/** Those that are good now, newest first. */
export async function list(db: Database, userId: string, now: number, page: PageRequest): Promise<SessionRow[]> {
  const sql = `
    ${SELECT} WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND (created_at, id) < (?3, ?4)
    ORDER BY created_at DESC, id DESC LIMIT ?5`;
  return (await db.prepare(sql).bind(userId, now, page.after.key, page.after.id, page.limit + 1).all<SessionRow>()).results;
}

/** Whose session it is, where it is good now. */
export function findGood(db: Database, id: string, now: number): Promise<SessionRow | null> {
  return db.prepare(`${SELECT} WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2`).bind(id, now).first<SessionRow>();
}

/** True for the first who uses the token; of two at once, one is. */
export async function useToken(db: Database, tokenId: string, sessionId: string, now: number): Promise<boolean> {
  const sql = "UPDATE refresh_tokens SET used_at = ?3 WHERE id = ?1 AND session_id = ?2 AND used_at IS NULL RETURNING id";
  return (await db.prepare(sql).bind(tokenId, sessionId, now).first()) !== null;
}

export interface Renewal {
  sessionId: string;
  tokenId: string;
  now: number;
  expiresAt: number;
}

/** The next refresh token of a session, which lives on from now. */
export async function renew(db: Database, renewal: Renewal): Promise<void> {
  const { sessionId, tokenId, now, expiresAt } = renewal;
  const live = db.prepare("UPDATE sessions SET last_used_at = ?2, expires_at = ?3 WHERE id = ?1");
  await db.batch([addToken(db, tokenId, sessionId, now), live.bind(sessionId, now, expiresAt)]);
}

/** True where there was such a session to end. */
export async function revoke(db: Database, userId: string, sessionId: string, now: number): Promise<boolean> {
  const sql = "UPDATE sessions SET revoked_at = ?3 WHERE id = ?1 AND user_id = ?2 AND revoked_at IS NULL RETURNING id";
  return (await db.prepare(sql).bind(sessionId, userId, now).first()) !== null;
}

export function revokeAll(db: Database, userId: string, now: number): Statement {
  return db.prepare("UPDATE sessions SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL").bind(userId, now);
}

const FORGOTTEN_AT_A_TIME = 100;

/** Deletes what has long been over, a little with each sign-in. */
export async function forgetOld(db: Database, before: number): Promise<void> {
  const old = (table: string): Statement =>
    db
      .prepare(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE expires_at < ?1 LIMIT ${FORGOTTEN_AT_A_TIME})`)
      .bind(before);
  const attempts = db.prepare(`
    DELETE FROM attempts WHERE rowid IN
      (SELECT rowid FROM attempts WHERE first_at < ?1 AND blocked_until < ?1 LIMIT ${FORGOTTEN_AT_A_TIME})`);
  await db.batch([old("sessions"), old("one_time_tokens"), attempts.bind(before)]);
}
