/** Rules of quotas. What one organization has is bounded, so that all can have something. */
import type { Caller } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { QuotaExceeded } from "../errors.ts";
import * as audit from "../store/audit.ts";
import { isFailed } from "../store/guards.ts";
import { DEFAULT_ORGANIZATION, type OrganizationRow } from "../store/organizations.ts";
import * as store from "../store/quotas.ts";

/** Of an organization. Those of requests, CPU time and databases' contents are held by the host. */
export const QUOTAS = [
  "workers",
  "environments",
  "databases",
  "crons",
  "keys",
  "members",
  "invitations",
  "issuers",
  "requests_per_day",
  "cpu_seconds_per_day",
  "storage_bytes",
  "database_bytes",
] as const;

export type Quota = (typeof QUOTAS)[number];

/** Of a user. */
const ORGANIZATIONS_PER_USER = "organizations_per_user";

const DAY_MS = 86_400_000;

/** Days since 1970-01-01, in UTC. */
export function dayOf(milliseconds: number): number {
  return Math.floor(milliseconds / DAY_MS);
}

export function startOfDay(day: number): number {
  return day * DAY_MS;
}

/** What the operator makes without naming an organization is theirs, and has no limits but those that they set. */
function defaultOf(env: Env, organizationId: string, quota: Quota): number | null {
  return organizationId === DEFAULT_ORGANIZATION ? null : (env.QUOTAS[quota] ?? null);
}

/** `null`: none. */
async function limitOf(env: Env, organizationId: string, quota: Quota): Promise<number | null> {
  const row = await store.override(env.DB, organizationId, quota);
  return row === null ? defaultOf(env, organizationId, quota) : row.maximum;
}

/** What makes a batch fail where there is no room, from the limit. */
type Guard = (limit: number) => Statement;

/** Writes what takes room: the guards stand at the beginning of the batch that `write` runs. */
export async function withinQuota<T>(
  env: Env,
  organizationId: string,
  quota: store.Counted,
  write: (guards: readonly Statement[]) => Promise<T>,
  guard: Guard = (limit) => store.full(env.DB, organizationId, quota, limit),
): Promise<T> {
  const limit = await limitOf(env, organizationId, quota);
  return guarded(quota, limit, guard, write, () => store.usedOf(env.DB, organizationId, quota));
}

/** The same, of the organizations that a user owns. */
export function withinOrganizations<T>(env: Env, userId: string, write: (guards: readonly Statement[]) => Promise<T>): Promise<T> {
  const guard: Guard = (limit) => store.fullOfOrganizations(env.DB, userId, limit);
  const limit = env.QUOTAS[ORGANIZATIONS_PER_USER] ?? null;
  return guarded(ORGANIZATIONS_PER_USER, limit, guard, write, () => store.organizationsOwned(env.DB, userId));
}

async function guarded<T>(
  quota: string,
  limit: number | null,
  guard: Guard,
  write: (guards: readonly Statement[]) => Promise<T>,
  used: () => Promise<number>,
): Promise<T> {
  if (limit === null) return write([]);
  try {
    return await write([guard(limit)]);
  } catch (error) {
    if (isFailed(error, "over_quota")) throw new QuotaExceeded({ quota, limit, used: await used() });
    throw error;
  }
}

export interface QuotaState {
  limit: number | null;
  /** `null`: not counted here. */
  used: number | null;
  /** Unix milliseconds; of what is counted by the day. */
  resetsAt: number | null;
  isOverridden: boolean;
}

export async function quotasOf(env: Env, organizationId: string): Promise<Record<Quota, QuotaState>> {
  const today = dayOf(Date.now());
  const used: Partial<Record<Quota, number>> = await store.used(env.DB, organizationId, today);
  const overrides = new Map((await store.overrides(env.DB, organizationId)).map((row) => [row.name, row.maximum]));
  const state = (quota: Quota): QuotaState => ({
    limit: overrides.has(quota) ? (overrides.get(quota) ?? null) : defaultOf(env, organizationId, quota),
    used: used[quota] ?? null,
    resetsAt: quota.endsWith("_per_day") ? startOfDay(today + 1) : null,
    isOverridden: overrides.has(quota),
  });
  return Object.fromEntries(QUOTAS.map((quota) => [quota, state(quota)])) as Record<Quota, QuotaState>;
}

export type Overrides = Partial<Record<Quota, number | null | undefined>>;

export async function overrideQuotas(env: Env, caller: Caller, organization: OrganizationRow, given: Overrides): Promise<void> {
  const rows = Object.entries(given).flatMap(([name, maximum]) => (maximum === undefined ? [] : [{ name, maximum }]));
  const change = { action: "quotas.update", subject: organization, before: await overridden(env, organization), after: given };
  await store.setOverrides(env.DB, organization.id, rows, audit.entryIn(env.DB, organization.id, caller, change));
}

/** The configuration's hold again. */
export async function resetQuotas(env: Env, caller: Caller, organization: OrganizationRow): Promise<void> {
  const change = { action: "quotas.reset", subject: organization, before: await overridden(env, organization) };
  await store.removeOverrides(env.DB, organization.id, audit.entryIn(env.DB, organization.id, caller, change));
}

async function overridden(env: Env, organization: OrganizationRow): Promise<audit.Fields> {
  const rows = await store.overrides(env.DB, organization.id);
  return Object.fromEntries(rows.map((row) => [row.name, row.maximum]));
}
