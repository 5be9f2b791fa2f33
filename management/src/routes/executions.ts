/** Executions over HTTP. */
import * as z from "zod";

import { getExecution, OUTCOMES, type Execution } from "../domain/executions.ts";
import { getWorker } from "../domain/workers.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/executions.ts";
import { time, timeOf } from "./fields.ts";

const consoleLine = z.object({
  level: z.string().meta({ description: "`debug`, `info`, `log`, `warn` or `error`." }),
  message: z.string(),
  at_ms: z.number().meta({ description: "Since the start of the invocation." }),
});

const summaryFields = {
  id: z.string(),
  worker_id: z.string(),
  version_id: z.string(),
  trigger: z.string(),
  outcome: z.string().meta({ description: `How it ended: \`${OUTCOMES.join("`, `")}\`.` }),
  status_code: z.int().nullable(),
  started_at: time,
  duration_us: z.int().meta({ description: "From the request's head to the end, `waitUntil` included." }),
  cpu_us: z.int().meta({ description: "CPU time." }),
  memory_bytes_max: z.int().meta({ description: "Most memory that it had at once." }),
};

const executionSummary = z.object(summaryFields).meta({ id: "ExecutionSummary" });

const execution = z
  .object({
    ...summaryFields,
    console: z.array(consoleLine),
    console_dropped: z.int().meta({ description: "Lines over the limit." }),
    error: z.string().nullable(),
  })
  .meta({ id: "Execution" });

function summaryOf(row: store.ExecutionRow): z.input<typeof executionSummary> {
  const { id, worker_id, version_id, trigger, outcome, status_code, duration_us, cpu_us, memory_bytes_max } = row;
  const started_at = timeOf(row.started_at);
  return { id, worker_id, version_id, trigger, outcome, status_code, started_at, duration_us, cpu_us, memory_bytes_max };
}

function executionOf(row: Execution): z.input<typeof execution> {
  const console = JSON.parse(row.console) as z.input<typeof consoleLine>[];
  return { ...summaryOf(row), console, console_dropped: row.console_dropped, error: row.error };
}

export const executionRoutes = [
  route({
    id: "listExecutions",
    access: "executions:read",
    method: "get",
    path: "/api/v1/workers/:worker/executions",
    summary: "Lists invocations, newest first",
    query: z.strictObject({ ...pageQuery, outcome: z.enum(OUTCOMES).optional() }),
    answer: pageOf(executionSummary).meta({ id: "ExecutionPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const worker = await getWorker(env, actor, params.worker);
      // Who has just made a request looks for it on the first page.
      if (query.cursor === undefined) await env.EXECUTIONS.flush();
      const page = pageRequest(query);
      const rows = await store.list(env.DB, worker.id, query.outcome ?? null, page);
      return toPage(rows, page, (row) => ({ key: row.started_at, id: row.id }), summaryOf);
    },
  }),
  route({
    id: "getExecution",
    access: "executions:read",
    method: "get",
    path: "/api/v1/workers/:worker/executions/:execution",
    summary: "Shows an invocation with its console lines and its error",
    answer: execution,
    errors: ["not_found"],
    async handle({ env, actor, params }) {
      const worker = await getWorker(env, actor, params.worker);
      return executionOf(await getExecution(env, worker, params.execution));
    },
  }),
];
