/** SQL of custom domains: claims of organizations, of which the verified one routes. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export interface DomainRow {
  sequence: number;
  name: string;
  worker_id: string;
  worker_name: string;
  organization_id: string;
  token: string;
  verified_at: number | null;
  created_at: number;
}

const SELECT = `
  SELECT d.sequence, d.name, d.worker_id, w.name AS worker_name, d.organization_id, d.token, d.verified_at, d.created_at
  FROM domains d JOIN workers w ON w.id = d.worker_id`;

export async function list(db: Database, organizationId: string, page: PageRequest): Promise<DomainRow[]> {
  const sql = `${SELECT} WHERE d.organization_id = ?1 AND d.sequence < ?2 ORDER BY d.sequence DESC LIMIT ?3`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, page.limit + 1).all<DomainRow>()).results;
}

export function find(db: Database, organizationId: string, name: string): Promise<DomainRow | null> {
  return db.prepare(`${SELECT} WHERE d.organization_id = ?1 AND d.name = ?2`).bind(organizationId, name).first<DomainRow>();
}

/** Whether anybody has proven to own it. */
export async function isVerified(db: Database, name: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 AS found FROM domains WHERE name = ?1 AND verified_at IS NOT NULL").bind(name).first()) !== null;
}

export interface NewDomain {
  name: string;
  workerId: string;
  organizationId: string;
  token: string;
  verifiedAt: number | null;
  now: number;
}

export async function insert(db: Database, domain: NewDomain, audit: Statement): Promise<void> {
  const sql = `
    INSERT INTO domains (name, worker_id, organization_id, token, verified_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`;
  const { name, workerId, organizationId, token, verifiedAt, now } = domain;
  await db.batch([db.prepare(sql).bind(name, workerId, organizationId, token, verifiedAt, now), audit]);
}

/** Fails where another organization has it meanwhile: the index knows one owner. */
export async function verify(db: Database, organizationId: string, name: string, now: number, audit: Statement): Promise<void> {
  const sql = "UPDATE domains SET verified_at = ?3 WHERE organization_id = ?1 AND name = ?2";
  await db.batch([db.prepare(sql).bind(organizationId, name, now), audit]);
}

export async function remove(db: Database, organizationId: string, name: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM domains WHERE organization_id = ?1 AND name = ?2").bind(organizationId, name), audit]);
}
