/** SQL of deployments: the newest row of a worker is the moment its version went live. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export type Reason = "deploy" | "rollback" | "install";

export interface DeploymentRow {
  sequence: number;
  id: string;
  worker_id: string;
  version_id: string;
  version_number: number;
  reason: Reason;
  created_at: number;
}

const SELECT = `
  SELECT d.sequence, d.id, d.worker_id, d.version_id, v.number AS version_number, d.reason, d.created_at
  FROM deployments d JOIN versions v ON v.id = d.version_id`;

export async function list(db: Database, workerId: string, page: PageRequest): Promise<DeploymentRow[]> {
  const sql = `${SELECT} WHERE d.worker_id = ?1 AND d.sequence < ?2 ORDER BY d.sequence DESC LIMIT ?3`;
  return (await db.prepare(sql).bind(workerId, page.after.key, page.limit + 1).all<DeploymentRow>()).results;
}

export interface NewDeployment {
  id: string;
  workerId: string;
  versionId: string;
  reason: Reason;
  now: number;
}

/** The crons of the version come with the row, so the guards stand behind it. */
export async function insert(db: Database, deployment: NewDeployment, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const { id, workerId, versionId, reason, now } = deployment;
  const sql = "INSERT INTO deployments (id, worker_id, version_id, reason, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
  await db.batch([db.prepare(sql).bind(id, workerId, versionId, reason, now), ...guards, audit]);
}

/** The version that was live before the live one; rows that made the live one live again count as one. */
export async function previousVersion(db: Database, workerId: string): Promise<string | null> {
  const sql = `
    SELECT version_id FROM deployments
    WHERE worker_id = ?1
      AND version_id <> (SELECT version_id FROM deployments WHERE worker_id = ?1 ORDER BY sequence DESC LIMIT 1)
    ORDER BY sequence DESC LIMIT 1`;
  return (await db.prepare(sql).bind(workerId).first<{ version_id: string }>())?.version_id ?? null;
}
