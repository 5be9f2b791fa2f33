/** Rules of environments. Secrets are sealed on the way in, and never leave. */
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { conflict, invalidField, isForeignKeyViolation, isUniqueViolation, notFound, refuseInUse } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as databases from "../store/databases.ts";
import * as store from "../store/environments.ts";
import * as workers from "../store/workers.ts";
import { withinQuota } from "./quotas.ts";
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

async function findRow(env: Env, actor: Actor, environment: string): Promise<store.EnvironmentRow> {
  const row = await store.find(env.DB, actor.organization.id, environment);
  if (row === null) throw notFound("environment", environment);
  return row;
}

export async function getEnvironment(env: Env, actor: Actor, environment: string): Promise<Environment> {
  const row = await findRow(env, actor, environment);
  return { ...row, values: await store.valuesOf(env.DB, [row.id]) };
}

export async function createEnvironment(env: Env, actor: Actor, fields: EnvironmentFields & { name: string }): Promise<Environment> {
  const id = newId("env_");
  const { name, description = "" } = fields;
  const values = await toChanges(env, actor, fields.values ?? {});
  const row = { id, organizationId: actor.organization.id, name, description, values, now: Date.now() };
  const entry = audit.entry(env.DB, actor, { action: "environment.create", subject: row, after: { name, description, ...shown(values) } });
  await orConflict(name, withinQuota(env, row.organizationId, "environments", (guards) => store.insert(env.DB, row, entry, guards)));
  return getEnvironment(env, actor, id);
}

/** The workers attached to it get the new values with their next request. */
export async function updateEnvironment(env: Env, actor: Actor, environment: string, fields: EnvironmentFields): Promise<Environment> {
  const before = await findRow(env, actor, environment);
  const { name = null, description = null } = fields;
  const values = await toChanges(env, actor, fields.values ?? {});
  const change = { id: before.id, name, description, values, now: Date.now() };
  await orConflict(name ?? before.name, store.update(env.DB, change, updated(env, actor, before, change)));
  const attached = await workers.attachedTo(env.DB, before.id);
  if (attached.length > 0 && Object.keys(values).length > 0) {
    const [only] = attached.length === 1 ? attached : [];
    await reload(env, only?.id ?? null, `the environment \`${name ?? before.name}\` is changed in the store`);
  }
  return getEnvironment(env, actor, before.id);
}

export async function deleteEnvironment(env: Env, actor: Actor, environment: string): Promise<void> {
  const { id, name } = await findRow(env, actor, environment);
  try {
    await store.remove(env.DB, id, audit.entry(env.DB, actor, { action: "environment.delete", subject: { id, name }, before: { name } }));
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    const attached = await workers.attachedTo(env.DB, id);
    refuseInUse(`environment \`${name}\``, "worker", attached.map((worker) => worker.name));
    throw error;
  }
}

function updated(env: Env, actor: Actor, before: store.EnvironmentRow, change: store.EnvironmentChange): Statement {
  const fields = audit.difference(before, { name: change.name, description: change.description });
  const after = { ...fields.after, ...shown(change.values) };
  return audit.entry(env.DB, actor, { action: "environment.update", subject: before, before: fields.before, after });
}

/** Names of the values that are set and deleted, in the audit log: what they hold may be secret. */
function shown(values: store.ValueChanges): audit.Fields {
  const names = (isSet: boolean): string[] => Object.keys(values).filter((name) => (values[name] !== null) === isSet);
  return { values_set: names(true), values_deleted: names(false) };
}

async function toChanges(env: Env, actor: Actor, values: Record<string, Value | null>): Promise<store.ValueChanges> {
  const changes: Record<string, store.ValueChange> = {};
  for (const [name, value] of Object.entries(values)) {
    changes[name] = value === null ? null : { kind: value.kind, value: await stored(env, actor, name, value) };
  }
  return changes;
}

async function stored(env: Env, actor: Actor, name: string, value: Value): Promise<string> {
  switch (value.kind) {
    case "var":
      return JSON.stringify(value.value);
    case "secret":
      return env.SECRETS.seal(value.value);
    case "database": {
      const row = await databases.find(env.DB, actor.organization.id, value.value);
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
