/** Deployments over HTTP. */
import * as z from "zod";

import type { Actor } from "../actor.ts";
import { activate, rollBack, split, type Deployment } from "../domain/deployments.ts";
import { getVersion } from "../domain/versions.ts";
import { getWorker, type Worker } from "../domain/workers.ts";
import type { Env } from "../env.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/deployments.ts";
import { time, timeOf, versionReference } from "./fields.ts";

const deployment = z
  .object({
    id: z.string(),
    worker_id: z.string(),
    version_id: z.string().meta({ description: "Of several, the one with the largest percentage." }),
    version_number: z.int(),
    versions: z
      .array(z.object({ version_id: z.string(), version_number: z.int(), percentage: z.number() }))
      .meta({ description: "What part of the requests to the plain host name each answers; newest version first." }),
    sticky: z.enum(["cookie"]).nullable(),
    reason: z.enum(["deploy", "rollback", "install"]),
    created_at: time,
  })
  .meta({ id: "Deployment" });

function deploymentOf(row: Deployment): z.input<typeof deployment> {
  const { id, worker_id, version_id, version_number, shares, sticky, reason } = row;
  return { id, worker_id, version_id, version_number, versions: [...shares], sticky, reason, created_at: timeOf(row.created_at) };
}

const part = z.strictObject({
  version: versionReference,
  percentage: z.number().min(0.01).max(99.99).multipleOf(0.01, "expected at most two decimals"),
});

const deploymentCreate = z
  .strictObject({
    version: versionReference.optional().meta({ description: "The one that answers everything." }),
    versions: z.array(part).min(2).max(10).optional().meta({ description: "Those among which requests are split; the percentages are 100 together." }),
    sticky: z
      .enum(["cookie"])
      .nullable()
      .default(null)
      .meta({ description: "`cookie`: clients without a version key are given one, so that they stay with a version." }),
  })
  .superRefine(({ version, versions, sticky }, context) => {
    const complain = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if (version === undefined && versions === undefined) complain("version", "is missing: expected `version`, or `versions` for a split");
    if (version !== undefined && versions !== undefined) complain("versions", "goes without `version`");
    if (sticky !== null && versions === undefined) complain("sticky", "goes with `versions` alone");
  })
  .meta({ id: "DeploymentCreate" });

async function deploy(env: Env, actor: Actor, worker: Worker, body: z.output<typeof deploymentCreate>): Promise<Deployment> {
  if (body.versions === undefined) return activate(env, actor, worker, await getVersion(env, worker, body.version ?? ""), "deploy");
  const parts = [];
  for (const { version, percentage } of body.versions) parts.push({ version: await getVersion(env, worker, version), percentage });
  return split(env, actor, worker, parts, body.sticky);
}

export const deploymentRoutes = [
  route({
    id: "createDeployment",
    access: "workers:write",
    method: "post",
    path: "/api/v1/workers/:worker/deployments",
    summary: "Makes a stored version live, or splits requests between several",
    body: deploymentCreate,
    status: 201,
    answer: deployment,
    errors: ["not_found", "quota_exceeded", "conflict", "unprocessable", "unhealthy", "unavailable"],
    async handle({ env, actor, params, body }) {
      return deploymentOf(await deploy(env, actor, await getWorker(env, actor, params.worker), body));
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
      const shares = await store.sharesOf(env.DB, rows.map((row) => row.id));
      const whole = ({ version_id, version_number }: store.DeploymentRow): store.Share[] => [{ version_id, version_number, percentage: 100 }];
      return toPage(rows, page, (row) => ({ key: row.sequence, id: row.id }), (row) => deploymentOf({ ...row, shares: shares.get(row.id) ?? whole(row) }));
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
