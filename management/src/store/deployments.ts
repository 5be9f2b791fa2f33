/** SQL of deployments: the newest row of a worker is the moment its versions went live. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export type Reason = "deploy" | "rollback" | "install";

/** How clients without a version key keep the version that they were given. */
export type Sticky = "cookie";

export interface DeploymentRow {
  sequence: number;
  id: string;
  worker_id: string;
  /** Of several, the one with the largest share. */
  version_id: string;
  version_number: number;
  reason: Reason;
  sticky: Sticky | null;
  created_at: number;
}

/** What part of the requests a version answers. */
export interface Share {
  version_id: string;
  version_number: number;
  percentage: number;
}

const SELECT = `
  SELECT d.sequence, d.id, d.worker_id, d.version_id, v.number AS version_number, d.reason, d.sticky, d.created_at
  FROM deployments d JOIN versions v ON v.id = d.version_id`;

export async function list(db: Database, workerId: string, page: PageRequest): Promise<DeploymentRow[]> {
  const sql = `${SELECT} WHERE d.worker_id = ?1 AND d.sequence < ?2 ORDER BY d.sequence DESC LIMIT ?3`;
  return (await db.prepare(sql).bind(workerId, page.after.key, page.limit + 1).all<DeploymentRow>()).results;
}

/** Those of the deployments that split requests, by the deployment's id, newest version first. */
export async function sharesOf(db: Database, deployments: readonly string[]): Promise<Map<string, Share[]>> {
  const sql = `
    SELECT s.deployment_id, s.version_id, v.number AS version_number, s.percentage
    FROM deployment_versions s JOIN versions v ON v.id = s.version_id
    WHERE s.deployment_id IN (SELECT value FROM json_each(?1)) ORDER BY v.number DESC`;
  const { results } = await db.prepare(sql).bind(JSON.stringify(deployments)).all<Share & { deployment_id: string }>();
  const shares = new Map<string, Share[]>();
  for (const { deployment_id, ...share } of results) {
    const others = shares.get(deployment_id);
    if (others === undefined) shares.set(deployment_id, [share]);
    else others.push(share);
  }
  return shares;
}

export interface NewDeployment {
  id: string;
  workerId: string;
  versionId: string;
  /** Of a split; none where one version answers everything. */
  shares: readonly Share[];
  sticky: Sticky | null;
  reason: Reason;
  now: number;
}

/** One transaction: nobody sees a part of it. The crons of the version come with the row, so the guards stand behind it. */
export async function insert(db: Database, deployment: NewDeployment, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const { id, workerId, versionId, shares, sticky, reason, now } = deployment;
  const sql = "INSERT INTO deployments (id, worker_id, version_id, reason, sticky, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
  const share = db.prepare("INSERT INTO deployment_versions (deployment_id, version_id, percentage) VALUES (?1, ?2, ?3)");
  await db.batch([
    db.prepare(sql).bind(id, workerId, versionId, reason, sticky, now),
    ...shares.map(({ version_id, percentage }) => share.bind(id, version_id, percentage)),
    ...guards,
    audit,
  ]);
}

/**
 * The version that answered everything before what is live: before a split, whichever it was; else another than the live
 * one. Splits in between are passed over.
 */
export async function previousVersion(db: Database, workerId: string): Promise<string | null> {
  const sql = `
    WITH whole AS (
      SELECT d.*, NOT EXISTS (SELECT 1 FROM deployment_versions s WHERE s.deployment_id = d.id) AS is_whole
      FROM deployments d WHERE d.worker_id = ?1),
    live AS (SELECT * FROM whole ORDER BY sequence DESC LIMIT 1)
    SELECT w.version_id FROM whole w, live l
    WHERE w.sequence < l.sequence AND w.is_whole AND (NOT l.is_whole OR w.version_id <> l.version_id)
    ORDER BY w.sequence DESC LIMIT 1`;
  return (await db.prepare(sql).bind(workerId).first<{ version_id: string }>())?.version_id ?? null;
}
