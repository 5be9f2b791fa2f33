/** SQL of who belongs to an organization. */
import { ROLES, type Role } from "../access.ts";
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";
import { failIf } from "./guards.ts";

export interface MemberRow {
  user_id: string;
  email: string;
  name: string;
  role: Role;
  created_at: number;
}

const SELECT = "SELECT m.user_id, u.email, u.name, m.role, m.created_at FROM memberships m JOIN users u ON u.id = m.user_id";

export async function list(db: Database, organizationId: string, page: PageRequest): Promise<MemberRow[]> {
  const sql = `
    ${SELECT} WHERE m.organization_id = ?1 AND (m.created_at, m.user_id) < (?2, ?3)
    ORDER BY m.created_at DESC, m.user_id DESC LIMIT ?4`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, page.after.id, page.limit + 1).all<MemberRow>()).results;
}

export function find(db: Database, organizationId: string, userId: string): Promise<MemberRow | null> {
  return db.prepare(`${SELECT} WHERE m.organization_id = ?1 AND m.user_id = ?2`).bind(organizationId, userId).first<MemberRow>();
}

/** Fails where the member is no longer what was read. */
export function isStill(db: Database, organizationId: string, { user_id, role }: MemberRow): Statement {
  const member = "SELECT 1 FROM memberships WHERE organization_id = ?1 AND user_id = ?2 AND role = ?3";
  return failIf(db, "changed_meanwhile", `NOT EXISTS (${member})`, organizationId, user_id, role);
}

/** Fails where the user is an owner and there is no other. */
export function isNotLastOwner(db: Database, organizationId: string, userId: string): Statement {
  const owner = (which: string): string => `EXISTS (SELECT 1 FROM memberships WHERE organization_id = ?1 AND role = 'owner' AND user_id ${which} ?2)`;
  return failIf(db, "last_owner", `${owner("=")} AND NOT ${owner("<>")}`, organizationId, userId);
}

export function setRole(db: Database, organizationId: string, userId: string, role: Role): Statement {
  return db.prepare("UPDATE memberships SET role = ?3 WHERE organization_id = ?1 AND user_id = ?2").bind(organizationId, userId, role);
}

export function remove(db: Database, organizationId: string, userId: string): Statement {
  return db.prepare("DELETE FROM memberships WHERE organization_id = ?1 AND user_id = ?2").bind(organizationId, userId);
}

/** In rising order, as the roles are. */
const rank = (role: string): string => `instr('${ROLES.join()}', ${role})`;

/** Who is a member already keeps the higher role. */
export function add(db: Database, organizationId: string, userId: string, role: Role, now: number): Statement {
  const sql = `
    INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role WHERE ${rank("excluded.role")} > ${rank("memberships.role")}`;
  return db.prepare(sql).bind(organizationId, userId, role, now);
}
