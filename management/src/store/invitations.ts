/** SQL of invitations. What is stored of a token is its hash. */
import type { Role } from "../access.ts";
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";
import { failIf } from "./guards.ts";

export type InvitedRole = Exclude<Role, "owner">;

export interface InvitationRow {
  id: string;
  organization_id: string;
  /** `null`: whoever has the link. */
  email: string | null;
  role: InvitedRole;
  invited_by: string | null;
  created_at: number;
  expires_at: number;
  accepted_by: string | null;
  accepted_at: number | null;
}

const SELECT = "SELECT id, organization_id, email, role, invited_by, created_at, expires_at, accepted_by, accepted_at FROM invitations";

export async function list(db: Database, organizationId: string, page: PageRequest): Promise<InvitationRow[]> {
  const sql = `${SELECT} WHERE organization_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, page.after.id, page.limit + 1).all<InvitationRow>()).results;
}

export function find(db: Database, organizationId: string, id: string): Promise<InvitationRow | null> {
  return db.prepare(`${SELECT} WHERE organization_id = ?1 AND id = ?2`).bind(organizationId, id).first<InvitationRow>();
}

export function byHash(db: Database, hash: string): Promise<InvitationRow | null> {
  return db.prepare(`${SELECT} WHERE token_hash = ?1`).bind(hash).first<InvitationRow>();
}

/** The guards fail it where it must not be. Those that have expired make room. */
export async function insert(db: Database, row: InvitationRow, hash: string, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = `
    INSERT INTO invitations (id, organization_id, email, role, token_hash, invited_by, created_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`;
  const { id, organization_id, email, role, invited_by, created_at, expires_at } = row;
  const expired = "DELETE FROM invitations WHERE organization_id = ?1 AND accepted_at IS NULL AND expires_at <= ?2";
  await db.batch([db.prepare(expired).bind(organization_id, created_at), ...guards, db.prepare(sql).bind(id, organization_id, email, role, hash, invited_by, created_at, expires_at), audit]);
}

export async function remove(db: Database, id: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM invitations WHERE id = ?1").bind(id), audit]);
}

/** Fails where it was used, taken back or has expired. */
export function isOpen(db: Database, id: string, now: number): Statement {
  const open = "SELECT 1 FROM invitations WHERE id = ?1 AND accepted_at IS NULL AND expires_at > ?2";
  return failIf(db, "changed_meanwhile", `NOT EXISTS (${open})`, id, now);
}

export function accept(db: Database, id: string, userId: string, now: number): Statement {
  return db.prepare("UPDATE invitations SET accepted_by = ?2, accepted_at = ?3 WHERE id = ?1").bind(id, userId, now);
}
