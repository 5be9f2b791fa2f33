/** Databases over HTTP. */
import * as z from "zod";

import { createDatabase, deleteDatabase, execute, getDatabase, type Database } from "../domain/databases.ts";
import type { SqlValue } from "../env.ts";
import { pageOf, pageQuery, pageRequest, toPage } from "../page.ts";
import { route } from "../route.ts";
import * as store from "../store/databases.ts";
import { resourceName, time, timeOf } from "./fields.ts";

const database = z.object({ id: z.string(), name: z.string(), created_at: time }).meta({ id: "Database" });

function databaseOf({ id, name, created_at }: Database): z.input<typeof database> {
  return { id, name, created_at: timeOf(created_at) };
}

const param = z
  .union([
    z.null(),
    z.string(),
    z.number(),
    z.boolean(),
    z.array(z.int().min(0).max(255)).transform((bytes) => Uint8Array.from(bytes)),
  ])
  .meta({ id: "SqlParam", description: "An array of numbers from 0 to 255 is a blob; `true` and `false` are 1 and 0." });

const result = z
  .object({
    columns: z.array(z.string()),
    rows: z
      .array(z.array(z.unknown()))
      .meta({ description: "A blob is an array of numbers; an integer that a JSON number cannot hold exactly is text." }),
    row_count: z.int(),
    meta: z.object({
      duration_ms: z.number(),
      changes: z.int(),
      last_row_id: z.int(),
      changed_db: z.boolean(),
      size_after_bytes: z.int(),
      rows_read: z.int(),
      rows_written: z.int(),
    }),
  })
  .meta({ id: "SqlResult" });

function shownValue(value: SqlValue): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? Array.from(value) : value;
}

function resultOf({ columns, rows, meta }: Awaited<ReturnType<typeof execute>>): z.input<typeof result> {
  return {
    columns,
    rows: rows.map((row) => row.map(shownValue)),
    row_count: rows.length,
    meta: {
      duration_ms: meta.duration,
      changes: meta.changes,
      last_row_id: meta.last_row_id,
      changed_db: meta.changed_db,
      size_after_bytes: meta.size_after,
      rows_read: meta.rows_read,
      rows_written: meta.rows_written,
    },
  };
}

export const databaseRoutes = [
  route({
    id: "listDatabases",
    access: "databases:read",
    method: "get",
    path: "/api/v1/databases",
    summary: "Lists databases, newest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(database).meta({ id: "DatabasePage" }),
    async handle({ env, actor, query }) {
      const page = pageRequest(query);
      const rows = await store.list(env.DB, actor.organization.id, page);
      return toPage(rows, page, (row) => ({ key: row.created_at, id: row.id }), databaseOf);
    },
  }),
  route({
    id: "createDatabase",
    access: "databases:write",
    method: "post",
    path: "/api/v1/databases",
    summary: "Creates an empty database",
    body: z.strictObject({ name: resourceName }).meta({ id: "DatabaseCreate" }),
    status: 201,
    answer: database,
    errors: ["quota_exceeded", "conflict", "unavailable"],
    handle: async ({ env, actor, body }) => databaseOf(await createDatabase(env, actor, body.name)),
  }),
  route({
    id: "getDatabase",
    access: "databases:read",
    method: "get",
    path: "/api/v1/databases/:database",
    summary: "Shows a database",
    answer: database,
    errors: ["not_found"],
    handle: async ({ env, actor, params }) => databaseOf(await getDatabase(env, actor, params.database)),
  }),
  route({
    id: "deleteDatabase",
    access: "databases:write",
    method: "delete",
    path: "/api/v1/databases/:database",
    summary: "Deletes a database with all that is in it",
    status: 204,
    errors: ["not_found", "conflict", "unavailable"],
    handle: ({ env, actor, params }) => deleteDatabase(env, actor, params.database),
  }),
  route({
    id: "execDatabase",
    access: "databases:write",
    method: "post",
    path: "/api/v1/databases/:database/exec",
    summary: "Runs one SQL statement",
    body: z
      .strictObject({ sql: z.string().min(1).max(100_000), params: z.array(param).max(1000).default([]) })
      .meta({ id: "SqlStatement" }),
    answer: result,
    errors: ["sql_error", "not_found", "too_large", "unavailable"],
    handle: async ({ env, actor, params, body }) => resultOf(await execute(env, actor, params.database, body.sql, body.params)),
  }),
];
