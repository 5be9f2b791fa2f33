/** SQL of environments and their values. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";

export interface EnvironmentRow {
  id: string;
  organization_id: string;
  name: string;
  description: string;
  created_at: number;
  updated_at: number;
}

export type ValueKind = "var" | "secret" | "database";

export interface ValueRow {
  environment_id: string;
  name: string;
  kind: ValueKind;
  /** var: JSON; secret: sealed; database: id. */
  value: string;
}

const SELECT = "SELECT id, organization_id, name, description, created_at, updated_at FROM environments";

export async function list(db: Database, organizationId: string, page: PageRequest): Promise<EnvironmentRow[]> {
  const sql = `${SELECT} WHERE organization_id = ?1 AND (created_at, id) < (?2, ?3) ORDER BY created_at DESC, id DESC LIMIT ?4`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, page.after.id, page.limit + 1).all<EnvironmentRow>()).results;
}

/** By id or name, of one organization. */
export function find(db: Database, organizationId: string, environment: string): Promise<EnvironmentRow | null> {
  return db.prepare(`${SELECT} WHERE organization_id = ?1 AND (id = ?2 OR name = ?2)`).bind(organizationId, environment).first<EnvironmentRow>();
}

/** Of several environments, in the order of names. */
export async function valuesOf(db: Database, environmentIds: readonly string[]): Promise<ValueRow[]> {
  if (environmentIds.length === 0) return [];
  const marks = environmentIds.map(() => "?").join(", ");
  const sql = `SELECT environment_id, name, kind, value FROM environment_values WHERE environment_id IN (${marks}) ORDER BY name`;
  return (await db.prepare(sql).bind(...environmentIds).all<ValueRow>()).results;
}

/** A value to set, or `null` to delete it. */
export type ValueChange = { kind: ValueKind; value: string } | null;
export type ValueChanges = Readonly<Record<string, ValueChange>>;

export interface EnvironmentChange {
  id: string;
  name: string | null;
  description: string | null;
  values: ValueChanges;
  now: number;
}

export interface NewEnvironment extends EnvironmentChange {
  organizationId: string;
  name: string;
  description: string;
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, environment: NewEnvironment, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const { id, organizationId, name, description, values, now } = environment;
  const sql = "INSERT INTO environments (id, organization_id, name, description, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
  await db.batch([...guards, db.prepare(sql).bind(id, organizationId, name, description, now), ...valueStatements(db, id, values), audit]);
}

/** Fields that are `null` stay as they are in the row, which another request may have changed meanwhile. */
export async function update(db: Database, environment: EnvironmentChange, audit: Statement): Promise<void> {
  const { id, name, description, values, now } = environment;
  const sql = "UPDATE environments SET name = COALESCE(?2, name), description = COALESCE(?3, description), updated_at = ?4 WHERE id = ?1";
  await db.batch([db.prepare(sql).bind(id, name, description, now), ...valueStatements(db, id, values), audit]);
}

function valueStatements(db: Database, environmentId: string, values: ValueChanges): Statement[] {
  return Object.entries(values).map(([name, value]) => {
    if (value === null) {
      return db.prepare("DELETE FROM environment_values WHERE environment_id = ?1 AND name = ?2").bind(environmentId, name);
    }
    const sql = `
      INSERT INTO environment_values (environment_id, name, kind, value) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (environment_id, name) DO UPDATE SET kind = excluded.kind, value = excluded.value`;
    return db.prepare(sql).bind(environmentId, name, value.kind, value.value);
  });
}

/** Fails by its foreign key while a worker is attached. */
export async function remove(db: Database, id: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM environments WHERE id = ?1").bind(id), audit]);
}
