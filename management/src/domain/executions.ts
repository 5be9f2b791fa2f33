/** Rules of executions. */
import type { Env } from "../env.ts";
import { notFound } from "../errors.ts";
import * as store from "../store/executions.ts";
import type { Worker } from "./workers.ts";

/** host/core Outcome. */
export const OUTCOMES = ["ok", "exception", "exceeded-cpu", "exceeded-wall", "exceeded-memory", "exceeded-request-body", "exceeded-response", "exceeded-subrequests", "exceeded-operations", "trapped", "no-response", "canceled"] as const;

export type Execution = store.FullExecutionRow;

export async function getExecution(env: Env, worker: Worker, id: string): Promise<Execution> {
  const row = await store.find(env.DB, worker.id, id);
  if (row === null) throw notFound("execution", id);
  return row;
}
