/** Rules of deployments: a version is checked, then its row makes it live, then the host follows. */
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { ApiError, conflict, hostCode, isForeignKeyViolation, messageOf, notFound, unprocessable } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as databases from "../store/databases.ts";
import * as store from "../store/deployments.ts";
import * as quotas from "../store/quotas.ts";
import * as versions from "../store/versions.ts";
import { MANAGEMENT } from "./names.ts";
import { withinQuota } from "./quotas.ts";
import { reload } from "./routing.ts";
import { parseConfig } from "./version-config.ts";
import type { Worker } from "./workers.ts";

export type Deployment = store.DeploymentRow;

/** The version that was live before is live again. */
export async function rollBack(env: Env, actor: Actor, worker: Worker): Promise<Omit<Deployment, "sequence">> {
  const previous = await store.previousVersion(env.DB, worker.id);
  if (previous === null) throw conflict(`worker \`${worker.name}\` has no earlier version to roll back to`);
  const [version] = await versions.byBeginning(env.DB, worker.id, previous);
  if (version === undefined) throw notFound("version", previous);
  return activate(env, actor, worker, version, "rollback");
}

/** Makes a stored version live. The row is the moment of the switch: until it is there, the old version serves. */
export async function activate(
  env: Env,
  actor: Actor,
  worker: Worker,
  version: versions.FullVersionRow,
  reason: store.Reason,
): Promise<Omit<Deployment, "sequence">> {
  await checkDatabases(env, actor, version);
  await checkRuns(env, worker, version);
  const id = newId("dep_");
  const now = Date.now();
  try {
    const after = { version: version.number, reason };
    const entry = audit.entry(env.DB, actor, { action: "worker.deploy", subject: worker, before: { version: worker.live_number }, after });
    const write = (guards: readonly Statement[]): Promise<void> =>
      store.insert(env.DB, { id, workerId: worker.id, versionId: version.id, reason, now }, entry, guards);
    await withinCrons(env, worker, version, write);
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("worker", worker.name);
    throw error;
  }
  await reload(env, worker.id, `version ${version.number} of \`${worker.name}\` is live in the store`);
  return { id, worker_id: worker.id, version_id: version.id, version_number: version.number, reason, created_at: now };
}

/** A version without crons becomes live also where there are too many. */
function withinCrons(env: Env, worker: Worker, version: versions.FullVersionRow, write: (guards: readonly Statement[]) => Promise<void>): Promise<void> {
  if (parseConfig(version.config).crons.length === 0) return write([]);
  return withinQuota(env, worker.organization_id, "crons", write, (limit) => quotas.overfull(env.DB, worker.organization_id, "crons", limit));
}

/** An old version may name a database that was deleted since. */
async function checkDatabases(env: Env, actor: Actor, version: versions.FullVersionRow): Promise<void> {
  for (const [binding, id] of Object.entries(parseConfig(version.config).databases)) {
    if ((await databases.find(env.DB, actor.organization.id, id)) === null) {
      throw unprocessable(`version ${version.number} is stored but not live: its database \`${id}\` (binding \`${binding}\`) was deleted`);
    }
  }
}

/** The host loads the version; that of this API must also answer, since it could not be replaced through a broken one. */
async function checkRuns(env: Env, worker: Worker, version: versions.FullVersionRow): Promise<void> {
  try {
    await env.ROUTING.check(version.id, worker.name === MANAGEMENT ? "/health" : null);
  } catch (error) {
    const message = `version ${version.number} (\`${version.id}\`) is stored but not live: ${messageOf(error)}`;
    switch (hostCode(error)) {
      case "unhealthy":
        throw new ApiError("unhealthy", message);
      case "unavailable":
        throw new ApiError("unavailable", message);
      case "not-found":
        throw notFound("version", version.id);
      default:
        throw error;
    }
  }
}
