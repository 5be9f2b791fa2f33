/** SQL of organizations and who belongs to them. */
import type { Role } from "../access.ts";
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

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

export type Membership = OrganizationRow & { role: Role };

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

/** A row as a list shows it; the role is `null` for who is no member. */
export type Listed = OrganizationRow & { role: Role | null };

const PAGE = "(o.deletion_at IS NULL OR o.deletion_at > ?1) AND (o.created_at, o.id) < (?2, ?3) ORDER BY o.created_at DESC, o.id DESC LIMIT ?4";

/** Those whose time has not come. */
export async function list(db: Database, now: number, page: PageRequest): Promise<Listed[]> {
  const sql = `SELECT ${COLUMNS}, NULL AS role FROM organizations o WHERE ${PAGE}`;
  return (await db.prepare(sql).bind(now, page.after.key, page.after.id, page.limit + 1).all<Listed>()).results;
}

/** The same, of a user. */
export async function listOfMember(db: Database, userId: string, now: number, page: PageRequest): Promise<Listed[]> {
  const sql = `
    SELECT ${COLUMNS}, m.role FROM organizations o
    JOIN memberships m ON m.organization_id = o.id AND m.user_id = ?5
    WHERE ${PAGE}`;
  return (await db.prepare(sql).bind(now, page.after.key, page.after.id, page.limit + 1, userId).all<Listed>()).results;
}

export interface NewOrganization {
  id: string;
  name: string;
  description: string;
  /** User who is its owner; `null` where the operator makes one for itself. */
  ownerId: string | null;
  now: number;
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, organization: NewOrganization, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const { id, name, description, ownerId, now } = organization;
  const sql = "INSERT INTO organizations (id, name, description, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)";
  const owner = "INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES (?1, ?2, 'owner', ?3)";
  const owned = ownerId === null ? [] : [db.prepare(owner).bind(id, ownerId, now)];
  await db.batch([...guards, db.prepare(sql).bind(id, name, description, now), ...owned, audit]);
}

export interface OrganizationChange {
  id: string;
  name: string | null;
  description: string | null;
  now: number;
}

/** Fields that are `null` stay as they are in the row. */
export async function update(db: Database, change: OrganizationChange, audit: Statement): Promise<void> {
  const { id, name, description, now } = change;
  const sql = "UPDATE organizations SET name = COALESCE(?2, name), description = COALESCE(?3, description), updated_at = ?4 WHERE id = ?1";
  await db.batch([db.prepare(sql).bind(id, name, description, now), audit]);
}

/** `guards` hold what must be true of the row before. */
export async function setDeletion(db: Database, id: string, deletionAt: number | null, audit: Statement, guards: readonly Statement[]): Promise<void> {
  await db.batch([...guards, db.prepare("UPDATE organizations SET deletion_at = ?2 WHERE id = ?1").bind(id, deletionAt), audit]);
}
