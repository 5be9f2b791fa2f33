/** Rules of organizations. */
import { isGone, type Actor, type Person } from "../actor.ts";
import type { Env } from "../env.ts";
import { conflict, forbidden, invalidField, isForeignKeyViolation, isUniqueViolation, notFound } from "../errors.ts";
import { newId } from "../id.ts";
import type { PageRequest } from "../page.ts";
import * as audit from "../store/audit.ts";
import { failIf, isFailed } from "../store/guards.ts";
import * as store from "../store/organizations.ts";
import * as users from "../store/users.ts";
import { withinOrganizations } from "./quotas.ts";
import { reload } from "./routing.ts";

export type Organization = store.OrganizationRow;

const DAY_MS = 86_400_000;

/** Those of a user; every one for the operator. */
export function listOrganizations(env: Env, { principal }: Person, page: PageRequest): Promise<store.Listed[]> {
  const now = Date.now();
  return principal.kind === "operator" ? store.list(env.DB, now, page) : store.listOfMember(env.DB, principal.id, now, page);
}

/** By id or name, for the operator. */
export async function getOrganization(env: Env, organization: string): Promise<Organization> {
  const row = await store.find(env.DB, organization);
  if (row === null || isGone(row)) throw notFound("organization", organization);
  return row;
}

/** As one sees it who acts in it. */
export async function shownTo(env: Env, actor: Actor): Promise<store.Listed> {
  return { ...(await getOrganization(env, actor.organization.id)), role: actor.isOperator ? null : actor.role };
}

export interface NewOrganization {
  name: string;
  description?: string | undefined;
  /** Id or email of a user, where the operator names one. */
  owner?: string | undefined;
}

export async function createOrganization(env: Env, caller: Person, fields: NewOrganization): Promise<store.Listed> {
  const { name, description = "" } = fields;
  const ownerId = await ownerOf(env, caller, fields.owner);
  const row = { id: newId("org_"), name, description, ownerId, now: Date.now() };
  const entry = audit.entryIn(env.DB, row.id, caller, { action: "organization.create", subject: row, after: { name, description, owner: ownerId } });
  const { principal } = caller;
  const isUser = principal.kind === "user";
  await orTaken(name, isUser
    ? withinOrganizations(env, principal.id, (guards) => store.insert(env.DB, row, entry, guards))
    : store.insert(env.DB, row, entry, []));
  return { ...(await getOrganization(env, row.id)), role: isUser ? "owner" : null };
}

/** A user makes organizations of their own. */
async function ownerOf(env: Env, { principal }: Person, owner: string | undefined): Promise<string | null> {
  if (principal.kind === "user") {
    if (owner !== undefined) throw forbidden("only the operator names an `owner`; one's own organizations are one's own");
    return principal.id;
  }
  if (owner === undefined) return null;
  const user = (await users.find(env.DB, owner)) ?? (await users.byEmail(env.DB, owner));
  if (user === null) throw invalidField("owner", `no user \`${owner}\``);
  return user.id;
}

export async function updateOrganization(
  env: Env,
  actor: Actor,
  fields: { name?: string | undefined; description?: string | undefined },
): Promise<store.Listed> {
  const { organization } = actor;
  const { name = null, description = null } = fields;
  const change = { id: organization.id, name, description, now: Date.now() };
  const entry = audit.entry(env.DB, actor, {
    action: "organization.update",
    subject: organization,
    ...audit.difference(organization, { name, description }),
  });
  await orTaken(name ?? organization.name, store.update(env.DB, change, entry));
  return shownTo(env, actor);
}

/** It serves nothing from now on, and goes with all that it owns when its time has come (domain/purge.ts). */
export async function deleteOrganization(env: Env, actor: Actor): Promise<store.Listed> {
  const { organization } = actor;
  const { id, name } = organization;
  if (id === store.DEFAULT_ORGANIZATION) throw conflict(`the organization \`${name}\` is the operator's own and cannot be deleted`);
  if (organization.personal_user_id !== null) throw conflict(`the organization \`${name}\` is a user's personal one and goes with the user alone`);
  if (organization.deletion_at !== null) return shownTo(env, actor);
  const deletionAt = Date.now() + env.ORGANIZATION_GRACE_DAYS * DAY_MS;
  const entry = audit.entry(env.DB, actor, { action: "organization.delete", subject: organization, after: { deletion_at: deletionAt } });
  // Two at once do not put it off.
  const isUndeleted = failIf(env.DB, "changed_meanwhile", "EXISTS (SELECT 1 FROM organizations WHERE id = ?1 AND deletion_at IS NOT NULL)", id);
  try {
    await store.setDeletion(env.DB, id, deletionAt, entry, [isUndeleted]);
  } catch (error) {
    if (!isFailed(error, "changed_meanwhile")) throw error;
  }
  await followed(env, `the organization \`${name}\` is deleted in the store`);
  return shownTo(env, actor);
}

export async function restoreOrganization(env: Env, actor: Actor): Promise<store.Listed> {
  const { id, name, deletion_at } = actor.organization;
  if (deletion_at === null) throw conflict(`the organization \`${name}\` is not being deleted`);
  const entry = audit.entry(env.DB, actor, { action: "organization.restore", subject: actor.organization, before: { deletion_at } });
  const isThere = failIf(env.DB, "changed_meanwhile", "NOT EXISTS (SELECT 1 FROM organizations WHERE id = ?1 AND deletion_at > ?2)", id, Date.now());
  try {
    await store.setDeletion(env.DB, id, null, entry, [isThere]);
  } catch (error) {
    if (isFailed(error, "changed_meanwhile")) throw notFound("organization", name);
    throw error;
  }
  await followed(env, `the organization \`${name}\` is restored in the store`);
  return shownTo(env, actor);
}

/** The host looks up anew who proves what, and what is served. */
async function followed(env: Env, done: string): Promise<void> {
  await env.IDENTITY.forget();
  await reload(env, null, done);
}

async function orTaken(name: string, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict(`an organization \`${name}\` is there already`);
    if (isForeignKeyViolation(error)) throw conflict("the owner was deleted meanwhile");
    throw error;
  }
}
