/** Rules of workers. */
import type { Env } from "../env.ts";
import { conflict, invalidField, isForeignKeyViolation, isUniqueViolation, notFound, refuseInUse } from "../errors.ts";
import { newId } from "../id.ts";
import * as environments from "../store/environments.ts";
import * as store from "../store/workers.ts";
import { MANAGEMENT, RESERVED } from "./names.ts";
import { reload } from "./routing.ts";

export type Worker = store.WorkerRow;

export async function getWorker(env: Env, worker: string): Promise<Worker> {
  const row = await store.find(env.DB, worker);
  if (row === null) throw notFound("worker", worker);
  return row;
}

export interface WorkerFields {
  name?: string | undefined;
  description?: string | undefined;
  /** Id or name; `null` detaches. */
  environment?: string | null | undefined;
}

export async function createWorker(env: Env, fields: WorkerFields & { name: string }): Promise<Worker> {
  checkNotReserved(fields.name);
  const id = newId("wrk_");
  const environmentId = await environmentIdOf(env, fields.environment ?? null);
  const { name, description = "" } = fields;
  await orConflict(name, store.insert(env.DB, { id, name, description, environmentId, now: Date.now() }));
  return getWorker(env, id);
}

export async function updateWorker(env: Env, worker: string, fields: WorkerFields): Promise<Worker> {
  const before = await getWorker(env, worker);
  const { name = null, description = null, environment } = fields;
  if (name !== null && name !== before.name) checkRename(before.name, name);
  if (before.name === MANAGEMENT && environment != null) {
    throw conflict(`the worker \`${MANAGEMENT}\` cannot be attached to an environment`);
  }
  const environmentId = environment === undefined ? undefined : await environmentIdOf(env, environment);
  const change = { id: before.id, name, description, environmentId, now: Date.now() };
  await orConflict(name ?? before.name, store.update(env.DB, change));
  const after = await getWorker(env, before.id);
  if (after.name !== before.name || after.environment_id !== before.environment_id) {
    await reload(env, before.id, `the worker \`${after.name}\` is changed in the store`);
  }
  return after;
}

function checkRename(from: string, to: string): void {
  if (from === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` cannot be renamed`);
  checkNotReserved(to);
}

function checkNotReserved(name: string): void {
  if (RESERVED.has(name)) throw conflict(`the worker name \`${name}\` is reserved`);
}

export async function deleteWorker(env: Env, worker: string): Promise<void> {
  const { id, name } = await getWorker(env, worker);
  if (name === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` cannot be deleted`);
  refuseInUse(`worker \`${name}\``, "the live version of worker", await store.calledBy(env.DB, id));
  await store.remove(env.DB, id);
  await reload(env, id, `the worker \`${name}\` is deleted in the store`);
}

async function environmentIdOf(env: Env, environment: string | null): Promise<string | null> {
  if (environment === null) return null;
  const row = await environments.find(env.DB, environment);
  if (row === null) throw invalidField("environment", `no environment \`${environment}\``);
  return row.id;
}

/** The store decides who is first, so two requests at once cannot both have a name. */
async function orConflict(name: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict(`a worker \`${name}\` is there already`);
    if (isForeignKeyViolation(error)) throw conflict("the environment was deleted meanwhile");
    throw error;
  }
}
