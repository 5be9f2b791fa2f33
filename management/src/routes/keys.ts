/** Keys over HTTP. */
import * as z from "zod";

import { createKey, getKey, issueAnon, listKeys, renameKey, revokeKey, type Key } from "../domain/keys.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import { label, moment, time, timeOf, timeOrNull } from "./fields.ts";

const fields = {
  id: z.string(),
  name: z.string(),
  kind: z.enum(["api", "service"]),
  beginning: z.string().meta({ description: "The first characters, by which its owner knows it." }),
  scopes: z.array(z.string()).meta({ description: "Permissions; empty for a service key, which may what an admin may." }),
  created_by: z.string().nullable().meta({ description: "Id of the user; `null` for the operator." }),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  revoked_at: time.nullable(),
};

const key = z.object(fields).meta({ id: "Key" });
const createdKey = z.object({ ...fields, key: z.string().meta({ description: "Shown in this answer alone." }) }).meta({ id: "KeyCreated" });
const anonToken = z.object({ token: z.string(), expires_at: time }).meta({ id: "AnonToken" });

function keyOf(row: Key): z.input<typeof key> {
  const { id, name, kind, beginning, created_by } = row;
  return {
    id,
    name,
    kind,
    beginning,
    scopes: JSON.parse(row.scopes) as string[],
    created_by,
    created_at: timeOf(row.created_at),
    expires_at: timeOrNull(row.expires_at),
    last_used_at: timeOrNull(row.last_used_at),
    revoked_at: timeOrNull(row.revoked_at),
  };
}

export const keyRoutes = [
  route({
    id: "listKeys",
    access: "keys:read",
    method: "get",
    path: "/api/v1/keys",
    summary: "Lists one's own keys, or with `keys:manage` all of the organization, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(key).meta({ id: "KeyPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      return toPage(await listKeys(env, actor, page), page, (row) => ({ key: row.created_at, id: row.id }), keyOf);
    },
  }),
  route({
    id: "createKey",
    access: "keys:write",
    method: "post",
    path: "/api/v1/keys",
    summary: "Makes a key, and shows it once",
    body: z
      .strictObject({
        name: label,
        kind: z.enum(["api", "service"]),
        scopes: z.array(z.string().max(100)).max(100).optional().meta({ description: "Permissions, of an API key; none that who asks does not have." }),
        expires_at: moment.optional(),
      })
      .meta({ id: "KeyCreate" }),
    status: 201,
    answer: createdKey,
    errors: ["quota_exceeded", "conflict"],
    async handle({ env, actor, body: { expires_at: expiresAt, ...rest } }) {
      const { row, key } = await createKey(env, actor, { ...rest, expiresAt });
      return { ...keyOf(row), key };
    },
  }),
  route({
    id: "createAnonToken",
    access: "keys:manage",
    method: "post",
    path: "/api/v1/keys/anon",
    summary: "Issues a token with which anybody may call the organization's workers whose `auth` is `anon`",
    body: z.strictObject({ lifetime_days: z.int().min(1).max(3650).default(365) }).meta({ id: "AnonTokenCreate" }),
    status: 201,
    answer: anonToken,
    errors: ["unprocessable", "unavailable"],
    async handle({ env, actor, body }) {
      const { token, expiresAt } = await issueAnon(env, actor, body.lifetime_days);
      return { token, expires_at: timeOf(expiresAt) };
    },
  }),
  route({
    id: "getKey",
    access: "keys:read",
    method: "get",
    path: "/api/v1/keys/:key",
    summary: "Shows a key, without the key itself",
    answer: key,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => keyOf(await getKey(env, actor, params.key)),
  }),
  route({
    id: "updateKey",
    access: "keys:write",
    method: ["put", "patch"],
    path: "/api/v1/keys/:key",
    summary: "Renames a key",
    body: z.strictObject({ name: label.optional() }).meta({ id: "KeyUpdate" }),
    answer: key,
    errors: ["not_found"],
    handle: async ({ env, actor, params, body }) => keyOf(await renameKey(env, actor, params.key, body.name)),
  }),
  route({
    id: "revokeKey",
    access: "keys:write",
    method: "delete",
    path: "/api/v1/keys/:key",
    summary: "Revokes a key: it proves nothing any more",
    status: 204,
    errors: ["not_found"],
    handle: ({ env, actor, params }) => revokeKey(env, actor, params.key),
  }),
];
