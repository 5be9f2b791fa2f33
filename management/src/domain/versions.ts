/** Rules of versions: what a new one is checked for, and how one is named. */
import type { Actor } from "../actor.ts";
import type { Env, Prepared } from "../env.ts";
import { ApiError, conflict, hostCode, invalid, invalidField, isForeignKeyViolation, messageOf, notFound, unprocessable, type Issue } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as databases from "../store/databases.ts";
import * as environments from "../store/environments.ts";
import * as store from "../store/versions.ts";
import * as workers from "../store/workers.ts";
import type { Missed } from "../store/crons.ts";
import { missingArtifacts } from "./artifacts.ts";
import { checkExpression, refuseManagement, type Expression } from "./crons.ts";
import { activate } from "./deployments.ts";
import { MANAGEMENT, MANAGEMENT_BINDINGS } from "./names.ts";
import { parseConfig, type AssetsConfig, type Limits, type ServiceConfig, type VersionConfig } from "./version-config.ts";
import { getWorker, ownerOf, type Worker } from "./workers.ts";

export type Version = store.FullVersionRow;

/** By number, by id, or by an id's unique beginning: after `ver_` of any length, else of 8 digits or more. */
export async function getVersion(env: Env, worker: Worker, version: string): Promise<Version> {
  if (/^\d{1,9}$/.test(version)) {
    const row = await store.byNumber(env.DB, worker.id, Number(version));
    if (row !== null) return row;
  }
  const digits = /^(?:ver_([0-9a-f]{1,32})|([0-9a-f]{8,32}))$/.exec(version);
  if (digits === null) throw notFound("version", version);
  const [first, second] = await store.byBeginning(env.DB, worker.id, `ver_${digits[1] ?? digits[2]}`);
  if (second !== undefined) throw conflict(`more than one version begins with \`${version}\``);
  if (first === undefined) throw notFound("version", version);
  return first;
}

export interface NewVersion {
  component: string;
  message: string;
  vars: Record<string, unknown>;
  /** In clear; `null` leaves out the live version's. */
  secrets: Record<string, string | null>;
  /** Binding to id or name. */
  databases: Record<string, string>;
  /** By the worker's name or id. */
  services: Record<string, ServiceConfig>;
  assets: AssetsConfig | null;
  compatibility_date: string | null;
  compatibility_flags: string[];
  limits: Limits;
  allow_net: boolean | string[];
  crons: (Expression & { missed: Missed })[];
  activate: boolean;
}

/** Everything is checked before anything is stored. */
export async function createVersion(env: Env, actor: Actor, workerName: string, input: NewVersion): Promise<Version> {
  const worker = await getWorker(env, actor, workerName);
  checkBindingNames(worker, input);
  checkLimits(env, input.limits);
  await checkCrons(env, worker, input.crons);
  const databaseIds = await resolveDatabases(env, actor, input.databases);
  const services = await resolveServices(env, actor, input.services);
  await checkArtifacts(env, actor, input);
  const prepared = await prepare(env, worker, input);
  const config: VersionConfig = {
    vars: input.vars,
    secrets: await sealSecrets(env, worker, input),
    databases: databaseIds,
    services,
    assets: input.assets,
    compatibility_date: input.compatibility_date,
    compatibility_flags: input.compatibility_flags,
    limits: input.limits,
    allow_net: input.allow_net,
    crons: input.crons.map(({ timezone, ...cron }) => ({ ...cron, time_zone: timezone })),
  };
  const version = await insert(env, actor, worker, prepared, config, input.message);
  if (input.activate) {
    await activate(env, actor, worker, version, "deploy");
    return { ...version, percentage: 100 };
  }
  return version;
}

function givenNames(input: NewVersion): { name: string; path: string }[] {
  const binding = input.assets?.binding ?? null;
  return [
    ...Object.keys(input.vars).map((name) => ({ name, path: `vars.${name}` })),
    ...Object.entries(input.secrets).flatMap(([name, value]) => (value === null ? [] : [{ name, path: `secrets.${name}` }])),
    ...Object.keys(input.databases).map((name) => ({ name, path: `databases.${name}` })),
    ...Object.keys(input.services).map((name) => ({ name, path: `services.${name}` })),
    ...(binding === null ? [] : [{ name: binding, path: "assets.binding" }]),
  ];
}

function checkBindingNames(worker: Worker, input: NewVersion): void {
  const paths = new Map<string, string>();
  const issues: Issue[] = [];
  for (const { name, path } of givenNames(input)) {
    const other = paths.get(name);
    if (other !== undefined) issues.push({ path, message: `\`${name}\` is given twice, also as \`${other}\`` });
    if (worker.name === MANAGEMENT && MANAGEMENT_BINDINGS.has(name)) {
      issues.push({ path, message: `\`${name}\` is a binding that the host gives to the worker \`${MANAGEMENT}\`` });
    }
    paths.set(name, path);
  }
  if (issues.length > 0) throw invalid(issues);
}

function checkLimits(env: Env, limits: Limits): void {
  const issues: Issue[] = [];
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const [given = 0, ceiling] = [limits[name], env.CEILINGS[name]];
    if (given > ceiling) {
      issues.push({ path: `limits.${name}`, message: `${given} is over the server's ceiling \`limits.${name}_max\`, which is ${ceiling}` });
    }
  }
  if (issues.length > 0) throw invalid(issues);
}

