/** The audit log over HTTP. It is read here, and written with each change; nothing changes it. */
import * as z from "zod";

import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/audit.ts";
import { time, timeOf } from "./fields.ts";

const changed = z.record(z.string(), z.unknown()).nullable();

const entry = z
  .object({
    id: z.string(),
    action: z.string().meta({ description: "A thing and a verb, such as `worker.create`." }),
    actor: z.object({ kind: z.string(), id: z.string() }),
    subject: z.object({ id: z.string(), name: z.string() }),
    before: changed.meta({ description: "Fields that changed, as they were; never a secret." }),
    after: changed,
    address: z.string(),
    request_id: z.string(),
    created_at: time,
  })
  .meta({ id: "AuditEntry" });

function entryOf(row: store.EntryRow): z.input<typeof entry> {
  const { id, action, address, request_id } = row;
  return {
    id,
    action,
    actor: { kind: row.actor_kind, id: row.actor_id },
    subject: { id: row.subject_id, name: row.subject_name },
    before: fieldsOf(row.before),
    after: fieldsOf(row.after),
    address,
    request_id,
    created_at: timeOf(row.created_at),
  };
}

function fieldsOf(json: string | null): Record<string, unknown> | null {
  return json === null ? null : (JSON.parse(json) as Record<string, unknown>);
}

export const auditRoutes = [
  route({
    id: "listAuditEntries",
    access: "audit:read",
    method: "get",
    path: "/api/v1/organizations/:organization/audit",
    summary: "Lists the changes in an organization, newest first",
    query: z.strictObject({
      ...pageQuery,
      action: z.string().min(1).max(100).optional(),
      actor: z.string().min(1).max(100).optional().meta({ description: "Id of who made it." }),
    }),
    answer: pageOf(entry).meta({ id: "AuditPage" }),
    errors: ["not_found"],
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const filter = { action: query.action ?? null, actor: query.actor ?? null };
      const rows = await store.list(env.DB, actor.organization.id, filter, page);
      return toPage(rows, page, (row) => ({ key: row.sequence, id: row.id }), entryOf);
    },
  }),
];
