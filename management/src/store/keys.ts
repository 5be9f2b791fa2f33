/** SQL of keys. What is stored of one is its hash and its beginning. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export type KeyKind = "api" | "service";

export interface KeyRow {
  id: string;
  organization_id: string;
  /** User; `null` for the operator's. */
  created_by: string | null;
  kind: KeyKind;
  name: string;
  beginning: string;
  /** JSON array of permissions. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

const SELECT = `
  SELECT id, organization_id, created_by, kind, name, beginning, scopes, created_at, expires_at, last_used_at, revoked_at FROM keys`;

/** Whose keys are looked for: those of one creator, or all. */
export interface Keys {
  organizationId: string;
  isAll: boolean;
  createdBy: string | null;
}

const SEEN = "organization_id = ?1 AND (?2 OR created_by IS ?3)";

export async function list(db: Database, keys: Keys, page: PageRequest): Promise<KeyRow[]> {
  const sql = `${SELECT} WHERE ${SEEN} AND (created_at, id) < (?4, ?5) ORDER BY created_at DESC, id DESC LIMIT ?6`;
  const params = [keys.organizationId, keys.isAll, keys.createdBy, page.after.key, page.after.id, page.limit + 1];
  return (await db.prepare(sql).bind(...params).all<KeyRow>()).results;
}

export function find(db: Database, keys: Keys, id: string): Promise<KeyRow | null> {
  return db.prepare(`${SELECT} WHERE ${SEEN} AND id = ?4`).bind(keys.organizationId, keys.isAll, keys.createdBy, id).first<KeyRow>();
}

export async function creatorOf(db: Database, id: string): Promise<string | null> {
  return (await db.prepare("SELECT created_by FROM keys WHERE id = ?1").bind(id).first<{ created_by: string | null }>())?.created_by ?? null;
}

export interface NewKey extends Pick<KeyRow, "id" | "organization_id" | "created_by" | "kind" | "name" | "beginning" | "scopes" | "created_at" | "expires_at"> {
  hash: string;
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, key: NewKey, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = `
    INSERT INTO keys (id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`;
  const { id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at, expires_at } = key;
  const row = db.prepare(sql).bind(id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at, expires_at);
  await db.batch([...guards, row, audit]);
}

export async function rename(db: Database, id: string, name: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("UPDATE keys SET name = ?2 WHERE id = ?1").bind(id, name), audit]);
}

export async function revoke(db: Database, id: string, now: number, audit: Statement): Promise<void> {
  await db.batch([db.prepare("UPDATE keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL").bind(id, now), audit]);
}

/** Of who leaves an organization. */
export function removeOf(db: Database, organizationId: string, userId: string): Statement {
  return db.prepare("DELETE FROM keys WHERE organization_id = ?1 AND created_by = ?2").bind(organizationId, userId);
}

/** Of a member whose role is now lower: those with more than what is permitted to it. */
export function revokeBeyond(db: Database, organizationId: string, userId: string, permitted: readonly string[], mayService: boolean, now: number): Statement {
  const sql = `
    UPDATE keys SET revoked_at = ?5
    WHERE organization_id = ?1 AND created_by = ?2 AND revoked_at IS NULL
      AND ((kind = 'service' AND NOT ?4)
           OR EXISTS (SELECT 1 FROM json_each(keys.scopes) s WHERE s.value NOT IN (SELECT value FROM json_each(?3))))`;
  return db.prepare(sql).bind(organizationId, userId, JSON.stringify(permitted), mayService, now);
}