async function checkCrons(env: Env, worker: Worker, crons: NewVersion["crons"]): Promise<void> {
  if (crons.length > 0) refuseManagement(worker);
  const known = new Set<string>();
  for (const [index, cron] of crons.entries()) {
    const key = `${cron.expression} ${cron.timezone}`;
    if (known.has(key)) throw invalidField(`crons.${index}.expression`, `\`${cron.expression}\` is given twice`);
    known.add(key);
    await checkExpression(env, cron, `crons.${index}.`);
  }
}

async function resolveDatabases(env: Env, actor: Actor, bindings: Record<string, string>): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [binding, database] of Object.entries(bindings)) {
    const row = await databases.find(env.DB, actor.organization.id, database);
    if (row === null) throw invalidField(`databases.${binding}`, `no database \`${database}\``);
    ids[binding] = row.id;
  }
  return ids;
}

/** The host keeps the management API out of reach; saying so here is kinder. */
async function resolveServices(env: Env, actor: Actor, bindings: Record<string, ServiceConfig>): Promise<Record<string, ServiceConfig>> {
  const services: Record<string, ServiceConfig> = {};
  for (const [binding, service] of Object.entries(bindings)) {
    const row = await workers.find(env.DB, ownerOf(actor), service.worker);
    if (row === null) throw invalidField(`services.${binding}.worker`, `no worker \`${service.worker}\``);
    if (row.name === MANAGEMENT) throw invalidField(`services.${binding}.worker`, `\`${MANAGEMENT}\` is the platform's own and no service`);
    services[binding] = { ...service, worker: row.id };
  }
  return services;
}

async function checkArtifacts(env: Env, actor: Actor, input: NewVersion): Promise<void> {
  const files = Object.entries(input.assets?.files ?? {});
  const digests = new Set([input.component, ...files.map(([, file]) => file.digest)]);
  const missing = new Set(await missingArtifacts(env, actor, [...digests]));
  if (missing.size === 0) return;
  const issues = files
    .filter(([, file]) => missing.has(file.digest))
    .map(([path, file]) => ({ path: `assets.files.${path}`, message: `no artifact \`${file.digest}\`` }));
  if (missing.has(input.component)) issues.unshift({ path: "component", message: `no artifact \`${input.component}\`` });
  throw unprocessable(`${missing.size} of the version's artifacts ${missing.size === 1 ? "was" : "were"} not uploaded`, issues.slice(0, 100));
}

async function prepare(env: Env, worker: Worker, input: NewVersion): Promise<Prepared> {
  const granted = await grantedKinds(env, worker, input);
  try {
    return await env.BUILD.prepare(input.component, granted, worker.name === MANAGEMENT);
  } catch (error) {
    const text = messageOf(error);
    switch (hostCode(error)) {
      case "not-found":
        throw unprocessable(`no artifact \`${text}\``);
      case "unknown-import":
        throw unprocessable(`the component imports \`${text}\`, which this host does not have`);
      case "ungranted-import":
        throw unprocessable(`the component imports \`${text}\`, a binding that the version does not grant`);
      case "not-a-component":
        throw unprocessable(`artifact \`${input.component}\` is not a component that runs here: ${text.replace(/\s+/g, " ")}`);
      case "evaluation":
        throw unprocessable(text);
      case "unavailable":
        throw new ApiError("unavailable", text);
      default:
        throw error;
    }
  }
}

/** Kinds of the bindings that the version has: its own, the environment's, and what the host gives to this API. */
async function grantedKinds(env: Env, worker: Worker, input: NewVersion): Promise<string[]> {
  const kinds: string[] = [];
  if (input.assets?.binding != null) kinds.push("assets");
  if (Object.keys(input.services).length > 0) kinds.push("service");
  const inherited = worker.environment_id === null ? [] : await environments.valuesOf(env.DB, [worker.environment_id]);
  const hasDatabase = Object.keys(input.databases).length > 0 || inherited.some((value) => value.kind === "database");
  if (hasDatabase || worker.name === MANAGEMENT) kinds.push("database");
  return kinds;
}

/** Those of the live version stay, unless another binding takes the name. */
async function sealSecrets(env: Env, worker: Worker, input: NewVersion): Promise<Record<string, string>> {
  const live = await store.liveConfig(env.DB, worker.id);
  const secrets = live === null ? {} : { ...parseConfig(live).secrets };
  for (const { name } of givenNames(input)) delete secrets[name];
  for (const [name, text] of Object.entries(input.secrets)) {
    if (text === null) delete secrets[name];
    else secrets[name] = await env.SECRETS.seal(text);
  }
  return secrets;
}

async function insert(
  env: Env,
  actor: Actor,
  worker: Worker,
  prepared: Prepared,
  config: VersionConfig,
  message: string,
): Promise<Version> {
  const { component, kind } = prepared;
  const row = { id: newId("ver_"), component, kind, config: JSON.stringify(config), message };
  const now = Date.now();
  try {
    const after = { version: row.id, component, message };
    const entry = audit.entry(env.DB, actor, { action: "version.create", subject: worker, after });
    const number = await store.insert(env.DB, { ...row, workerId: worker.id, now }, entry);
    return { ...row, worker_id: worker.id, number, created_at: now, percentage: 0 };
  } catch (error) {
    if (isForeignKeyViolation(error)) throw notFound("worker", worker.name);
    throw error;
  }
}
