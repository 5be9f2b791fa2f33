/** Rules of environments. Secrets are sealed on the way in, and never leave. */
import type { Env } from "../env.ts";
import { conflict, invalidField, isForeignKeyViolation, isUniqueViolation, notFound, refuseInUse } from "../errors.ts";
import { newId } from "../id.ts";
import * as databases from "../store/databases.ts";
import * as store from "../store/environments.ts";
import * as workers from "../store/workers.ts";
import { reload } from "./routing.ts";

export interface Environment extends store.EnvironmentRow {
  values: store.ValueRow[];
}

export type Value = { kind: "var"; value: unknown } | { kind: "secret"; value: string } | { kind: "database"; value: string };

export interface EnvironmentFields {
  name?: string | undefined;
  description?: string | undefined;
  /** `null` deletes. */
  values?: Record<string, Value | null> | undefined;
}

export async function withValues(env: Env, rows: readonly store.EnvironmentRow[]): Promise<Environment[]> {
  const values = await store.valuesOf(env.DB, rows.map((row) => row.id));
  return rows.map((row) => ({ ...row, values: values.filter((value) => value.environment_id === row.id) }));
}

async function findRow(env: Env, environment: string): Promise<store.EnvironmentRow> {
  const row = await store.find(env.DB, environment);
  if (row === null) throw notFound("environment", environment);
  return row;
}

export async function getEnvironment(env: Env, environment: string): Promise<Environment> {
  const row = await findRow(env, environment);
  return { ...row, values: await store.valuesOf(env.DB, [row.id]) };
}

export async function createEnvironment(env: Env, fields: EnvironmentFields & { name: string }): Promise<Environment> {
  const id = newId("env_");
  const { name, description = "" } = fields;
  const values = await toChanges(env, fields.values ?? {});
  await orConflict(name, store.insert(env.DB, { id, name, description, values, now: Date.now() }));
  return getEnvironment(env, id);
}

/** The workers attached to it get the new values with their next request. */
export async function updateEnvironment(env: Env, environment: string, fields: EnvironmentFields): Promise<Environment> {
  const before = await findRow(env, environment);
  const { name = null, description = null } = fields;
  const values = await toChanges(env, fields.values ?? {});
  await orConflict(name ?? before.name, store.update(env.DB, { id: before.id, name, description, values, now: Date.now() }));
  const attached = await workers.attachedTo(env.DB, before.id);
  if (attached.length > 0 && Object.keys(values).length > 0) {
    const [only] = attached.length === 1 ? attached : [];
    await reload(env, only?.id ?? null, `the environment \`${name ?? before.name}\` is changed in the store`);
  }
  return getEnvironment(env, before.id);
}

export async function deleteEnvironment(env: Env, environment: string): Promise<void> {
  const { id, name } = await findRow(env, environment);
  try {
    await store.remove(env.DB, id);
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    const attached = await workers.attachedTo(env.DB, id);
    refuseInUse(`environment \`${name}\``, "worker", attached.map((worker) => worker.name));
    throw error;
  }
}

async function toChanges(env: Env, values: Record<string, Value | null>): Promise<store.ValueChanges> {
  const changes: Record<string, store.ValueChange> = {};
  for (const [name, value] of Object.entries(values)) {
    changes[name] = value === null ? null : { kind: value.kind, value: await stored(env, name, value) };
  }
  return changes;
}

async function stored(env: Env, name: string, value: Value): Promise<string> {
  switch (value.kind) {
    case "var":
      return JSON.stringify(value.value);
    case "secret":
      return env.SECRETS.seal(value.value);
    case "database": {
      const row = await databases.find(env.DB, value.value);
      if (row === null) throw invalidField(`values.${name}.value`, `no database \`${value.value}\``);
      return row.id;
    }
  }
}

async function orConflict(name: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict(`an environment \`${name}\` is there already`);
    if (isForeignKeyViolation(error)) throw conflict("the environment was deleted meanwhile");
    throw error;
  }
}
