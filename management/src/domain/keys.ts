/** Rules of keys: one never has more than who makes it, and is seen once. */
import { PERMISSIONS, type Permission } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { ApiError, conflict, forbidden, hostCode, invalid, invalidField, messageOf, notFound, unprocessable } from "../errors.ts";
import { newId } from "../id.ts";
import type { PageRequest } from "../page.ts";
import * as audit from "../store/audit.ts";
import { failIf, isFailed } from "../store/guards.ts";
import * as store from "../store/keys.ts";
import { newSecret, sha256 } from "../hash.ts";
import { withinQuota } from "./quotas.ts";

export type Key = store.KeyRow;

const PREFIX: Record<store.KeyKind, string> = { api: "ouro_", service: "ouro_service_" };

/** Of the random part, in `beginning`. */
const SHOWN_CHARACTERS = 7;

const DAY_SECONDS = 86_400;

/** The user who acts, also by a key that they made; `null` is the operator. */
export async function userBehind(env: Env, { principal }: Actor): Promise<string | null> {
  switch (principal.kind) {
    case "operator":
      return null;
    case "user":
      return principal.id;
    default:
      return store.creatorOf(env.DB, principal.id);
  }
}

/** One's own; with `keys:manage` everybody's. */
async function seenBy(env: Env, actor: Actor): Promise<store.Keys> {
  return { organizationId: actor.organization.id, isAll: actor.may("keys:manage"), createdBy: await userBehind(env, actor) };
}

export async function listKeys(env: Env, actor: Actor, page: PageRequest): Promise<Key[]> {
  return store.list(env.DB, await seenBy(env, actor), page);
}

export async function getKey(env: Env, actor: Actor, id: string): Promise<Key> {
  const row = await store.find(env.DB, await seenBy(env, actor), id);
  if (row === null) throw notFound("key", id);
  return row;
}

export interface NewKey {
  name: string;
  kind: store.KeyKind;
  scopes?: readonly string[] | undefined;
  /** Unix milliseconds. */
  expiresAt?: number | undefined;
}

/** The row, and the key itself, which is nowhere after this. */
export async function createKey(env: Env, actor: Actor, fields: NewKey): Promise<{ row: Key; key: string }> {
  const { name, kind, expiresAt = null } = fields;
  const scopes = kind === "service" ? checkService(actor, fields) : checkScopes(actor, fields.scopes ?? []);
  if (expiresAt !== null && expiresAt <= Date.now()) throw invalidField("expires_at", "is in the past");
  const token = newSecret();
  const key = PREFIX[kind] + token;
  const row = {
    id: newId("key_"),
    organization_id: actor.organization.id,
    created_by: await userBehind(env, actor),
    kind,
    name,
    beginning: PREFIX[kind] + token.slice(0, SHOWN_CHARACTERS),
    scopes: JSON.stringify(scopes),
    created_at: Date.now(),
    expires_at: expiresAt,
  };
  const entry = audit.entry(env.DB, actor, { action: "key.create", subject: row, after: { name, kind, scopes, expires_at: expiresAt } });
  const hash = await sha256(key);
  await orChanged(withinQuota(env, row.organization_id, "keys", (guards) => {
    return store.insert(env.DB, { ...row, hash }, entry, [...unlessStill(env, actor), ...guards]);
  }));
  return { row: { ...row, last_used_at: null, revoked_at: null }, key };
}

function checkService(actor: Actor, { scopes }: NewKey): readonly Permission[] {
  if (scopes !== undefined) throw invalidField("scopes", "a service key has no scopes: it may everything in the organization that an admin may");
  if (actor.principal.kind === "key") throw forbidden("a key cannot make a key with more than its own scopes");
  if (!actor.may("keys:manage")) throw forbidden("to make a service key takes `keys:manage`");
  return [];
}

function checkScopes(actor: Actor, given: readonly string[]): readonly Permission[] {
  if (given.length === 0) throw invalidField("scopes", "expected at least one: without a scope the key may nothing");
  const known = (scope: string): scope is Permission => (PERMISSIONS as readonly string[]).includes(scope);
  const issues = given.flatMap((scope, i) => (known(scope) ? [] : [{ path: `scopes.${i}`, message: `unknown scope \`${scope}\`` }]));
  if (issues.length > 0) throw invalid(issues);
  const scopes = [...new Set(given.filter(known))];
  const beyond = scopes.filter((scope) => !actor.may(scope));
  if (beyond.length > 0) throw forbidden(`who does not have a permission cannot give it to a key: ${beyond.map((scope) => `\`${scope}\``).join(", ")}`);
  return scopes;
}

/** Who makes it must still be what they were when their permissions were looked at. */
function unlessStill(env: Env, { principal, organization, role }: Actor): Statement[] {
  switch (principal.kind) {
    case "operator":
      return [];
    case "user": {
      const member = "SELECT 1 FROM memberships WHERE organization_id = ?1 AND user_id = ?2 AND role = ?3";
      return [failIf(env.DB, "changed_meanwhile", `NOT EXISTS (${member})`, organization.id, principal.id, role)];
    }
    default:
      return [failIf(env.DB, "changed_meanwhile", "NOT EXISTS (SELECT 1 FROM keys WHERE id = ?1 AND revoked_at IS NULL)", principal.id)];
  }
}

async function orChanged(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isFailed(error, "changed_meanwhile")) throw conflict("what you may was changed meanwhile, try again");
    throw error;
  }
}

export async function renameKey(env: Env, actor: Actor, id: string, name: string | undefined): Promise<Key> {
  const before = await getKey(env, actor, id);
  if (name === undefined || name === before.name) return before;
  await store.rename(env.DB, id, name, audit.entry(env.DB, actor, { action: "key.update", subject: before, before: { name: before.name }, after: { name } }));
  return getKey(env, actor, id);
}

/** It proves nothing from now on; the row stays, for who looks for what it was. */
export async function revokeKey(env: Env, actor: Actor, id: string): Promise<void> {
  const key = await getKey(env, actor, id);
  if (key.revoked_at !== null) return;
  const entry = audit.entry(env.DB, actor, { action: "key.revoke", subject: key, before: { name: key.name, kind: key.kind } });
  await store.revoke(env.DB, id, Date.now(), entry);
  await env.IDENTITY.forget();
}

/** A token for who calls workers whose `auth` is `anon`: it can be given to everybody, and cannot be revoked alone. */
export async function issueAnon(env: Env, actor: Actor, lifetimeDays: number): Promise<{ token: string; expiresAt: number }> {
  const { organization } = actor;
  const expiresAt = Date.now() + lifetimeDays * DAY_SECONDS * 1000;
  const token = await orRefused(env.IDENTITY.issue("anon", { role: "anon", org: organization.id }, lifetimeDays * DAY_SECONDS));
  await audit.entry(env.DB, actor, { action: "key.issue-anon", subject: organization, after: { expires_at: expiresAt } }).run();
  return { token, expiresAt };
}

async function orRefused(issue: Promise<string>): Promise<string> {
  try {
    return await issue;
  } catch (error) {
    if (hostCode(error) === "not-configured") throw unprocessable(`the host issues no anon tokens: ${messageOf(error)}`);
    if (hostCode(error) === "unavailable") throw new ApiError("unavailable", messageOf(error));
    throw error;
  }
}
