/** Rules of crons. What an expression means is the host's to say: it is what fires. */
import type { Actor } from "../actor.ts";
import type { Env, Statement, Weekdays } from "../env.ts";
import { conflict, hostCode, invalidField, isForeignKeyViolation, isUniqueViolation, messageOf, notFound, unprocessable } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as store from "../store/crons.ts";
import { MANAGEMENT } from "./names.ts";
import { withinQuota } from "./quotas.ts";
import { getWorker, ownerOf, type Worker } from "./workers.ts";

export type Cron = store.CronRow;
export type CronRun = store.RunRow;

/** Of one worker by this API, and of one version. */
export const CRONS_MAX = 100;
/** Runs by hand of one cron that wait or go on. */
const MANUAL_MAX = 10;

export interface CronFields {
  expression?: string | undefined;
  timezone?: string | undefined;
  weekdays?: Weekdays | undefined;
  enabled?: boolean | undefined;
  missed?: store.Missed | undefined;
}

export async function getCron(env: Env, actor: Actor, id: string): Promise<Cron> {
  const row = await store.find(env.DB, ownerOf(actor), id);
  if (row === null) throw notFound("cron", id);
  return row;
}

export async function createCron(env: Env, actor: Actor, workerName: string, fields: CronFields & { expression: string }): Promise<Cron> {
  const worker = await getWorker(env, actor, workerName);
  refuseManagement(worker);
  if ((await store.countOf(env.DB, worker.id)) >= CRONS_MAX) {
    throw unprocessable(`the worker \`${worker.name}\` has ${CRONS_MAX} crons already, which is the most`);
  }
  const { expression, timezone = "UTC", weekdays = "posix", enabled = true, missed = "skip" } = fields;
  const next = await checkExpression(env, { expression, timezone, weekdays });
  const id = newId("crn_");
  const cron = { id, workerId: worker.id, expression, timeZone: timezone, weekdays, enabled, missed, nextAt: enabled ? next : null, now: Date.now() };
  const after = { worker: worker.name, expression, timezone, weekdays, enabled, missed };
  try {
    const entry = audit.entry(env.DB, actor, { action: "cron.create", subject: { id, name: expression }, after });
    await withinQuota(env, worker.organization_id, "crons", (guards) => store.insert(env.DB, cron, entry, guards));
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("worker", worker.name);
    throw error;
  }
  await env.CRONS.reload();
  return getCron(env, actor, id);
}

/** Fields that are not given stay. What is changed begins anew: it catches up with nothing. */
export async function updateCron(env: Env, actor: Actor, id: string, fields: CronFields): Promise<Cron> {
  const before = await getCron(env, actor, id);
  if (before.source === "config") refuseOfConfiguration(before, fields);
  const { expression = before.expression, timezone = before.time_zone, weekdays = before.weekdays, missed = before.missed } = fields;
  const enabled = fields.enabled ?? before.enabled === 1;
  const isSame = expression === before.expression && timezone === before.time_zone && weekdays === before.weekdays && enabled === (before.enabled === 1);
  const next = isSame ? undefined : await checkExpression(env, { expression, timezone, weekdays });
  const nextAt = enabled ? next : null;
  const change = { id, expression, timeZone: timezone, weekdays, enabled, missed, nextAt, now: Date.now() };
  await store.update(env.DB, change, updated(env, actor, before, fields));
  await env.CRONS.reload();
  return getCron(env, actor, id);
}

function updated(env: Env, actor: Actor, before: Cron, { expression, timezone, weekdays, enabled, missed }: CronFields): Statement {
  const was = { ...before, timezone: before.time_zone, enabled: before.enabled === 1 };
  const fields = audit.difference(was, { expression, timezone, weekdays, enabled, missed });
  return audit.entry(env.DB, actor, { action: "cron.update", subject: { id: before.id, name: before.expression }, ...fields });
}

export async function deleteCron(env: Env, actor: Actor, id: string): Promise<void> {
  const { expression, source, worker_name } = await getCron(env, actor, id);
  if (source === "config") throw ofConfiguration(worker_name, "deleted");
  const before = { worker: worker_name, expression };
  await store.remove(env.DB, id, audit.entry(env.DB, actor, { action: "cron.delete", subject: { id, name: expression }, before }));
}

/** A run beside those that are due, also of a cron that is switched off. It waits for one that goes on. */
export async function runCron(env: Env, actor: Actor, id: string): Promise<CronRun> {
  const cron = await getCron(env, actor, id);
  if ((await store.countManual(env.DB, id)) >= MANUAL_MAX) throw conflict(`${MANUAL_MAX} runs by hand of the cron \`${id}\` have not ended yet`);
  const run = { id: newId("crr_"), cronId: id, now: Date.now() };
  const after = { run: run.id, worker: cron.worker_name };
  try {
    await store.insertManual(env.DB, run, audit.entry(env.DB, actor, { action: "cron.run", subject: { id, name: cron.expression }, after }));
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("cron", id);
    if (isUniqueViolation(error)) throw conflict(`the cron \`${id}\` was run by hand this very millisecond`);
    throw error;
  }
  await env.CRONS.reload();
  return getRun(env, cron, run.id);
}

export async function getRun(env: Env, cron: Cron, id: string): Promise<CronRun> {
  const row = await store.findRun(env.DB, cron.id, id);
  if (row === null) throw notFound("run", id);
  return row;
}

export interface Expression {
  expression: string;
  timezone: string;
  weekdays: Weekdays;
}

/** The next due time. `path` is where the fields are in the request, such as `crons.0.`. */
export async function checkExpression(env: Env, { expression, timezone, weekdays }: Expression, path = ""): Promise<number> {
  try {
    const [next = 0] = await env.CRONS.check(expression, timezone, weekdays);
    return next;
  } catch (error) {
    switch (hostCode(error)) {
      case "expression":
        throw invalidField(`${path}expression`, messageOf(error));
      case "time-zone":
        throw invalidField(`${path}timezone`, messageOf(error));
      default:
        throw error;
    }
  }
}

/** It answers requests alone. */
export function refuseManagement(worker: Worker): void {
  if (worker.name === MANAGEMENT) throw conflict(`the worker \`${MANAGEMENT}\` has no crons`);
}

function refuseOfConfiguration(before: Cron, { expression, timezone, weekdays, missed }: CronFields): void {
  const was = { ...before, timezone: before.time_zone };
  const { after } = audit.difference(was, { expression, timezone, weekdays, missed });
  if (Object.keys(after).length > 0) throw ofConfiguration(before.worker_name, "changed, but for `enabled`,");
}

function ofConfiguration(worker: string, what: string): ReturnType<typeof conflict> {
  return conflict(`the cron is in the configuration of the live version of \`${worker}\`: it is ${what} by a deploy`);
}
