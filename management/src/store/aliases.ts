/** SQL of aliases. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export interface AliasRow {
  sequence: number;
  name: string;
  worker_id: string;
  version_id: string;
  version_number: number;
  created_at: number;
  updated_at: number;
}

const SELECT = `
  SELECT a.sequence, a.name, a.worker_id, a.version_id, v.number AS version_number, a.created_at, a.updated_at
  FROM aliases a JOIN versions v ON v.id = a.version_id`;

export async function list(db: Database, workerId: string, page: PageRequest): Promise<AliasRow[]> {
  const sql = `${SELECT} WHERE a.worker_id = ?1 AND a.sequence < ?2 ORDER BY a.sequence DESC LIMIT ?3`;
  return (await db.prepare(sql).bind(workerId, page.after.key, page.limit + 1).all<AliasRow>()).results;
}

export function find(db: Database, workerId: string, name: string): Promise<AliasRow | null> {
  return db.prepare(`${SELECT} WHERE a.worker_id = ?1 AND a.name = ?2`).bind(workerId, name).first<AliasRow>();
}

export interface NewAlias {
  workerId: string;
  name: string;
  versionId: string;
  now: number;
}

/** Makes it, or has it name another version. */
export async function put(db: Database, alias: NewAlias, audit: Statement): Promise<void> {
  const sql = `
    INSERT INTO aliases (worker_id, name, version_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT (worker_id, name) DO UPDATE SET version_id = excluded.version_id, updated_at = excluded.updated_at`;
  await db.batch([db.prepare(sql).bind(alias.workerId, alias.name, alias.versionId, alias.now), audit]);
}

export async function remove(db: Database, workerId: string, name: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM aliases WHERE worker_id = ?1 AND name = ?2").bind(workerId, name), audit]);
}
