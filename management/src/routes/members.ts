/** Members of organizations over HTTP. */
import * as z from "zod";

import { removeMember, setRole, type Member } from "../domain/members.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/members.ts";
import { time, timeOf } from "./fields.ts";
import { role } from "./organizations.ts";

const member = z
  .object({ user_id: z.string(), email: z.string(), name: z.string(), role, created_at: time })
  .meta({ id: "Member" });

function memberOf({ user_id, email, name, role, created_at }: Member): z.input<typeof member> {
  return { user_id, email, name, role, created_at: timeOf(created_at) };
}

export const memberRoutes = [
  route({
    id: "listMembers",
    access: "organization:read",
    method: "get",
    path: "/api/v1/organizations/:organization/members",
    summary: "Lists the members of an organization, the newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(member).meta({ id: "MemberPage" }),
    errors: ["not_found"],
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, actor.organization.id, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.user_id }), memberOf);
    },
  }),
  route({
    id: "updateMember",
    access: "members:write",
    method: ["put", "patch"],
    path: "/api/v1/organizations/:organization/members/:user",
    summary: "Sets the role of a member; keys of theirs that have more than it may are revoked",
    body: z.strictObject({ role }).meta({ id: "MemberUpdate" }),
    answer: member,
    errors: ["not_found", "conflict"],
    handle: async ({ env, actor, params, body }) => memberOf(await setRole(env, actor, params.user, body.role)),
  }),
  route({
    id: "removeMember",
    access: "organization:read",
    method: "delete",
    path: "/api/v1/organizations/:organization/members/:user",
    summary: "Removes a member with their keys, which takes `members:write`, or leaves the organization oneself",
    status: 204,
    errors: ["not_found", "conflict"],
    handle: ({ env, actor, params }) => removeMember(env, actor, params.user),
  }),
];
