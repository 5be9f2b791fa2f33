/** Rules of workers. */
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { conflict, invalidField, isForeignKeyViolation, isUniqueViolation, notFound, refuseInUse } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as environments from "../store/environments.ts";
import * as store from "../store/workers.ts";
import { MANAGEMENT, RESERVED } from "./names.ts";
import { withinQuota } from "./quotas.ts";
import { reload } from "./routing.ts";

export type Worker = store.WorkerRow;

export function ownerOf(actor: Actor): store.Owner {
  return { organizationId: actor.organization.id, isOperator: actor.isOperator };
}

export async function getWorker(env: Env, actor: Actor, worker: string): Promise<Worker> {
  const row = await store.find(env.DB, ownerOf(actor), worker);
  if (row === null) throw notFound("worker", worker);
  return row;
}

export interface WorkerFields {
  name?: string | undefined;
  description?: string | undefined;
  /** Id or name; `null` detaches. */
  environment?: string | null | undefined;
  auth?: store.Auth | undefined;
}

export async function createWorker(env: Env, actor: Actor, fields: WorkerFields & { name: string }): Promise<Worker> {
  checkNotReserved(fields.name);
  const id = newId("wrk_");
  const environmentId = await environmentIdOf(env, actor, fields.environment ?? null);
  const { name, description = "", auth = "public" } = fields;
  const worker = { id, organizationId: actor.organization.id, name, description, environmentId, auth, now: Date.now() };
  const after = { name, description, environment_id: environmentId, auth };
  const entry = audit.entry(env.DB, actor, { action: "worker.create", subject: worker, after });
  await orConflict(name, withinQuota(env, actor.organization.id, "workers", (guards) => store.insert(env.DB, worker, entry, guards)));
  return getWorker(env, actor, id);
}

export async function updateWorker(env: Env, actor: Actor, worker: string, fields: WorkerFields): Promise<Worker> {
  const before = await getWorker(env, actor, worker);
  const { name = null, description = null, auth = null, environment } = fields;
  if (name !== null && name !== before.name) checkRename(before.name, name);
  if (before.name === MANAGEMENT) refuseOfManagement(fields);
  const environmentId = environment === undefined ? undefined : await environmentIdOf(env, actor, environment);
  const change = { id: before.id, name, description, environmentId, auth, now: Date.now() };
  await orConflict(name ?? before.name, store.update(env.DB, change, updated(env, actor, before, change)));
  const after = await getWorker(env, actor, before.id);
  const isRouted = after.name !== before.name || after.environment_id !== before.environment_id || after.auth !== before.auth;
  if (isRouted) {
    await reload(env, before.id, `the worker \`${after.name}\` is changed in the store`);
  }
  return after;
}

/** It answers everybody itself, and has its values from the host. */
function refuseOfManagement({ environment, auth }: WorkerFields): void {
  if (environment != null) throw conflict(`the worker \`${MANAGEMENT}\` cannot be attached to an environment`);
  if (auth !== undefined && auth !== "public") throw conflict(`the worker \`${MANAGEMENT}\` decides itself who may call it`);
}

function updated(env: Env, actor: Actor, before: Worker, change: store.WorkerChange): Statement {
  const fields = { name: change.name, description: change.description, environment_id: change.environmentId, auth: change.auth };
  return audit.entry(env.DB, actor, { action: "worker.update", subject: before, ...audit.difference(before, fields) });
}

function checkRename(from: string, to: string): void {
  if (from === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` cannot be renamed`);
  checkNotReserved(to);
}

function checkNotReserved(name: string): void {
  if (RESERVED.has(name)) throw conflict(`the worker name \`${name}\` is reserved`);
}

export async function deleteWorker(env: Env, actor: Actor, worker: string): Promise<void> {
  const { id, name } = await getWorker(env, actor, worker);
  if (name === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` cannot be deleted`);
  refuseInUse(`worker \`${name}\``, "the live version of worker", await store.calledBy(env.DB, id));
  await store.remove(env.DB, id, audit.entry(env.DB, actor, { action: "worker.delete", subject: { id, name }, before: { name } }));
  await reload(env, id, `the worker \`${name}\` is deleted in the store`);
}

async function environmentIdOf(env: Env, actor: Actor, environment: string | null): Promise<string | null> {
  if (environment === null) return null;
  const row = await environments.find(env.DB, actor.organization.id, environment);
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
