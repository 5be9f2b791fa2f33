/** Environments over HTTP. */
import * as z from "zod";

import {
  createEnvironment,
  deleteEnvironment,
  getEnvironment,
  updateEnvironment,
  withValues,
  type Environment,
} from "../domain/environments.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/environments.ts";
import { bindingName, description, reference, resourceName, secretText, time, timeOf, varValue } from "./fields.ts";

const value = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("var"), value: varValue }),
    z.strictObject({ kind: z.literal("secret"), value: secretText }),
    z.strictObject({ kind: z.literal("database"), value: reference }),
  ])
  .meta({ id: "EnvironmentValue" });

const shownValue = z.object({
  kind: z.enum(["var", "secret", "database"]),
  value: z.unknown().optional().meta({ description: "A database's id; of a secret nothing." }),
});

const environment = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    values: z.record(z.string(), shownValue),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: "Environment" });

function environmentOf(row: Environment): z.input<typeof environment> {
  const { id, name, description } = row;
  const values = Object.fromEntries(row.values.map((each) => [each.name, shownOf(each)]));
  return { id, name, description, values, created_at: timeOf(row.created_at), updated_at: timeOf(row.updated_at) };
}

function shownOf({ kind, value }: store.ValueRow): z.input<typeof shownValue> {
  switch (kind) {
    case "var":
      return { kind, value: JSON.parse(value) as unknown };
    case "secret":
      return { kind };
    case "database":
      return { kind, value };
  }
}

export const environmentRoutes = [
  route({
    id: "listEnvironments",
    access: "environments:read",
    method: "get",
    path: "/api/v1/environments",
    summary: "Lists environments, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(environment).meta({ id: "EnvironmentPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await withValues(env, await store.list(env.DB, actor.organization.id, page));
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), environmentOf);
    },
  }),
  route({
    id: "createEnvironment",
    access: "environments:write",
    method: "post",
    path: "/api/v1/environments",
    summary: "Creates an environment",
    body: z
      .strictObject({ name: resourceName, description: description.optional(), values: z.record(bindingName, value).optional() })
      .meta({ id: "EnvironmentCreate" }),
    status: 201,
    answer: environment,
    errors: ["quota_exceeded", "conflict"],
    handle: async ({ env, actor, body }) => environmentOf(await createEnvironment(env, actor, body)),
  }),
  route({
    id: "getEnvironment",
    access: "environments:read",
    method: "get",
    path: "/api/v1/environments/:environment",
    summary: "Shows an environment, of secrets only the names",
    answer: environment,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => environmentOf(await getEnvironment(env, actor, params.environment)),
  }),
  route({
    id: "updateEnvironment",
    access: "environments:write",
    method: ["put", "patch"],
    path: "/api/v1/environments/:environment",
    summary: "Updates the fields and values given; a value of `null` is deleted",
    body: z
      .strictObject({
        name: resourceName.optional(),
        description: description.optional(),
        values: z.record(bindingName, value.nullable()).optional(),
      })
      .meta({ id: "EnvironmentUpdate" }),
    answer: environment,
    errors: ["not_found", "conflict", "unavailable"],
    handle: async ({ env, actor, params, body }) => environmentOf(await updateEnvironment(env, actor, params.environment, body)),
  }),
  route({
    id: "deleteEnvironment",
    access: "environments:write",
    method: "delete",
    path: "/api/v1/environments/:environment",
    summary: "Deletes an environment that no worker is attached to",
    status: 204,
    errors: ["not_found", "conflict"],
    handle: ({ env, actor, params }) => deleteEnvironment(env, actor, params.environment),
  }),
];
