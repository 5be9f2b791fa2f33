/** SQL of people. */
import type { Role } from "../access.ts";
import type { Database, Statement } from "../env.ts";

export interface UserRow {
  id: string;
  /** In lower case. */
  email: string;
  email_verified_at: number | null;
  name: string;
  password_hash: string | null;
  created_at: number;
}

const SELECT = "SELECT id, email, email_verified_at, name, password_hash, created_at FROM users";

export function find(db: Database, id: string): Promise<UserRow | null> {
  return db.prepare(`${SELECT} WHERE id = ?1`).bind(id).first<UserRow>();
}

export function byEmail(db: Database, email: string): Promise<UserRow | null> {
  return db.prepare(`${SELECT} WHERE email = ?1`).bind(email).first<UserRow>();
}

export interface NewUser {
  id: string;
  email: string;
  emailVerifiedAt: number | null;
  name: string;
  passwordHash: string | null;
  /** The personal organization's. */
  organizationId: string;
  organizationName: string;
  now: number;
}

/** With the personal organization, whose owner it is. */
export async function insert(db: Database, user: NewUser, audit: Statement): Promise<void> {
  const { id, email, emailVerifiedAt, name, passwordHash, organizationId, organizationName, now } = user;
  const add = db.prepare(`
    INSERT INTO users (id, email, email_verified_at, name, password_hash, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`);
  const addOrganization = db.prepare(`
    INSERT INTO organizations (id, name, personal_user_id, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)`);
  const join = db.prepare("INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES (?1, ?2, 'owner', ?3)");
  await db.batch([
    add.bind(id, email, emailVerifiedAt, name, passwordHash, now),
    addOrganization.bind(organizationId, organizationName, id, now),
    join.bind(organizationId, id, now),
    audit,
  ]);
}

export async function rename(db: Database, id: string, name: string, now: number): Promise<void> {
  await db.prepare("UPDATE users SET name = ?2, updated_at = ?3 WHERE id = ?1").bind(id, name, now).run();
}

export function verified(db: Database, id: string, now: number): Statement {
  const sql = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, ?2), updated_at = ?2 WHERE id = ?1";
  return db.prepare(sql).bind(id, now);
}

export function withPassword(db: Database, id: string, hash: string, now: number): Statement {
  return db.prepare("UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1").bind(id, hash, now);
}

export interface MembershipRow {
  id: string;
  name: string;
  role: Role;
  is_personal: number;
}

export async function organizationsOf(db: Database, userId: string): Promise<MembershipRow[]> {
  const sql = `
    SELECT o.id, o.name, m.role, o.personal_user_id IS ?1 AS is_personal
    FROM memberships m JOIN organizations o ON o.id = m.organization_id
    WHERE m.user_id = ?1 ORDER BY o.created_at, o.id`;
  return (await db.prepare(sql).bind(userId).all<MembershipRow>()).results;
}

/** Is there an invitation for this address that can be accepted? */
export async function isInvited(db: Database, email: string, now: number): Promise<boolean> {
  const sql = "SELECT 1 AS found FROM invitations WHERE email = ?1 AND accepted_at IS NULL AND expires_at > ?2";
  return (await db.prepare(sql).bind(email, now).first()) !== null;
}

/** Of the names that begin so, those that are taken. */
export async function organizationNames(db: Database, beginning: string): Promise<Set<string>> {
  const sql = "SELECT name FROM organizations WHERE substr(name, 1, length(?1)) = ?1";
  const { results } = await db.prepare(sql).bind(beginning).all<{ name: string }>();
  return new Set(results.map((row) => row.name));
}
