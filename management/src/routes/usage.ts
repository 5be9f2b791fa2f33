/** Usage over HTTP. */
import * as z from "zod";

import { dayOf, startOfDay } from "../domain/quotas.ts";
import { ownerOf } from "../domain/workers.ts";
import { invalidField } from "../errors.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/usage.ts";
import { reference, timeOf } from "./fields.ts";

/** Days that are shown where it is not said from when. */
const DAYS = 30;

const date = z.string().meta({ id: "Day", format: "date", description: "In UTC." });

const usage = z
  .object({
    day: date,
    worker_id: z.string(),
    worker: z.string().nullable().meta({ description: "Name; `null` of one that was deleted." }),
    requests: z.int(),
    errors: z.int(),
    cpu_us: z.int().meta({ description: "CPU time." }),
  })
  .meta({ id: "Usage" });

const dayQuery = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, "expected a day such as `2030-01-31`")
  .refine((text) => !Number.isNaN(Date.parse(text)), "no such day")
  .transform((text) => dayOf(Date.parse(text)))
  .optional();

function usageOf({ day, worker_id, worker_name, requests, errors, cpu_us }: store.UsageRow): z.input<typeof usage> {
  return { day: timeOf(startOfDay(day)).slice(0, 10), worker_id, worker: worker_name, requests, errors, cpu_us };
}

export const usageRoutes = [
  route({
    id: "listUsage",
    access: "usage:read",
    method: "get",
    path: "/api/v1/usage",
    summary: "Lists what workers used, by day and worker, the newest day first",
    query: z.strictObject({ ...pageQuery, from: dayQuery, to: dayQuery, worker: reference.optional() }),
    answer: pageOf(usage).meta({ id: "UsagePage" }),
    async handle({ env, actor, query }) {
      const { to = dayOf(Date.now()), worker = null } = query;
      const { from = to - DAYS + 1 } = query;
      if (from > to) throw invalidField("from", "is after `to`");
      const page = pageRequest(query);
      const rows = await store.list(env.DB, ownerOf(actor), { from, to, worker }, page);
      return toPage(rows, page, (row) => ({ key: row.day, id: row.worker_id }), usageOf);
    },
  }),
];
