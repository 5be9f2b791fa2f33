/** Rules of databases. What is listed is whole: contents are made before the row, and deleted before it. */
import type { Actor } from "../actor.ts";
import type { CustomerDatabase, Env } from "../env.ts";
import { ApiError, conflict, hostCode, isUniqueViolation, messageOf, notFound, refuseInUse } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as store from "../store/databases.ts";
import { withinQuota } from "./quotas.ts";

export type Database = store.DatabaseRow;

export async function getDatabase(env: Env, actor: Actor, database: string): Promise<Database> {
  const row = await store.find(env.DB, actor.organization.id, database);
  if (row === null) throw notFound("database", database);
  return row;
}

export async function createDatabase(env: Env, actor: Actor, name: string): Promise<Database> {
  const taken = conflict(`a database \`${name}\` is there already`);
  if ((await store.find(env.DB, actor.organization.id, name)) !== null) throw taken;
  const row = { id: newId("db_"), organization_id: actor.organization.id, name, created_at: Date.now() };
  await env.DATABASES.create(row.id);
  try {
    const entry = audit.entry(env.DB, actor, { action: "database.create", subject: row, after: { name } });
    await withinQuota(env, row.organization_id, "databases", (guards) => store.insert(env.DB, row, entry, guards));
  } catch (error) {
    await env.DATABASES.delete(row.id);
    throw isUniqueViolation(error) ? taken : error;
  }
  return row;
}

export async function deleteDatabase(env: Env, actor: Actor, database: string): Promise<void> {
  const { id, name } = await getDatabase(env, actor, database);
  const what = `database \`${name}\``;
  refuseInUse(what, "the live version of worker", await store.usedByWorkers(env.DB, id));
  refuseInUse(what, "environment", await store.usedByEnvironments(env.DB, id));
  await env.DATABASES.delete(id);
  const entry = audit.entry(env.DB, actor, { action: "database.delete", subject: { id, name }, before: { name } });
  await store.remove(env.DB, id, entry);
}

export type Param = null | number | string | boolean | Uint8Array;

/** Runs one statement. */
export async function execute(
  env: Env,
  actor: Actor,
  database: string,
  sql: string,
  params: readonly Param[],
): ReturnType<CustomerDatabase["query"]> {
  const { id } = await getDatabase(env, actor, database);
  try {
    return await env.DATABASES.open(id).query(sql, params);
  } catch (error) {
    const message = withoutD1(messageOf(error));
    switch (hostCode(error)) {
      case "sql":
      case "constraint":
        throw new ApiError("sql_error", message);
      case "limit":
        throw new ApiError("too_large", message);
      case "timeout":
      case "unavailable":
        throw new ApiError("unavailable", message);
      default:
        throw error;
    }
  }
}

/** The D1 client wraps what the database says: `D1_ERROR: no such table: t: SQLITE_ERROR`. */
function withoutD1(message: string): string {
  return message.replace(/^D1_\w*ERROR: /, "").replace(/: SQLITE_[A-Z_]+$/, "");
}
