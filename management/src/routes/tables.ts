/** Tables of databases over HTTP. */
import * as z from "zod";

import { listColumns, listTables } from "../domain/tables.ts";
import { route } from "../route.ts";

const table = z
  .object({ name: z.string(), kind: z.enum(["table", "view", "virtual", "shadow"]) })
  .meta({ id: "DatabaseTable" });

const column = z
  .object({
    name: z.string(),
    type: z.string().meta({ description: "As it was declared; empty where it was not." }),
    nullable: z.boolean(),
    default: z.string().nullable().meta({ description: "SQL text." }),
    primary_key: z.int().meta({ description: "Place in the primary key, from 1; 0 where it is no part of it." }),
  })
  .meta({ id: "DatabaseColumn" });

const errors = ["sql_error", "not_found", "too_large", "unavailable"] as const;

export const tableRoutes = [
  route({
    id: "listTables",
    access: "databases:read",
    method: "get",
    path: "/api/v1/databases/:database/tables",
    summary: "Lists the tables and views of a database",
    answer: z.object({ items: z.array(table) }).meta({ id: "DatabaseTables" }),
    errors,
    handle: async ({ env, actor, params }) => ({ items: await listTables(env, actor, params.database) }),
  }),
  route({
    id: "listColumns",
    access: "databases:read",
    method: "get",
    path: "/api/v1/databases/:database/tables/:table/columns",
    summary: "Lists the columns of a table or view",
    answer: z.object({ items: z.array(column) }).meta({ id: "DatabaseColumns" }),
    errors,
    handle: async ({ env, actor, params }) => ({ items: await listColumns(env, actor, params.database, params.table) }),
  }),
];
