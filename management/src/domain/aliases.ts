/** Rules of aliases: names of versions in the host names of a worker. `live` is not among them: deployments change it. */
import type { Actor } from "../actor.ts";
import type { Env } from "../env.ts";
import { conflict, invalidField, isForeignKeyViolation, notFound } from "../errors.ts";
import * as audit from "../store/audit.ts";
import * as store from "../store/aliases.ts";
import { checkServable } from "./deployments.ts";
import { LIVE, MANAGEMENT, VERSION_BEGINNING, WORKER_NAME, WORKER_NAME_RULE } from "./names.ts";
import { reload } from "./routing.ts";
import { getVersion } from "./versions.ts";
import type { Worker } from "./workers.ts";

export type Alias = store.AliasRow;

export async function getAlias(env: Env, worker: Worker, name: string): Promise<Alias> {
  const row = await store.find(env.DB, worker.id, name);
  if (row === null) throw notFound("alias", name);
  return row;
}

/** The version is checked first, as one that goes live is. */
export async function setAlias(env: Env, actor: Actor, worker: Worker, name: string, reference: string): Promise<Alias> {
  checkName(name);
  if (worker.name === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` is served by its live version alone`);
  const version = await getVersion(env, worker, reference);
  await checkServable(env, actor, worker, version, `not served as \`${name}\``);
  const before = await store.find(env.DB, worker.id, name);
  const entry = audit.entry(env.DB, actor, {
    action: "alias.set",
    subject: worker,
    before: before === null ? null : { alias: name, version: before.version_number },
    after: { alias: name, version: version.number },
  });
  try {
    await store.put(env.DB, { workerId: worker.id, name, versionId: version.id, now: Date.now() }, entry);
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("worker", worker.name);
    throw error;
  }
  await reload(env, worker.id, `the alias \`${name}\` of \`${worker.name}\` is set in the store`);
  return getAlias(env, worker, name);
}

export async function deleteAlias(env: Env, actor: Actor, worker: Worker, name: string): Promise<void> {
  const { version_number } = await getAlias(env, worker, name);
  const entry = audit.entry(env.DB, actor, { action: "alias.delete", subject: worker, before: { alias: name, version: version_number } });
  await store.remove(env.DB, worker.id, name, entry);
  await reload(env, worker.id, `the alias \`${name}\` of \`${worker.name}\` is deleted in the store`);
}

function checkName(name: string): void {
  if (!WORKER_NAME.test(name)) throw invalidField("alias", WORKER_NAME_RULE);
  if (name === LIVE) throw invalidField("alias", `\`${LIVE}\` is what the plain host name serves: a deployment changes it`);
  if (VERSION_BEGINNING.test(name)) throw invalidField("alias", "8 or more hex digits alone name a version by the beginning of its id");
}
