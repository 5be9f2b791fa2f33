/** One's own account and sessions over HTTP. */
import * as z from "zod";

import { ROLES } from "../access.ts";
import type { SignedIn } from "../actor.ts";
import { quotasOf } from "../domain/quotas.ts";
import { deleteSession } from "../domain/sessions.ts";
import { getUser } from "../domain/users.ts";
import type { Env } from "../env.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/sessions.ts";
import * as users from "../store/users.ts";
import { time, timeOf } from "./fields.ts";
import { personName, shownUser, userOf } from "./sign-in.ts";

const profile = shownUser
  .extend({
    organizations: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES), personal: z.boolean() })),
    limits: z
      .record(z.string(), z.object({ limit: z.int().nullable(), used: z.int().nullable() }))
      .meta({ description: "Quotas of the personal organization; a limit of `null` is none." }),
    created_at: time,
  })
  .meta({ id: "Profile" });

async function profileOf(env: Env, { principal }: SignedIn): Promise<z.input<typeof profile>> {
  const user = await getUser(env, principal.id);
  const organizations = await users.organizationsOf(env.DB, user.id);
  return {
    ...userOf(user),
    organizations: organizations.map(({ id, name, role, is_personal }) => ({ id, name, role, personal: is_personal !== 0 })),
    limits: await limitsOf(env, organizations.find(({ is_personal }) => is_personal !== 0)?.id),
    created_at: timeOf(user.created_at),
  };
}

async function limitsOf(env: Env, organizationId: string | undefined): Promise<z.input<typeof profile>["limits"]> {
  if (organizationId === undefined) return {};
  const quotas = Object.entries(await quotasOf(env, organizationId));
  return Object.fromEntries(quotas.map(([name, { limit, used }]) => [name, { limit, used }]));
}

const session = z
  .object({
    id: z.string(),
    client: z.string().meta({ description: "`User-Agent` of the sign-in." }),
    address: z.string(),
    current: z.boolean(),
    created_at: time,
    last_used_at: time.meta({ description: "When it was renewed last." }),
    expires_at: time,
  })
  .meta({ id: "Session" });

export const profileRoutes = [
  route({
    id: "getProfile",
    access: "user",
    method: "get",
    path: "/api/v1/profile",
    summary: "Shows the user and the organizations that they belong to",
    answer: profile,
    errors: ["not_found"],
    handle: ({ env, actor }) => profileOf(env, actor),
  }),
  route({
    id: "updateProfile",
    access: "user",
    method: ["put", "patch"],
    path: "/api/v1/profile",
    summary: "Updates the fields given",
    body: z.strictObject({ name: personName.optional() }).meta({ id: "ProfileUpdate" }),
    answer: profile,
    errors: ["not_found"],
    async handle({ env, actor, body }) {
      if (body.name !== undefined) await users.rename(env.DB, actor.principal.id, body.name, Date.now());
      return profileOf(env, actor);
    },
  }),
  route({
    id: "listSessions",
    access: "user",
    method: "get",
    path: "/api/v1/sessions",
    summary: "Lists the user's sessions, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(session).meta({ id: "SessionPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, actor.principal.id, Date.now(), page);
      const shown = ({ id, client, address, created_at, last_used_at, expires_at }: store.SessionRow): z.input<typeof session> => ({
        id,
        client,
        address,
        current: id === actor.principal.session,
        created_at: timeOf(created_at),
        last_used_at: timeOf(last_used_at),
        expires_at: timeOf(expires_at),
      });
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), shown);
    },
  }),
  route({
    id: "deleteSession",
    access: "user",
    method: "delete",
    path: "/api/v1/sessions/:session",
    summary: "Ends a session of the user's",
    status: 204,
    errors: ["not_found"],
    handle: ({ env, actor, params }) => deleteSession(env, actor, params.session),
  }),
];
