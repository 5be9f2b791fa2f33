/** SQL of executions. The host writes them; here they are read. */
import type { Database } from "../env.ts";
import type { PageRequest } from "../page.ts";

export interface ExecutionRow {
  id: string;
  worker_id: string;
  version_id: string;
  trigger: string;
  outcome: string;
  status_code: number | null;
  started_at: number;
  duration_us: number;
  cpu_us: number;
  memory_bytes_max: number;
}

export interface FullExecutionRow extends ExecutionRow {
  /** JSON array of host/core ConsoleLine. */
  console: string;
  console_dropped: number;
  error: string | null;
}

const COLUMNS = `id, worker_id, version_id, "trigger", outcome, status_code, started_at, duration_us, cpu_us, memory_bytes_max`;

export async function list(db: Database, workerId: string, outcome: string | null, page: PageRequest): Promise<ExecutionRow[]> {
  const sql = `
    SELECT ${COLUMNS} FROM executions
    WHERE worker_id = ?1 AND (started_at, id) < (?2, ?3) AND (?4 IS NULL OR outcome = ?4)
    ORDER BY started_at DESC, id DESC LIMIT ?5`;
  const params = [workerId, page.after.key, page.after.id, outcome, page.limit + 1];
  return (await db.prepare(sql).bind(...params).all<ExecutionRow>()).results;
}

export function find(db: Database, workerId: string, id: string): Promise<FullExecutionRow | null> {
  const sql = `SELECT ${COLUMNS}, console, console_dropped, error FROM executions WHERE worker_id = ?1 AND id = ?2`;
  return db.prepare(sql).bind(workerId, id).first<FullExecutionRow>();
}
