/** Aliases over HTTP. */
import * as z from "zod";

import { deleteAlias, getAlias, setAlias, type Alias } from "../domain/aliases.ts";
import { getWorker, type Worker } from "../domain/workers.ts";
import type { Env } from "../env.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/aliases.ts";
import { time, timeOf, versionReference } from "./fields.ts";
import { urlOf } from "./url.ts";

const alias = z
  .object({
    name: z.string(),
    worker_id: z.string(),
    version_id: z.string(),
    version_number: z.int(),
    url: z.string().meta({ description: "Where the version is served." }),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: "Alias" });

function aliasOf(env: Env, worker: Worker, row: Alias): z.input<typeof alias> {
  const { name, worker_id, version_id, version_number } = row;
  const url = urlOf(env, worker.name, name);
  return { name, worker_id, version_id, version_number, url, created_at: timeOf(row.created_at), updated_at: timeOf(row.updated_at) };
}

export const aliasRoutes = [
  route({
    id: "listAliases",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker/aliases",
    summary: "Lists the aliases of a worker, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(alias).meta({ id: "AliasPage" }),
    errors: ["not_found"],
    async handle({ env, actor, params, query }) {
      const worker = await getWorker(env, actor, params.worker);
      const page = pageRequest(query);
      const rows = await store.list(env.DB, worker.id, page);
      return toPage(rows, page, (row) => ({ key: row.sequence, id: row.version_id }), (row) => aliasOf(env, worker, row));
    },
  }),
  route({
    id: "getAlias",
    access: "workers:read",
    method: "get",
    path: "/api/v1/workers/:worker/aliases/:alias",
    summary: "Shows an alias",
    answer: alias,
    errors: ["not_found"],
    async handle({ env, actor, params }) {
      const worker = await getWorker(env, actor, params.worker);
      return aliasOf(env, worker, await getAlias(env, worker, params.alias));
    },
  }),
  route({
    id: "setAlias",
    access: "workers:write",
    method: "put",
    path: "/api/v1/workers/:worker/aliases/:alias",
    summary: "Names a version, in place of the one that had the name",
    body: z.strictObject({ version: versionReference }).meta({ id: "AliasSet" }),
    answer: alias,
    errors: ["not_found", "conflict", "unprocessable", "unhealthy", "unavailable"],
    async handle({ env, actor, params, body }) {
      const worker = await getWorker(env, actor, params.worker);
      return aliasOf(env, worker, await setAlias(env, actor, worker, params.alias, body.version));
    },
  }),
  route({
    id: "deleteAlias",
    access: "workers:write",
    method: "delete",
    path: "/api/v1/workers/:worker/aliases/:alias",
    summary: "Deletes an alias; the version stays",
    status: 204,
    errors: ["not_found", "unavailable"],
    handle: async ({ env, actor, params }) => deleteAlias(env, actor, await getWorker(env, actor, params.worker), params.alias),
  }),
];
