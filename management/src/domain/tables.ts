/** What is in a database: its tables and views, and their columns. */
import type { Actor } from "../actor.ts";
import type { Env, SqlValue } from "../env.ts";
import { notFound } from "../errors.ts";
import { execute } from "./databases.ts";

export interface Table {
  name: string;
  kind: "table" | "view" | "virtual" | "shadow";
}

export interface Column {
  name: string;
  /** As it was declared; empty where it was not. */
  type: string;
  nullable: boolean;
  /** SQL text. */
  default: string | null;
  /** Place in the primary key, from 1; 0 where it is no part of it. */
  primary_key: number;
}

/** Without SQLite's own. */
export async function listTables(env: Env, actor: Actor, database: string): Promise<Table[]> {
  const sql = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
  const { rows } = await execute(env, actor, database, sql, []);
  return rows.map(([name, kind]) => ({ name: String(name), kind: kind as Table["kind"] }));
}

/** In the order of the table. */
export async function listColumns(env: Env, actor: Actor, database: string, table: string): Promise<Column[]> {
  const sql = `SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?1) ORDER BY cid`;
  const { rows } = await execute(env, actor, database, sql, [table]);
  if (rows.length === 0) throw notFound("table", table);
  return rows.map(columnOf);
}

function columnOf([name, type, notNull, value, primaryKey]: SqlValue[]): Column {
  return {
    name: String(name),
    type: String(type),
    nullable: Number(notNull) === 0,
    default: value == null ? null : String(value),
    primary_key: Number(primaryKey),
  };
}
