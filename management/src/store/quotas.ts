/** SQL of quotas: what an organization may have at most, and what it has. */
import type { Database, Statement } from "../env.ts";
import { failIf } from "./guards.ts";

/** What is in use, over the organization `?1`. */
const COUNTED = {
  workers: "SELECT COUNT(*) FROM workers WHERE organization_id = ?1",
  environments: "SELECT COUNT(*) FROM environments WHERE organization_id = ?1",
  databases: "SELECT COUNT(*) FROM databases WHERE organization_id = ?1",
  crons: "SELECT COUNT(*) FROM crons JOIN workers ON workers.id = crons.worker_id WHERE workers.organization_id = ?1",
  keys: "SELECT COUNT(*) FROM keys WHERE organization_id = ?1 AND revoked_at IS NULL",
  members: "SELECT COUNT(*) FROM memberships WHERE organization_id = ?1",
  invitations: "SELECT COUNT(*) FROM invitations WHERE organization_id = ?1 AND accepted_at IS NULL",
  issuers: "SELECT COUNT(*) FROM issuers WHERE organization_id = ?1",
  storage_bytes: "SELECT COALESCE(SUM(size), 0) FROM artifacts WHERE organization_id = ?1",
} as const;

/** The same, of the day `?2`. */
const COUNTED_BY_DAY = {
  requests_per_day: "SELECT COALESCE(SUM(requests), 0) FROM usage WHERE organization_id = ?1 AND day = ?2",
  cpu_seconds_per_day: "SELECT COALESCE(SUM(cpu_us), 0) / 1000000 FROM usage WHERE organization_id = ?1 AND day = ?2",
} as const;

/** Those that are held here. */
export type Counted = keyof typeof COUNTED;

export type Used = Record<Counted | keyof typeof COUNTED_BY_DAY, number>;

/** Fails its batch where there is no room for one more. */
export function full(db: Database, organizationId: string, quota: Counted, limit: number): Statement {
  return failIf(db, "over_quota", `(${COUNTED[quota]}) >= ?2`, organizationId, limit);
}

/** Fails where there is too much: at the end of a batch. */
export function overfull(db: Database, organizationId: string, quota: Counted, limit: number): Statement {
  return failIf(db, "over_quota", `(${COUNTED[quota]}) > ?2`, organizationId, limit);
}

/** Fails where another member would be one too many; who is one already takes no room. */
export function fullForMember(db: Database, organizationId: string, limit: number, userId: string): Statement {
  const isNew = "NOT EXISTS (SELECT 1 FROM memberships WHERE organization_id = ?1 AND user_id = ?3)";
  return failIf(db, "over_quota", `${isNew} AND (${COUNTED.members}) >= ?2`, organizationId, limit, userId);
}

/** Fails where the artifact does not fit; one that was uploaded before takes no room. */
export function fullForArtifact(db: Database, organizationId: string, limit: number, digest: string, size: number): Statement {
  const isNew = "NOT EXISTS (SELECT 1 FROM artifacts WHERE organization_id = ?1 AND digest = ?3)";
  return failIf(db, "over_quota", `${isNew} AND (${COUNTED.storage_bytes}) + ?4 > ?2`, organizationId, limit, digest, size);
}

const OWNED = "SELECT COUNT(*) FROM memberships WHERE user_id = ?1 AND role = 'owner'";

/** Of a user, over the organizations that are theirs. */
export function fullOfOrganizations(db: Database, userId: string, limit: number): Statement {
  return failIf(db, "over_quota", `(${OWNED}) >= ?2`, userId, limit);
}

export async function organizationsOwned(db: Database, userId: string): Promise<number> {
  return (await db.prepare(`SELECT (${OWNED}) AS owned`).bind(userId).first<{ owned: number }>())?.owned ?? 0;
}

export async function used(db: Database, organizationId: string, day: number): Promise<Used> {
  const columns = Object.entries({ ...COUNTED, ...COUNTED_BY_DAY }).map(([name, sql]) => `(${sql}) AS ${name}`);
  const row = await db.prepare(`SELECT ${columns.join(", ")}`).bind(organizationId, day).first<Used>();
  if (row === null) throw new Error("a row of figures is always there");
  return row;
}

export async function usedOf(db: Database, organizationId: string, quota: Counted): Promise<number> {
  return (await db.prepare(`SELECT (${COUNTED[quota]}) AS used`).bind(organizationId).first<{ used: number }>())?.used ?? 0;
}

export interface OverrideRow {
  name: string;
  /** `null`: no limit. */
  maximum: number | null;
}

export async function overrides(db: Database, organizationId: string): Promise<OverrideRow[]> {
  const sql = "SELECT name, maximum FROM quotas WHERE organization_id = ?1 ORDER BY name";
  return (await db.prepare(sql).bind(organizationId).all<OverrideRow>()).results;
}

export function override(db: Database, organizationId: string, quota: string): Promise<OverrideRow | null> {
  const sql = "SELECT name, maximum FROM quotas WHERE organization_id = ?1 AND name = ?2";
  return db.prepare(sql).bind(organizationId, quota).first<OverrideRow>();
}

export async function setOverrides(db: Database, organizationId: string, rows: readonly OverrideRow[], audit: Statement): Promise<void> {
  const sql = `
    INSERT INTO quotas (organization_id, name, maximum) VALUES (?1, ?2, ?3)
    ON CONFLICT (organization_id, name) DO UPDATE SET maximum = excluded.maximum`;
  await db.batch([...rows.map(({ name, maximum }) => db.prepare(sql).bind(organizationId, name, maximum)), audit]);
}

export async function removeOverrides(db: Database, organizationId: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM quotas WHERE organization_id = ?1").bind(organizationId), audit]);
}
