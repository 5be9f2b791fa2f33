/** SQL of the list of databases; what is in them is no business of this file. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";
import { LIVE_VERSION } from "./workers.ts";

export interface DatabaseRow {
  id: string;
  organization_id: string;
  name: string;
  created_at: number;
}

const SELECT = "SELECT id, organization_id, name, created_at FROM databases";

export async function list(db: Database, organizationId: string, page: PageRequest): Promise<DatabaseRow[]> {
  const sql = `${SELECT} WHERE organization_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, page.after.id, page.limit + 1).all<DatabaseRow>()).results;
}

/** By id or name, of one organization. */
export function find(db: Database, organizationId: string, database: string): Promise<DatabaseRow | null> {
  return db.prepare(`${SELECT} WHERE organization_id = ?1 AND (id = ?2 OR name = ?2)`).bind(organizationId, database).first<DatabaseRow>();
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, database: DatabaseRow, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = "INSERT INTO databases (id, organization_id, name, created_at) VALUES (?1, ?2, ?3, ?4)";
  await db.batch([...guards, db.prepare(sql).bind(database.id, database.organization_id, database.name, database.created_at), audit]);
}

export async function remove(db: Database, id: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM databases WHERE id = ?1").bind(id), audit]);
}

/** Names of the workers whose live version has it, itself or by the worker's environment. */
export async function usedByWorkers(db: Database, id: string): Promise<string[]> {
  const sql = `
    SELECT w.name FROM workers w JOIN versions v ON v.id = ${LIVE_VERSION}
    WHERE EXISTS (SELECT 1 FROM json_each(v.config, '$.databases') j WHERE j.value = ?1)
       OR EXISTS (SELECT 1 FROM environment_values x
                  WHERE x.environment_id = w.environment_id AND x.kind = 'database' AND x.value = ?1)
    ORDER BY w.name`;
  return (await db.prepare(sql).bind(id).all<{ name: string }>()).results.map((row) => row.name);
}

export async function usedByEnvironments(db: Database, id: string): Promise<string[]> {
  const sql = `
    SELECT e.name FROM environments e JOIN environment_values x ON x.environment_id = e.id
    WHERE x.kind = 'database' AND x.value = ?1 GROUP BY e.name ORDER BY e.name`;
  return (await db.prepare(sql).bind(id).all<{ name: string }>()).results.map((row) => row.name);
}
