/** Organizations over HTTP. */
import * as z from "zod";

import { ROLES } from "../access.ts";
import {
  createOrganization,
  deleteOrganization,
  listOrganizations,
  restoreOrganization,
  shownTo,
  updateOrganization,
} from "../domain/organizations.ts";
import { transfer } from "../domain/members.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import type { Listed } from "../store/organizations.ts";
import { description, organizationName, reference, time, timeOf, timeOrNull } from "./fields.ts";

export const role = z.enum(ROLES).meta({ id: "Role", description: "In rising order: each may what those before it may." });

export const organization = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    role: role.nullable().meta({ description: "Of who asks; `null` for the operator and for keys." }),
    personal: z.boolean().meta({ description: "It came with a user: it cannot be left, transferred, given other owners or deleted." }),
    created_at: time,
    updated_at: time,
    deletion_at: time.nullable().meta({ description: "When it goes with all that it owns; until then it serves nothing and can be restored." }),
  })
  .meta({ id: "Organization" });

export function organizationOf(row: Listed): z.input<typeof organization> {
  const { id, name, description, role } = row;
  return {
    id,
    name,
    description,
    role,
    personal: row.personal_user_id !== null,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
    deletion_at: timeOrNull(row.deletion_at),
  };
}

const path = "/api/v1/organizations/:organization";

export const organizationRoutes = [
  route({
    id: "listOrganizations",
    access: "person",
    method: "get",
    path: "/api/v1/organizations",
    summary: "Lists the organizations of the user, or all for the operator, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(organization).meta({ id: "OrganizationPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await listOrganizations(env, actor, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), organizationOf);
    },
  }),
  route({
    id: "createOrganization",
    access: "person",
    method: "post",
    path: "/api/v1/organizations",
    summary: "Creates an organization, whose owner is the user who asks; the operator may name one",
    body: z
      .strictObject({
        name: organizationName,
        description: description.optional(),
        owner: reference.optional().meta({ description: "Id or email of a user; for the operator alone." }),
      })
      .meta({ id: "OrganizationCreate" }),
    status: 201,
    answer: organization,
    errors: ["quota_exceeded", "conflict"],
    handle: async ({ env, actor, body }) => organizationOf(await createOrganization(env, actor, body)),
  }),
  route({
    id: "getOrganization",
    access: "organization:read",
    method: "get",
    path,
    summary: "Shows an organization",
    answer: organization,
    errors: ["not_found"],
    handle: async ({ env, actor }) => organizationOf(await shownTo(env, actor)),
  }),
  route({
    id: "updateOrganization",
    access: "organization:write",
    method: ["put", "patch"],
    path,
    summary: "Updates the fields given",
    body: z.strictObject({ name: organizationName.optional(), description: description.optional() }).meta({ id: "OrganizationUpdate" }),
    answer: organization,
    errors: ["not_found", "conflict"],
    handle: async ({ env, actor, body }) => organizationOf(await updateOrganization(env, actor, body)),
  }),
  route({
    id: "deleteOrganization",
    access: "organization:own",
    method: "delete",
    path,
    summary: "Stops what the organization serves, and deletes it with all that it owns when its grace is over",
    answer: organization,
    errors: ["not_found", "conflict", "unavailable"],
    handle: async ({ env, actor }) => organizationOf(await deleteOrganization(env, actor)),
  }),
  route({
    id: "restoreOrganization",
    access: "organization:own",
    method: "post",
    path: `${path}/restore`,
    summary: "Takes a deletion back",
    answer: organization,
    errors: ["not_found", "conflict", "unavailable"],
    handle: async ({ env, actor }) => organizationOf(await restoreOrganization(env, actor)),
  }),
  route({
    id: "transferOrganization",
    access: "organization:own",
    method: "post",
    path: `${path}/transfer`,
    summary: "Makes another member owner in place of the user who asks, who becomes an admin",
    body: z.strictObject({ user: reference.meta({ description: "Id of a member." }) }).meta({ id: "OrganizationTransfer" }),
    status: 204,
    errors: ["not_found", "conflict"],
    handle: ({ env, actor, body }) => transfer(env, actor, body.user),
  }),
];
