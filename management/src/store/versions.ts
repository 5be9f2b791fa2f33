/** SQL of versions. The configuration is only read where it is asked for: with many assets it is long. */
import type { Database, Statement } from "../env.ts";
import type { PageRequest } from "../page.ts";
import { LIVE_PERCENTAGE, LIVE_VERSION } from "./workers.ts";

export interface VersionRow {
  id: string;
  worker_id: string;
  number: number;
  component: string;
  kind: string;
  message: string;
  created_at: number;
  /** What part of the requests to the plain host name it answers; 0 where it is not live. */
  percentage: number;
}

export interface FullVersionRow extends VersionRow {
  /** JSON of host/core VersionConfig. */
  config: string;
}

const COLUMNS = `v.id, v.worker_id, v.number, v.component, v.kind, v.message, v.created_at, COALESCE(${LIVE_PERCENTAGE}, 0) AS percentage`;
const FROM = "FROM versions v JOIN workers w ON w.id = v.worker_id";

export async function list(db: Database, workerId: string, page: PageRequest): Promise<VersionRow[]> {
  const sql = `SELECT ${COLUMNS} ${FROM} WHERE v.worker_id = ?1 AND v.number < ?2 ORDER BY v.number DESC LIMIT ?3`;
  return (await db.prepare(sql).bind(workerId, page.after.key, page.limit + 1).all<VersionRow>()).results;
}

export function byNumber(db: Database, workerId: string, number: number): Promise<FullVersionRow | null> {
  const sql = `SELECT ${COLUMNS}, v.config ${FROM} WHERE v.worker_id = ?1 AND v.number = ?2`;
  return db.prepare(sql).bind(workerId, number).first<FullVersionRow>();
}

/** At most two: more than one is ambiguous, however many there are. */
export async function byBeginning(db: Database, workerId: string, beginning: string): Promise<FullVersionRow[]> {
  const sql = `SELECT ${COLUMNS}, v.config ${FROM} WHERE v.worker_id = ?1 AND substr(v.id, 1, length(?2)) = ?2 LIMIT 2`;
  return (await db.prepare(sql).bind(workerId, beginning).all<FullVersionRow>()).results;
}

export async function liveConfig(db: Database, workerId: string): Promise<string | null> {
  const sql = `SELECT v.config FROM workers w JOIN versions v ON v.id = ${LIVE_VERSION} WHERE w.id = ?1`;
  return (await db.prepare(sql).bind(workerId).first<{ config: string }>())?.config ?? null;
}

export interface NewVersion {
  id: string;
  workerId: string;
  component: string;
  kind: string;
  config: string;
  message: string;
  now: number;
}

/** Answers with its number. It comes of the same statement, so that two uploads at once get two numbers. */
export async function insert(db: Database, version: NewVersion, audit: Statement): Promise<number> {
  const sql = `
    INSERT INTO versions (id, worker_id, number, component, kind, config, message, created_at)
    SELECT ?1, ?2, COALESCE(MAX(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM versions WHERE worker_id = ?2
    RETURNING number`;
  const { id, workerId, component, kind, config, message, now } = version;
  const [inserted] = await db.batch([db.prepare(sql).bind(id, workerId, component, kind, config, message, now), audit]);
  const row = inserted?.results[0] as { number: number } | undefined;
  if (row === undefined) throw new Error("the version was stored without a number");
  return row.number;
}
