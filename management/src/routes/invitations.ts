/** Invitations over HTTP. */
import * as z from "zod";

import { acceptInvitation, createInvitation, deleteInvitation, type Invitation } from "../domain/invitations.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/invitations.ts";
import { time, timeOf, timeOrNull } from "./fields.ts";
import { organization, organizationOf } from "./organizations.ts";
import { email } from "./sign-in.ts";

const role = z.enum(["admin", "member", "viewer"]);

const fields = {
  id: z.string(),
  email: z.string().nullable().meta({ description: "`null`: it is for whoever has the link." }),
  role,
  invited_by: z.string().nullable(),
  created_at: time,
  expires_at: time,
  accepted_by: z.string().nullable(),
  accepted_at: time.nullable(),
};

const invitation = z.object(fields).meta({ id: "Invitation" });

const createdInvitation = z
  .object({
    ...fields,
    token: z.string().meta({ description: "Shown in this answer alone." }),
    url: z.string(),
    mailed: z.boolean().meta({ description: "Whether the link was mailed, too." }),
  })
  .meta({ id: "InvitationCreated" });

function invitationOf(row: Invitation): z.input<typeof invitation> {
  const { id, email, role, invited_by, accepted_by } = row;
  return {
    id,
    email,
    role,
    invited_by,
    created_at: timeOf(row.created_at),
    expires_at: timeOf(row.expires_at),
    accepted_by,
    accepted_at: timeOrNull(row.accepted_at),
  };
}

export const invitationRoutes = [
  route({
    id: "listInvitations",
    access: "members:write",
    method: "get",
    path: "/api/v1/organizations/:organization/invitations",
    summary: "Lists invitations, newest first, without their tokens",
    query: z.strictObject(pageQuery),
    answer: pageOf(invitation).meta({ id: "InvitationPage" }),
    errors: ["not_found"],
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, actor.organization.id, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), invitationOf);
    },
  }),
  route({
    id: "createInvitation",
    access: "members:write",
    method: "post",
    path: "/api/v1/organizations/:organization/invitations",
    summary: "Makes a link that is good once and for a week, and mails it where mail is configured",
    body: z.strictObject({ email: email.optional(), role }).meta({ id: "InvitationCreate" }),
    status: 201,
    answer: createdInvitation,
    errors: ["not_found", "quota_exceeded"],
    async handle({ env, actor, body }) {
      const { row, token, url, isMailed } = await createInvitation(env, actor, body.email ?? null, body.role);
      return { ...invitationOf(row), token, url, mailed: isMailed };
    },
  }),
  route({
    id: "deleteInvitation",
    access: "members:write",
    method: "delete",
    path: "/api/v1/organizations/:organization/invitations/:invitation",
    summary: "Takes an invitation back",
    status: 204,
    errors: ["not_found"],
    handle: ({ env, actor, params }) => deleteInvitation(env, actor, params.invitation),
  }),
  route({
    id: "acceptInvitation",
    access: "user",
    method: "post",
    path: "/api/v1/invitations/accept",
    summary: "Makes the user a member, with the role of the invitation or the higher one that they have",
    body: z.strictObject({ token: z.string().min(1).max(200) }).meta({ id: "InvitationAccept" }),
    answer: organization,
    errors: ["not_found", "quota_exceeded"],
    handle: async ({ env, actor, body }) => organizationOf(await acceptInvitation(env, actor, body.token)),
  }),
];
