/** SQL of organizations whose time has come. */
import type { Database, Statement } from "../env.ts";
import { failIf } from "./guards.ts";

/** Their ids, the longest overdue first. */
export async function due(db: Database, now: number, limit: number): Promise<string[]> {
  const sql = "SELECT id FROM organizations WHERE deletion_at <= ?1 ORDER BY deletion_at, id LIMIT ?2";
  return (await db.prepare(sql).bind(now, limit).all<{ id: string }>()).results.map((row) => row.id);
}

export async function databasesOf(db: Database, organizationId: string): Promise<string[]> {
  return (await db.prepare("SELECT id FROM databases WHERE organization_id = ?1").bind(organizationId).all<{ id: string }>()).results.map((row) => row.id);
}

export async function forgetDatabase(db: Database, id: string): Promise<void> {
  await db.prepare("DELETE FROM databases WHERE id = ?1").bind(id).run();
}

/**
 * Of every worker that it has or had: records outlive their worker, and the log knows which there were. Answers with how many
 * there were, at most `limit`.
 */
export async function removeExecutions(db: Database, organizationId: string, limit: number): Promise<number> {
  const sql = `
    DELETE FROM executions WHERE id IN (
      SELECT x.id FROM executions x WHERE x.worker_id IN (
        SELECT id FROM workers WHERE organization_id = ?1
        UNION SELECT subject_id FROM audit_entries WHERE organization_id = ?1 AND subject_id LIKE 'wrk\\_%' ESCAPE '\\'
      ) LIMIT ?2)`;
  return (await db.prepare(sql).bind(organizationId, limit).run()).meta.changes;
}

/**
 * Everything else, and itself. Workers go before the environments that they are attached to; the log goes last, since it
 * stays while its organization is there; what has no statement here goes by its foreign key. Fails where another purge was
 * faster.
 */
export async function remove(db: Database, organizationId: string, now: number, audit: Statement): Promise<void> {
  const tables = ["workers", "environments", "artifacts", "keys", "issuers", "invitations", "memberships", "quotas", "usage"];
  await db.batch([
    failIf(db, "changed_meanwhile", "NOT EXISTS (SELECT 1 FROM organizations WHERE id = ?1 AND deletion_at <= ?2)", organizationId, now),
    ...tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE organization_id = ?1`).bind(organizationId)),
    db.prepare("DELETE FROM organizations WHERE id = ?1").bind(organizationId),
    db.prepare("DELETE FROM audit_entries WHERE organization_id = ?1").bind(organizationId),
    audit,
  ]);
}
