/** SQL of the issuers whose tokens an organization accepts from its workers' callers. */
import type { Database, Statement } from "../env.ts";

export interface IssuerRow {
  issuer: string;
  audience: string;
  created_at: number;
}

const SELECT = "SELECT issuer, audience, created_at FROM issuers";

/** By name; they are few. */
export async function list(db: Database, organizationId: string): Promise<IssuerRow[]> {
  return (await db.prepare(`${SELECT} WHERE organization_id = ?1 ORDER BY issuer LIMIT 1000`).bind(organizationId).all<IssuerRow>()).results;
}

export function find(db: Database, organizationId: string, issuer: string): Promise<IssuerRow | null> {
  return db.prepare(`${SELECT} WHERE organization_id = ?1 AND issuer = ?2`).bind(organizationId, issuer).first<IssuerRow>();
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, organizationId: string, row: IssuerRow, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = "INSERT INTO issuers (organization_id, issuer, audience, created_at) VALUES (?1, ?2, ?3, ?4)";
  await db.batch([...guards, db.prepare(sql).bind(organizationId, row.issuer, row.audience, row.created_at), audit]);
}

export async function remove(db: Database, organizationId: string, issuer: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM issuers WHERE organization_id = ?1 AND issuer = ?2").bind(organizationId, issuer), audit]);
}
