/** SQL of what organizations use. The host adds to it; here it is read. */
import { MANAGEMENT } from "../domain/names.ts";
import type { Database } from "../env.ts";
import type { PageRequest } from "../page.ts";
import type { Owner } from "./workers.ts";

export interface UsageRow {
  /** Since 1970-01-01, in UTC. */
  day: number;
  worker_id: string;
  /** `null` of one that was deleted. */
  worker_name: string | null;
  requests: number;
  errors: number;
  cpu_us: number;
}

export interface Span {
  from: number;
  /** Included. */
  to: number;
  /** Id or name; `null` for all. A deleted one has its id alone. */
  worker: string | null;
}

/** By day and worker, the newest day first. */
export async function list(db: Database, owner: Owner, span: Span, page: PageRequest): Promise<UsageRow[]> {
  const sql = `
    SELECT u.day, u.worker_id, w.name AS worker_name, u.requests, u.errors, u.cpu_us
    FROM usage u LEFT JOIN workers w ON w.id = u.worker_id
    WHERE u.organization_id = ?1 AND (?2 OR w.name IS NULL OR w.name <> '${MANAGEMENT}')
      AND u.day BETWEEN ?3 AND ?4 AND (?5 IS NULL OR u.worker_id = ?5 OR w.name = ?5)
      AND (u.day, u.worker_id) < (?6, ?7)
    ORDER BY u.day DESC, u.worker_id DESC LIMIT ?8`;
  const params = [owner.organizationId, owner.isOperator, span.from, span.to, span.worker, page.after.key, page.after.id, page.limit + 1];
  return (await db.prepare(sql).bind(...params).all<UsageRow>()).results;
}
