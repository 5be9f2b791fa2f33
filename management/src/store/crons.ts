/** SQL of crons and their runs. The host moves crons on and writes runs; here both are read, and crons are written. */
import type { Database, Statement, Weekdays } from "../env.ts";
import { MANAGEMENT } from "../domain/names.ts";
import type { PageRequest } from "../page.ts";
import type { Owner } from "./workers.ts";

export const MISSED = ["skip", "once", "all"] as const;
/** What becomes of due times at which no node was there. */
export type Missed = (typeof MISSED)[number];

export interface CronRow {
  id: string;
  worker_id: string;
  worker_name: string;
  expression: string;
  time_zone: string;
  weekdays: Weekdays;
  enabled: 0 | 1;
  missed: Missed;
  source: "api" | "config";
  next_at: number | null;
  created_at: number;
  updated_at: number;
}

const SELECT = `
  SELECT c.id, c.worker_id, w.name AS worker_name, c.expression, c.time_zone, c.weekdays, c.enabled, c.missed, c.source,
         c.next_at, c.created_at, c.updated_at
  FROM crons c JOIN workers w ON w.id = c.worker_id`;

const OWNED = `w.organization_id = ?1 AND (?2 OR w.name <> '${MANAGEMENT}')`;

/** Of one worker, or of all where it is `null`. */
export async function list(db: Database, owner: Owner, workerId: string | null, page: PageRequest): Promise<CronRow[]> {
  const sql = `
    ${SELECT} WHERE ${OWNED} AND (?3 IS NULL OR c.worker_id = ?3) AND (c.created_at, c.id) < (?4, ?5)
    ORDER BY c.created_at DESC, c.id DESC LIMIT ?6`;
  const params = [owner.organizationId, owner.isOperator, workerId, page.after.key, page.after.id, page.limit + 1];
  return (await db.prepare(sql).bind(...params).all<CronRow>()).results;
}

export function find(db: Database, owner: Owner, id: string): Promise<CronRow | null> {
  return db.prepare(`${SELECT} WHERE ${OWNED} AND c.id = ?3`).bind(owner.organizationId, owner.isOperator, id).first<CronRow>();
}

/** Beside those of its configuration. */
export async function countOf(db: Database, workerId: string): Promise<number> {
  const row = await db.prepare("SELECT COUNT(*) AS count FROM crons WHERE worker_id = ?1 AND source = 'api'").bind(workerId).first<{ count: number }>();
  return row?.count ?? 0;
}

export interface CronFields {
  expression: string;
  timeZone: string;
  weekdays: Weekdays;
  enabled: boolean;
  missed: Missed;
  /** `null` where it is switched off. */
  nextAt: number | null;
}

export async function insert(db: Database, cron: CronFields & { id: string; workerId: string; now: number }, audit: Statement, guards: readonly Statement[]): Promise<void> {
  const sql = `
    INSERT INTO crons (id, worker_id, expression, time_zone, weekdays, enabled, missed, source, next_at, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'api', ?8, ?9, ?9)`;
  const { id, workerId, expression, timeZone, weekdays, enabled, missed, nextAt, now } = cron;
  await db.batch([...guards, db.prepare(sql).bind(id, workerId, expression, timeZone, weekdays, enabled, missed, nextAt, now), audit]);
}

/** `nextAt` is left to the host, which moves it on meanwhile, where it is not given. */
export type CronChange = Omit<CronFields, "nextAt"> & { id: string; nextAt: number | null | undefined; now: number };

export async function update(db: Database, cron: CronChange, audit: Statement): Promise<void> {
  // The host tells changes apart by their time.
  const sql = `
    UPDATE crons
    SET expression = ?2, time_zone = ?3, weekdays = ?4, enabled = ?5, missed = ?6,
        next_at = CASE WHEN ?7 THEN ?8 ELSE next_at END, updated_at = MAX(?9, updated_at + 1)
    WHERE id = ?1`;
  const { id, expression, timeZone, weekdays, enabled, missed, nextAt, now } = cron;
  const statement = db.prepare(sql).bind(id, expression, timeZone, weekdays, enabled, missed, nextAt !== undefined, nextAt ?? null, now);
  await db.batch([statement, audit]);
}

export async function remove(db: Database, id: string, audit: Statement): Promise<void> {
  await db.batch([db.prepare("DELETE FROM crons WHERE id = ?1").bind(id), audit]);
}

export interface RunRow {
  id: string;
  cron_id: string;
  scheduled_at: number;
  manual: 0 | 1;
  attempt: number;
  started_at: number | null;
  ended_at: number | null;
  outcome: string | null;
  execution_id: string | null;
}

const RUNS = "SELECT id, cron_id, scheduled_at, manual, attempt, started_at, ended_at, outcome, execution_id FROM cron_runs";

export async function listRuns(db: Database, cronId: string, page: PageRequest): Promise<RunRow[]> {
  const sql = `${RUNS} WHERE cron_id = ?1 AND (scheduled_at, id) < (?2, ?3) ORDER BY scheduled_at DESC, id DESC LIMIT ?4`;
  return (await db.prepare(sql).bind(cronId, page.after.key, page.after.id, page.limit + 1).all<RunRow>()).results;
}

export function findRun(db: Database, cronId: string, id: string): Promise<RunRow | null> {
  return db.prepare(`${RUNS} WHERE cron_id = ?1 AND id = ?2`).bind(cronId, id).first<RunRow>();
}

/** Runs by hand that have not ended. */
export async function countManual(db: Database, cronId: string): Promise<number> {
  const sql = "SELECT COUNT(*) AS count FROM cron_runs WHERE cron_id = ?1 AND manual = 1 AND outcome IS NULL";
  return (await db.prepare(sql).bind(cronId).first<{ count: number }>())?.count ?? 0;
}

/** The host takes it up. */
export async function insertManual(db: Database, run: { id: string; cronId: string; now: number }, audit: Statement): Promise<void> {
  const sql = "INSERT INTO cron_runs (id, cron_id, scheduled_at, manual) VALUES (?1, ?2, ?3, 1)";
  await db.batch([db.prepare(sql).bind(run.id, run.cronId, run.now), audit]);
}
