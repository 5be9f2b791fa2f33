/** Deployments over HTTP. */
import * as z from "zod";

import { activate, rollBack, type Deployment } from "../domain/deployments.ts";
import { getVersion } from "../domain/versions.ts";
import { getWorker } from "../domain/workers.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/deployments.ts";
import { time, timeOf } from "./fields.ts";

const deployment = z
  .object({
    id: z.string(),
    worker_id: z.string(),
    version_id: z.string(),
    version_number: z.int(),
    reason: z.enum(["deploy", "rollback", "install"]),
    created_at: time,
  })
  .meta({ id: "Deployment" });

function deploymentOf(row: Omit<Deployment, "sequence">): z.input<typeof deployment> {
  const { id, worker_id, version_id, version_number, reason } = row;
  return { id, worker_id, version_id, version_number, reason, created_at: timeOf(row.created_at) };
}

export const deploymentRoutes = [
  route({
    id: "createDeployment",
    access: "workers:write",
    method: "post",
    path: "/api/v1/workers/:worker/deployments",
    summary: "Makes a stored version live",
    body: z
      .strictObject({ version: z.union([z.string().min(1).max(100), z.int().min(1).transform(String)]) })
      .meta({ id: "DeploymentCreate" }),
    status: 201,
    answer: deployment,
    errors: ["not_found", "quota_exceeded", "conflict", "unprocessable", "unhealthy", "unavailable"],
    async handle({ env, actor, params, body }) {
      const worker = await getWorker(env, actor, params.worker);
      const version = await getVersion(env, worker, body.version);
      return deploymentOf(await activate(env, actor, worker, version, "deploy"));
    },
  }),
  route({
    id: "listDeployments",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker/deployments",
    summary: "Lists what changed the live version, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(deployment).meta({ id: "DeploymentPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const worker = await getWorker(env, actor, params.worker);
      const page = pageRequest(query);
      const rows = await store.list(env.DB, worker.id, page);
      return toPage(rows, page, (row) => ({ key: row.sequence, id: row.id }), deploymentOf);
    },
  }),
  route({
    id: "rollBack",
    access: "workers:write",
    method: "post",
    path: "/api/v1/workers/:worker/rollback",
    summary: "Makes the version live that was live before",
    status: 201,
    answer: deployment,
    errors: ["not_found", "quota_exceeded", "conflict", "unprocessable", "unhealthy", "unavailable"],
    handle: async ({ env, actor, params }) => deploymentOf(await rollBack(env, actor, await getWorker(env, actor, params.worker))),
  }),
];
