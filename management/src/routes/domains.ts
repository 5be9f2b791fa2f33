/** Custom domains over HTTP. */
import * as z from "zod";

import { challengeOf, createDomain, deleteDomain, getDomain, verifyDomain, type Domain } from "../domain/domains.ts";
import { DOMAIN_NAME, DOMAIN_NAME_RULE } from "../domain/names.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/domains.ts";
import { reference, time, timeOf } from "./fields.ts";

const domain = z
  .object({
    name: z.string(),
    worker: z.string().meta({ description: "Name of the worker whose live version it serves." }),
    worker_id: z.string(),
    verified: z.boolean().meta({ description: "Until then it serves nothing." }),
    challenge: z
      .object({ type: z.literal("TXT"), name: z.string(), value: z.string() })
      .meta({ description: "The DNS record that proves whose it is." }),
    verified_at: time.nullable(),
    created_at: time,
  })
  .meta({ id: "Domain" });

function domainOf(row: Domain): z.input<typeof domain> {
  const { name, worker_name, worker_id, token, verified_at } = row;
  return {
    name,
    worker: worker_name,
    worker_id,
    verified: verified_at !== null,
    challenge: { type: "TXT", name: challengeOf(name), value: token },
    verified_at: verified_at === null ? null : timeOf(verified_at),
    created_at: timeOf(row.created_at),
  };
}

export const domainRoutes = [
  route({
    id: "listDomains",
    access: "domains:read",
    method: "get",
    path: "/api/v1/domains",
    summary: "Lists the custom domains, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(domain).meta({ id: "DomainPage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, actor.organization.id, page);
      return toPage(rows, page, (row) => ({ key: row.sequence, id: row.worker_id }), domainOf);
    },
  }),
  route({
    id: "createDomain",
    access: "domains:write",
    method: "post",
    path: "/api/v1/domains",
    summary: "Claims a domain for a worker",
    body: z
      .strictObject({
        name: z.string().max(253).toLowerCase().regex(DOMAIN_NAME, DOMAIN_NAME_RULE),
        worker: reference.meta({ description: "Id or name." }),
      })
      .meta({ id: "DomainCreate" }),
    status: 201,
    answer: domain,
    errors: ["not_found", "conflict", "unavailable"],
    handle: async ({ env, actor, body }) => domainOf(await createDomain(env, actor, body.name, body.worker)),
  }),
  route({
    id: "getDomain",
    access: "domains:read",
    method: "get",
    path: "/api/v1/domains/:domain",
    summary: "Shows a custom domain",
    answer: domain,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => domainOf(await getDomain(env, actor, params.domain)),
  }),
  route({
    id: "verifyDomain",
    access: "domains:write",
    method: "post",
    path: "/api/v1/domains/:domain/verify",
    summary: "Looks for the DNS record, and serves the domain where it is there",
    answer: domain,
    errors: ["not_found", "conflict", "unprocessable", "unavailable"],
    handle: async ({ env, actor, params }) => domainOf(await verifyDomain(env, actor, params.domain)),
  }),
  route({
    id: "deleteDomain",
    access: "domains:write",
    method: "delete",
    path: "/api/v1/domains/:domain",
    summary: "Gives a custom domain up",
    status: 204,
    errors: ["not_found", "unavailable"],
    handle: ({ env, actor, params }) => deleteDomain(env, actor, params.domain),
  }),
];
