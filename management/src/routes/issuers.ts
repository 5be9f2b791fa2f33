/** Issuers over HTTP. */
import * as z from "zod";

import { addIssuer, isIssuer, removeIssuer, type Issuer } from "../domain/issuers.ts";
import { route } from "../route.ts";
import * as store from "../store/issuers.ts";
import { label, time, timeOf } from "./fields.ts";

const issuerUrl = z
  .string()
  .max(500)
  .refine(isIssuer, "expected an https URL without user info, query and fragment")
  .meta({ id: "IssuerUrl", description: "`iss` of the tokens, character by character." });

const issuer = z
  .object({ issuer: z.string(), audience: z.string().meta({ description: "`aud` of the tokens." }), created_at: time })
  .meta({ id: "Issuer" });

function issuerOf(row: Issuer): z.input<typeof issuer> {
  return { issuer: row.issuer, audience: row.audience, created_at: timeOf(row.created_at) };
}

const path = "/api/v1/organizations/:organization/issuers";

export const issuerRoutes = [
  route({
    id: "listIssuers",
    access: "organization:read",
    method: "get",
    path,
    summary: "Lists the issuers whose tokens the organization's workers accept",
    answer: z.object({ items: z.array(issuer) }).meta({ id: "Issuers" }),
    errors: ["not_found"],
    handle: async ({ env, actor }) => ({ items: (await store.list(env.DB, actor.organization.id)).map(issuerOf) }),
  }),
  route({
    id: "createIssuer",
    access: "organization:write",
    method: "post",
    path,
    summary: "Lets an issuer's users call the workers whose `auth` is `user`",
    body: z.strictObject({ issuer: issuerUrl, audience: label }).meta({ id: "IssuerCreate" }),
    status: 201,
    answer: issuer,
    errors: ["not_found", "quota_exceeded", "conflict"],
    handle: async ({ env, actor, body }) => issuerOf(await addIssuer(env, actor, body.issuer, body.audience)),
  }),
  route({
    id: "deleteIssuer",
    access: "organization:write",
    method: "delete",
    path,
    summary: "Accepts tokens of the issuer that `?issuer=` names no longer",
    query: z.strictObject({ issuer: z.string().min(1).max(500) }),
    status: 204,
    errors: ["not_found"],
    handle: ({ env, actor, query }) => removeIssuer(env, actor, query.issuer),
  }),
];
