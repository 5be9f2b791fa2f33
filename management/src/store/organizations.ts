/** SQL of organizations and who belongs to them. */
import type { Role } from "../access.ts";
import type { Database } from "../env.ts";

/** Of what there was before organizations, and of the operator. */
export const DEFAULT_ORGANIZATION = "org_00000000000000000000000000000000";

export interface OrganizationRow {
  id: string;
  name: string;
  description: string;
  personal_user_id: string | null;
  created_at: number;
  updated_at: number;
  deletion_at: number | null;
}

const COLUMNS = "o.id, o.name, o.description, o.personal_user_id, o.created_at, o.updated_at, o.deletion_at";

type Membership = OrganizationRow & { role: Role };

/** By id or name. */
export function find(db: Database, organization: string): Promise<OrganizationRow | null> {
  return db.prepare(`SELECT ${COLUMNS} FROM organizations o WHERE o.id = ?1 OR o.name = ?1`).bind(organization).first<OrganizationRow>();
}

/** By id or name, with the user's role in it; `null` where there is none. */
export function ofMember(db: Database, organization: string, userId: string): Promise<Membership | null> {
  const sql = `
    SELECT ${COLUMNS}, m.role FROM organizations o
    JOIN memberships m ON m.organization_id = o.id AND m.user_id = ?2
    WHERE o.id = ?1 OR o.name = ?1`;
  return db.prepare(sql).bind(organization, userId).first<Membership>();
}

export function personalOf(db: Database, userId: string): Promise<Membership | null> {
  const sql = `
    SELECT ${COLUMNS}, m.role FROM organizations o
    JOIN memberships m ON m.organization_id = o.id AND m.user_id = ?1
    WHERE o.personal_user_id = ?1`;
  return db.prepare(sql).bind(userId).first<Membership>();
}
