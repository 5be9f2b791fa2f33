/** Crons over HTTP. */
import * as z from "zod";

import { createCron, deleteCron, getCron, getRun, runCron, updateCron, type Cron, type CronRun } from "../domain/crons.ts";
import { getWorker, ownerOf } from "../domain/workers.ts";
import { invalidField } from "../errors.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/crons.ts";
import { cronFields } from "./cron-fields.ts";
import { reference, time, timeOf } from "./fields.ts";

const cron = z
  .object({
    id: z.string(),
    worker_id: z.string(),
    worker: z.string().meta({ description: "Name of the worker." }),
    expression: z.string(),
    timezone: z.string(),
    weekdays: cronFields.weekdays,
    enabled: z.boolean(),
    missed: cronFields.missed,
    source: z.enum(["api", "config"]).meta({ description: "`config`: it is part of the live version, and goes with it." }),
    next_at: time.nullable().meta({ description: "When it is due next; `null` where it is switched off, or for less than a second after a deploy." }),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: "Cron" });

function cronOf(row: Cron): z.input<typeof cron> {
  const { id, worker_id, expression, weekdays, missed, source } = row;
  return {
    id,
    worker_id,
    worker: row.worker_name,
    expression,
    timezone: row.time_zone,
    weekdays,
    enabled: row.enabled === 1,
    missed,
    source,
    next_at: timeOrNull(row.next_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  };
}

const run = z
  .object({
    id: z.string(),
    cron_id: z.string(),
    scheduled_at: time.meta({ description: "When it was due, or asked for by hand." }),
    manual: z.boolean(),
    attempt: z.int().meta({ description: "More than 1 where runs before it were lost with their node." }),
    status: z.enum(["waiting", "running", "ended"]),
    started_at: time.nullable(),
    ended_at: time.nullable(),
    outcome: z.string().nullable().meta({
      description:
        "That of the execution, such as `ok` or `exception`; `skipped`: the run before had not ended; `missed`: no node was there; `lost`: the node ended first; `over-quota`: the day's quota is used up; `not-started`: no version is live, or the node was full.",
    }),
    execution_id: z.string().nullable(),
  })
  .meta({ id: "CronRun" });

function runOf(row: CronRun): z.input<typeof run> {
  const { id, cron_id, attempt, outcome, execution_id } = row;
  return {
    id,
    cron_id,
    scheduled_at: timeOf(row.scheduled_at),
    manual: row.manual === 1,
    attempt,
    status: outcome !== null ? "ended" : row.started_at !== null ? "running" : "waiting",
    started_at: timeOrNull(row.started_at),
    ended_at: timeOrNull(row.ended_at),
    outcome,
    execution_id,
  };
}

function timeOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}

/** `value` is what it is called elsewhere. */
const given = {
  ...cronFields,
  expression: cronFields.expression.optional(),
  value: cronFields.expression.optional().meta({ description: "The same as `expression`." }),
  timezone: cronFields.timezone.optional(),
  weekdays: cronFields.weekdays.optional(),
  missed: cronFields.missed.optional(),
  enabled: z.boolean().optional(),
};

const create = z.strictObject(given).meta({ id: "WorkerCronCreate" });
const createAnywhere = z.strictObject({ ...given, worker_id: reference.meta({ description: "Id or name of the worker." }) }).meta({ id: "CronCreate" });
const update = z.strictObject(given).meta({ id: "CronUpdate" });

function expressionOf({ expression, value }: z.output<typeof create>): string | undefined {
  if (expression !== undefined && value !== undefined) throw invalidField("value", "the same as `expression`, which is given too");
  return expression ?? value;
}

function creation(body: z.output<typeof create>): Parameters<typeof createCron>[3] {
  const expression = expressionOf(body);
  if (expression === undefined) throw invalidField("expression", "is missing: expected string");
  return { ...body, expression };
}

export const cronRoutes = [
  route({
    id: "listCrons",
    access: "crons:read",
    method: "get",
    path: "/api/v1/crons",
    summary: "Lists crons of all workers, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(cron).meta({ id: "CronPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, ownerOf(actor), null, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), cronOf);
    },
  }),
  route({
    id: "createCron",
    access: "crons:write",
    method: "post",
    path: "/api/v1/crons",
    summary: "Creates a cron",
    body: createAnywhere,
    status: 201,
    answer: cron,
    errors: ["not_found", "quota_exceeded", "conflict", "unprocessable"],
    handle: async ({ env, actor, body: { worker_id, ...body } }) => cronOf(await createCron(env, actor, worker_id, creation(body))),
  }),
  route({
    id: "listWorkerCrons",
    access: "crons:read",
    method: "get",
    path: "/api/v1/workers/:worker/crons",
    summary: "Lists the crons of a worker, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(cron).meta({ id: "WorkerCronPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const worker = await getWorker(env, actor, params.worker);
      const page = pageRequest(query);
      const rows = await store.list(env.DB, ownerOf(actor), worker.id, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), cronOf);
    },
  }),
  route({
    id: "createWorkerCron",
    access: "crons:write",
    method: "post",
    path: "/api/v1/workers/:worker/crons",
    summary: "Creates a cron of a worker",
    body: create,
    status: 201,
    answer: cron,
    errors: ["not_found", "quota_exceeded", "conflict", "unprocessable"],
    handle: async ({ env, actor, params, body }) => cronOf(await createCron(env, actor, params.worker, creation(body))),
  }),
  route({
    id: "getCron",
    access: "crons:read",
    method: "get",
    path: "/api/v1/crons/:cron",
    summary: "Shows a cron",
    answer: cron,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => cronOf(await getCron(env, actor, params.cron)),
  }),
  route({
    id: "updateCron",
    access: "crons:write",
    method: ["put", "patch"],
    path: "/api/v1/crons/:cron",
    summary: "Updates the fields given; of a cron of the configuration only `enabled`",
    body: update,
    answer: cron,
    errors: ["not_found", "conflict"],
    handle: async ({ env, actor, params, body }) => cronOf(await updateCron(env, actor, params.cron, { ...body, expression: expressionOf(body) })),
  }),
  route({
    id: "deleteCron",
    access: "crons:write",
    method: "delete",
    path: "/api/v1/crons/:cron",
    summary: "Deletes a cron with its history; a run that goes on is not stopped",
    status: 204,
    errors: ["not_found", "conflict"],
    handle: ({ env, actor, params }) => deleteCron(env, actor, params.cron),
  }),
  route({
    id: "runCron",
    access: "crons:write",
    method: "post",
    path: "/api/v1/crons/:cron/run",
    summary: "Runs a cron now, switched on or not; answers at once with the run that waits",
    status: 201,
    answer: run,
    errors: ["not_found", "conflict"],
    handle: async ({ env, actor, params }) => runOf(await runCron(env, actor, params.cron)),
  }),
  route({
    id: "listCronRuns",
    access: "crons:read",
    method: "get",
    path: "/api/v1/crons/:cron/runs",
    summary: "Lists the last runs of a cron, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(run).meta({ id: "CronRunPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const { id } = await getCron(env, actor, params.cron);
      const page = pageRequest(query);
      const rows = await store.listRuns(env.DB, id, page);
      return toPage(rows, page, (row) => ({ key: row.scheduled_at, id: row.id }), runOf);
    },
  }),
  route({
    id: "getCronRun",
    access: "crons:read",
    method: "get",
    path: "/api/v1/crons/:cron/runs/:run",
    summary: "Shows a run of a cron",
    answer: run,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => runOf(await getRun(env, await getCron(env, actor, params.cron), params.run)),
  }),
];
