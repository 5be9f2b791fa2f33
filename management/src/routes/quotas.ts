/** Quotas over HTTP. */
import * as z from "zod";

import { getOrganization } from "../domain/organizations.ts";
import { overrideQuotas, QUOTAS, quotasOf, resetQuotas, type QuotaState } from "../domain/quotas.ts";
import type { Env } from "../env.ts";
import { route } from "../route.ts";
import { time, timeOrNull } from "./fields.ts";

const quota = z.object({
  limit: z.number().nullable().meta({ description: "`null`: none." }),
  used: z.number().nullable().meta({ description: "`null`: it is not counted by this API." }),
  resets_at: time.nullable().meta({ description: "Of what is counted by the day, in UTC." }),
  overridden: z.boolean().meta({ description: "Whether the operator set the limit for this organization." }),
});

const byName = <Value extends z.ZodType>(value: Value): Record<(typeof QUOTAS)[number], Value> =>
  Object.fromEntries(QUOTAS.map((name) => [name, value])) as Record<(typeof QUOTAS)[number], Value>;

const quotas = z.object(byName(quota)).meta({ id: "Quotas" });

const maximum = z.int().min(0).nullable().optional();

function quotaOf({ limit, used, resetsAt, isOverridden }: QuotaState): z.input<typeof quota> {
  return { limit, used, resets_at: timeOrNull(resetsAt), overridden: isOverridden };
}

async function answer(env: Env, organizationId: string): Promise<z.input<typeof quotas>> {
  const states = await quotasOf(env, organizationId);
  return Object.fromEntries(QUOTAS.map((name) => [name, quotaOf(states[name])])) as z.input<typeof quotas>;
}

const adminPath = "/api/v1/admin/organizations/:organization/quotas";

export const quotaRoutes = [
  route({
    id: "getQuotas",
    access: "organization:read",
    method: "get",
    path: "/api/v1/organizations/:organization/quotas",
    summary: "Shows what the organization may have at most, and what it has",
    answer: quotas,
    errors: ["not_found"],
    handle: ({ env, actor }) => answer(env, actor.organization.id),
  }),
  route({
    id: "overrideQuotas",
    access: "operator",
    method: "put",
    path: adminPath,
    summary: "Sets the quotas given for one organization; `null` is no limit",
    body: z.strictObject(byName(maximum)).meta({ id: "QuotaOverrides" }),
    answer: quotas,
    errors: ["not_found"],
    async handle({ env, actor, params, body }) {
      const organization = await getOrganization(env, params.organization);
      await overrideQuotas(env, actor, organization, body);
      return answer(env, organization.id);
    },
  }),
  route({
    id: "resetQuotas",
    access: "operator",
    method: "delete",
    path: adminPath,
    summary: "Takes back what was set for the organization: the configuration's quotas hold again",
    status: 204,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => resetQuotas(env, actor, await getOrganization(env, params.organization)),
  }),
];
