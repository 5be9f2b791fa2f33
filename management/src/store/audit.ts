/** SQL of the audit log. An entry is a statement, so that it is written with the change that it tells of or not at all. */
import type { Actor, Caller } from "../actor.ts";
import type { Database, Statement } from "../env.ts";
import { newId } from "../id.ts";
import type { PageRequest } from "../page.ts";

/** Fields that changed. Never a secret, nor what is made of one. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Entry {
  /** A thing and a verb, such as `worker.create`. */
  action: string;
  subject: { id: string; name: string };
  before?: Fields | null;
  after?: Fields | null;
}

/** An entry in the log of the organization that the actor acts in. */
export function entry(db: Database, actor: Actor, what: Entry): Statement {
  return entryIn(db, actor.organization.id, actor, what);
}

/** The same, in the log of a named one. */
export function entryIn(db: Database, organizationId: string, caller: Caller, what: Entry): Statement {
  const { kind = "nobody", id = "" } = caller.principal ?? {};
  const sql = `
    INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, action, subject_id, subject_name,
      before, after, address, request_id, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`;
  const { action, subject, before = null, after = null } = what;
  return db
    .prepare(sql)
    .bind(newId("aud_"), organizationId, kind, id, action, subject.id, subject.name, json(before), json(after), caller.address, caller.requestId, Date.now());
}

function json(fields: Fields | null): string | null {
  return fields === null ? null : JSON.stringify(fields);
}

/** Of the fields that are given, those that differ from what was. `undefined` and `null` are not given, as in updates. */
export function difference(was: object, given: Fields): { before: Fields; after: Fields } {
  const changed = Object.entries(given).filter(([name, value]) => value != null && value !== (was as Fields)[name]);
  const before = Object.fromEntries(changed.map(([name]) => [name, (was as Fields)[name]]));
  return { before, after: Object.fromEntries(changed) };
}

export interface EntryRow {
  sequence: number;
  id: string;
  actor_kind: string;
  actor_id: string;
  action: string;
  subject_id: string;
  subject_name: string;
  /** JSON objects. */
  before: string | null;
  after: string | null;
  address: string;
  request_id: string;
  created_at: number;
}

/** `null` takes every one. */
export interface Filter {
  action: string | null;
  /** Id. */
  actor: string | null;
}

/** Newest first. */
export async function list(db: Database, organizationId: string, filter: Filter, page: PageRequest): Promise<EntryRow[]> {
  const sql = `
    SELECT sequence, id, actor_kind, actor_id, action, subject_id, subject_name, before, after, address, request_id, created_at
    FROM audit_entries
    WHERE organization_id = ?1 AND sequence < ?2 AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR actor_id = ?4)
    ORDER BY sequence DESC LIMIT ?5`;
  return (await db.prepare(sql).bind(organizationId, page.after.key, filter.action, filter.actor, page.limit + 1).all<EntryRow>()).results;
}
