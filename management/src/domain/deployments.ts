/** Rules of deployments: their versions are checked, then the row makes them live, then the host follows. */
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { ApiError, conflict, hostCode, invalidField, isForeignKeyViolation, messageOf, notFound, unprocessable } from "../errors.ts";
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

/** A deployment with the versions that it serves. */
export type Deployment = Omit<store.DeploymentRow, "sequence"> & { shares: readonly store.Share[] };

/** The version that answered everything before is live again. */
export async function rollBack(env: Env, actor: Actor, worker: Worker): Promise<Deployment> {
  const previous = await store.previousVersion(env.DB, worker.id);
  if (previous === null) throw conflict(`worker \`${worker.name}\` has no earlier version to roll back to`);
  const [version] = await versions.byBeginning(env.DB, worker.id, previous);
  if (version === undefined) throw notFound("version", previous);
  return activate(env, actor, worker, version, "rollback");
}

/** Makes a stored version live. */
export async function activate(env: Env, actor: Actor, worker: Worker, version: versions.FullVersionRow, reason: store.Reason): Promise<Deployment> {
  await checkServable(env, actor, worker, version, "not live");
  return insert(env, actor, worker, { shares: [shareOf(version, 100)], sticky: null, reason, bringsCrons: hasCrons(version) });
}

/** A version and what part of the requests it is to answer. */
export interface Part {
  version: versions.FullVersionRow;
  percentage: number;
}

/** Splits the requests between stored versions. */
export async function split(env: Env, actor: Actor, worker: Worker, parts: readonly Part[], sticky: store.Sticky | null): Promise<Deployment> {
  if (worker.name === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` has one version live at a time`);
  checkParts(parts);
  for (const { version } of parts) await checkServable(env, actor, worker, version, "not live");
  const shares = parts.map(({ version, percentage }) => shareOf(version, percentage));
  shares.sort((a, b) => b.version_number - a.version_number);
  return insert(env, actor, worker, { shares, sticky, reason: "deploy", bringsCrons: parts.some(({ version }) => hasCrons(version)) });
}

function checkParts(parts: readonly Part[]): void {
  const ids = new Set(parts.map(({ version }) => version.id));
  if (ids.size < parts.length) throw invalidField("versions", "a version is given twice");
  const hundredths = parts.reduce((sum, { percentage }) => sum + Math.round(percentage * 100), 0);
  if (hundredths !== 10_000) throw invalidField("versions", `the percentages are ${hundredths / 100} together, expected 100`);
}

function shareOf(version: versions.FullVersionRow, percentage: number): store.Share {
  return { version_id: version.id, version_number: version.number, percentage };
}

/** Who has the largest part stands for all of them; of equal ones the newest. */
function largest(shares: readonly store.Share[]): store.Share {
  return shares.reduce((most, share) => (share.percentage > most.percentage ? share : most));
}

interface NewDeployment {
  /** Newest version first. */
  shares: readonly store.Share[];
  sticky: store.Sticky | null;
  reason: store.Reason;
  bringsCrons: boolean;
}

/** The row is the moment of the switch: until it is there, what was live before serves. */
async function insert(env: Env, actor: Actor, worker: Worker, deployment: NewDeployment): Promise<Deployment> {
  const { shares, sticky, reason } = deployment;
  const [id, now, main] = [newId("dep_"), Date.now(), largest(shares)];
  const isSplit = shares.length > 1;
  try {
    const after = isSplit ? { versions: shares.map(({ version_number, percentage }) => [version_number, percentage]), sticky } : { version: main.version_number };
    const entry = audit.entry(env.DB, actor, {
      action: "worker.deploy",
      subject: worker,
      before: { version: worker.live_number },
      after: { ...after, reason },
    });
    const row = { id, workerId: worker.id, versionId: main.version_id, shares: isSplit ? shares : [], sticky, reason, now };
    await withinCrons(env, worker, deployment, (guards) => store.insert(env.DB, row, entry, guards));
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("worker", worker.name);
    throw error;
  }
  const what = isSplit ? `the split of \`${worker.name}\`` : `version ${main.version_number} of \`${worker.name}\``;
  await reload(env, worker.id, `${what} is live in the store`);
  return { id, worker_id: worker.id, version_id: main.version_id, version_number: main.version_number, reason, sticky, created_at: now, shares };
}

/** Whether the host can serve a stored version; `otherwise` says what it is as long as it cannot. */
export async function checkServable(env: Env, actor: Actor, worker: Worker, version: versions.FullVersionRow, otherwise: string): Promise<void> {
  await checkDatabases(env, actor, version, otherwise);
  await checkRuns(env, worker, version, otherwise);
}

function hasCrons(version: versions.FullVersionRow): boolean {
  return parseConfig(version.config).crons.length > 0;
}

/** What brings no crons becomes live also where there are too many. */
function withinCrons(env: Env, worker: Worker, { bringsCrons }: NewDeployment, write: (guards: readonly Statement[]) => Promise<void>): Promise<void> {
  if (!bringsCrons) return write([]);
  return withinQuota(env, worker.organization_id, "crons", write, (limit) => quotas.overfull(env.DB, worker.organization_id, "crons", limit));
}

/** An old version may name a database that was deleted since. */
async function checkDatabases(env: Env, actor: Actor, version: versions.FullVersionRow, otherwise: string): Promise<void> {
  for (const [binding, id] of Object.entries(parseConfig(version.config).databases)) {
    if ((await databases.find(env.DB, actor.organization.id, id)) === null) {
      throw unprocessable(`version ${version.number} is stored but ${otherwise}: its database \`${id}\` (binding \`${binding}\`) was deleted`);
    }
  }
}

/** The host loads the version; that of this API must also answer, since it could not be replaced through a broken one. */
async function checkRuns(env: Env, worker: Worker, version: versions.FullVersionRow, otherwise: string): Promise<void> {
  try {
    await env.ROUTING.check(version.id, worker.name === MANAGEMENT ? "/health" : null);
  } catch (error) {
    const message = `version ${version.number} (\`${version.id}\`) is stored but ${otherwise}: ${messageOf(error)}`;
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
