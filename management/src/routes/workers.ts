/** Workers over HTTP. */
import * as z from "zod";

import { MANAGEMENT } from "../domain/names.ts";
import { createWorker, deleteWorker, getWorker, ownerOf, updateWorker, type Worker } from "../domain/workers.ts";
import type { Env, Health } from "../env.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/workers.ts";
import { description, reference, time, timeOf, workerName } from "./fields.ts";
import { summaryOf, versionSummary } from "./version-answer.ts";

const health = z
  .object({
    status: z.enum(["idle", "healthy", "failing", "dying"]).meta({
      description:
        "`dying`: at least 5 invocations of the window, and over half of them, were ended by the host, at a limit or by a trap. `failing`: the same, with what the worker threw. `idle`: none has ended.",
    }),
    window_ms: z.int().meta({ description: "How far back it looks." }),
    invocations: z.int(),
    outcomes: z.record(z.string(), z.int()).meta({ description: "How many ended how." }),
    last_failure: z
      .object({
        outcome: z.string(),
        message: z.string().meta({ description: "The first line, without the values of secrets." }),
        ended_at: time,
        execution_id: z.string(),
      })
      .nullable(),
  })
  .meta({ id: "WorkerHealth", description: "How the worker has fared lately on the node that answers, counted since its start." });

const auth = z.enum(["public", "anon", "user", "key"]).meta({
  id: "WorkerAuth",
  description:
    "Who may call it: everybody; whoever has an anon token; members of the organization and users of the issuers that it trusts; keys with the scope `execute:functions`. Each also takes what those behind it take.",
});

const worker = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    environment: z.string().nullable().meta({ description: "Name of the environment that it is attached to." }),
    auth,
    url: z.string().meta({ description: "Where the live version is served." }),
    live: versionSummary.nullable(),
    health,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: "Worker" });

const environment = reference.nullable().meta({ description: "Id or name; `null` for none." });

async function workerOf(env: Env, row: Worker): Promise<z.input<typeof worker>> {
  const { id, name } = row;
  return {
    id,
    name,
    description: row.description,
    environment: row.environment_name,
    auth: row.auth,
    url: urlOf(env, name),
    live: liveOf(row),
    health: healthOf(await env.EXECUTIONS.health(id)),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  };
}

function healthOf({ status, windowMs, outcomes, lastFailure }: Health): z.input<typeof health> {
  const invocations = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { status, window_ms: windowMs, invocations, outcomes, last_failure: lastFailure === undefined ? null : failureOf(lastFailure) };
}

function failureOf({ outcome, message, endedAtMs, execution }: NonNullable<Health["lastFailure"]>): z.input<typeof health>["last_failure"] {
  return { outcome, message, ended_at: timeOf(endedAtMs), execution_id: execution };
}

function liveOf(row: Worker): z.input<typeof versionSummary> | null {
  if (row.live_id === null) return null;
  return summaryOf({
    id: row.live_id,
    worker_id: row.id,
    number: row.live_number ?? 0,
    component: row.live_component ?? "",
    kind: row.live_kind ?? "",
    message: row.live_message ?? "",
    created_at: row.live_created_at ?? 0,
    live: 1,
  });
}

/** This API is served on the bare base domain, every other worker below it; scheme and port are those of the API. */
function urlOf(env: Env, name: string): string {
  const api = new URL(env.PUBLIC_URL);
  if (name === MANAGEMENT) return api.origin;
  return `${api.protocol}//${name}.${env.BASE_DOMAIN}${api.port === "" ? "" : `:${api.port}`}`;
}

export const workerRoutes = [
  route({
    id: "listWorkers",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers",
    summary: "Lists workers, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(worker).meta({ id: "WorkerPage" }),
    async handle({ env, actor, query }) {
      const request = pageRequest(query);
      const rows = await store.list(env.DB, ownerOf(actor), request);
      const page = toPage(rows, request, (row) => ({ key: row.created_at, id: row.id }), (row) => row);
      return { ...page, items: await Promise.all(page.items.map((row) => workerOf(env, row))) };
    },
  }),
  route({
    id: "createWorker",
    access: "workers:write",
    method: "post",
    path: "/api/v1/workers",
    summary: "Creates a worker, without a version",
    body: z
      .strictObject({ name: workerName, description: description.optional(), environment: environment.optional(), auth: auth.optional() })
      .meta({ id: "WorkerCreate" }),
    status: 201,
    answer: worker,
    errors: ["quota_exceeded", "conflict"],
    handle: async ({ env, actor, body }) => workerOf(env, await createWorker(env, actor, body)),
  }),
  route({
    id: "workerNameExists",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/name-exists/:name",
    summary: "Says whether a worker name is taken",
    answer: z.object({ exists: z.boolean() }).meta({ id: "NameExists" }),
    handle: async ({ env, params }) => ({ exists: await store.nameExists(env.DB, params.name) }),
  }),
  route({
    id: "getWorker",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker",
    summary: "Shows a worker",
    answer: worker,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => workerOf(env, await getWorker(env, actor, params.worker)),
  }),
  route({
    id: "updateWorker",
    access: "workers:write",
    method: ["put", "patch"],
    path: "/api/v1/workers/:worker",
    summary: "Updates the fields given",
    body: z
      .strictObject({ name: workerName.optional(), description: description.optional(), environment: environment.optional(), auth: auth.optional() })
      .meta({ id: "WorkerUpdate" }),
    answer: worker,
    errors: ["not_found", "conflict", "unavailable"],
    handle: async ({ env, actor, params, body }) => workerOf(env, await updateWorker(env, actor, params.worker, body)),
  }),
  route({
    id: "deleteWorker",
    access: "workers:write",
    method: "delete",
    path: "/api/v1/workers/:worker",
    summary: "Deletes a worker with its versions and deployments",
    status: 204,
    errors: ["not_found", "conflict", "unavailable"],
    handle: ({ env, actor, params }) => deleteWorker(env, actor, params.worker),
  }),
];
