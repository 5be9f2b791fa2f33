/** SQL of workers. The newest deployment of a worker says which version is live. */
import type { Database, Statement } from "../env.ts";
import { MANAGEMENT } from "../domain/names.ts";
import type { PageRequest } from "../page.ts";

/** Who may call a worker. */
export type Auth = "public" | "anon" | "user" | "key";

export interface WorkerRow {
  id: string;
  organization_id: string;
  name: string;
  description: string;
  environment_id: string | null;
  environment_name: string | null;
  auth: Auth;
  created_at: number;
  updated_at: number;
  live_id: string | null;
  live_number: number | null;
  live_component: string | null;
  live_kind: string | null;
  live_message: string | null;
  live_created_at: number | null;
}

/** Of the newest deployment, as an expression over `workers w`. */
const newest = (column: string): string => `(SELECT d.${column} FROM deployments d WHERE d.worker_id = w.id ORDER BY d.sequence DESC LIMIT 1)`;

/** The version that is live, likewise. */
export const LIVE_VERSION = newest("version_id");

/** A deployment changes a worker too. */
const UPDATED_AT = `MAX(w.updated_at, COALESCE(${newest("created_at")}, 0))`;

const SELECT = `
  SELECT w.id, w.organization_id, w.name, w.description, w.environment_id, e.name AS environment_name, w.auth, w.created_at, ${UPDATED_AT} AS updated_at,
         v.id AS live_id, v.number AS live_number, v.component AS live_component, v.kind AS live_kind,
         v.message AS live_message, v.created_at AS live_created_at
  FROM workers w
  LEFT JOIN environments e ON e.id = w.environment_id
  LEFT JOIN versions v ON v.id = ${LIVE_VERSION}`;

/** Whose workers are looked for. The management worker is the operator's alone, whoever else belongs to its organization. */
export interface Owner {
  organizationId: string;
  isOperator: boolean;
}

const OWNED = `w.organization_id = ?1 AND (?2 OR w.name <> '${MANAGEMENT}')`;

export async function list(db: Database, owner: Owner, page: PageRequest): Promise<WorkerRow[]> {
  const sql = `${SELECT} WHERE ${OWNED} AND (w.created_at, w.id) < (?3, ?4) ORDER BY w.created_at DESC, w.id DESC LIMIT ?5`;
  const { results } = await db.prepare(sql).bind(owner.organizationId, owner.isOperator, page.after.key, page.after.id, page.limit + 1).all<WorkerRow>();
  return results;
}

/** By id or name. */
export function find(db: Database, owner: Owner, worker: string): Promise<WorkerRow | null> {
  return db.prepare(`${SELECT} WHERE ${OWNED} AND (w.id = ?3 OR w.name = ?3)`).bind(owner.organizationId, owner.isOperator, worker).first<WorkerRow>();
}

export async function nameExists(db: Database, name: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 AS found FROM workers WHERE name = ?1").bind(name).first()) !== null;
}

export interface NewWorker {
  id: string;
  organizationId: string;
  name: string;
  description: string;
  environmentId: string | null;
  auth: Auth;
  now: number;
}

/** The guards fail it where it must not be. */
export async function insert(db: Database, worker: NewWorker, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = `
    INSERT INTO workers (id, organization_id, name, description, environment_id, auth, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)`;
  const { id, organizationId, name, description, environmentId, auth, now } = worker;
  await db.batch([...guards, db.prepare(sql).bind(id, organizationId, name, description, environmentId, auth, now), audit]);
}

export interface WorkerChange {
  id: string;
  name: string | null;
  description: string | null;
  /** `undefined` leaves it. */
  environmentId: string | null | undefined;
  auth: Auth | null;
  now: number;
}

/** Fields that are `null` stay as they are in the row, which another request may have changed meanwhile. */
export async function update(db: Database, change: WorkerChange, audit: Statement): Promise<void> {
  const { id, name, description, environmentId, auth, now } = change;
  const sql = `
    UPDATE workers
    SET name = COALESCE(?2, name), description = COALESCE(?3, description),
        environment_id = CASE WHEN ?4 = 1 THEN ?5 ELSE environment_id END,
        auth = COALESCE(?6, auth), updated_at = ?7
    WHERE id = ?1`;
  const isAttachment = environmentId !== undefined ? 1 : 0;
  await db.batch([db.prepare(sql).bind(id, name, description, isAttachment, environmentId ?? null, auth, now), audit]);
}

/** Versions and deployments go with it. */
export async function remove(db: Database, id: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM workers WHERE id = ?1").bind(id), audit]);
}

/** Names of the other workers whose live version has a service binding to it. */
export async function calledBy(db: Database, id: string): Promise<string[]> {
  const sql = `
    SELECT w.name FROM workers w JOIN versions v ON v.id = ${LIVE_VERSION}
    WHERE w.id <> ?1 AND EXISTS (SELECT 1 FROM json_each(v.config, '$.services') j WHERE json_extract(j.value, '$.worker') = ?1)
    ORDER BY w.name`;
  return (await db.prepare(sql).bind(id).all<{ name: string }>()).results.map((row) => row.name);
}

/** Of the workers attached to an environment. */
export async function attachedTo(db: Database, environmentId: string): Promise<{ id: string; name: string }[]> {
  const sql = "SELECT id, name FROM workers WHERE environment_id = ?1 ORDER BY name";
  return (await db.prepare(sql).bind(environmentId).all<{ id: string; name: string }>()).results;
}
