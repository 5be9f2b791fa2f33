/** Rules of who belongs to an organization: it always has an owner, and only owners make and unmake owners. */
import { PERMISSIONS, roleMay, type Role } from "../access.ts";
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { conflict, forbidden, notFound } from "../errors.ts";
import * as audit from "../store/audit.ts";
import { isFailed } from "../store/guards.ts";
import * as keys from "../store/keys.ts";
import * as store from "../store/members.ts";

export type Member = store.MemberRow;

async function getMember(env: Env, actor: Actor, user: string): Promise<Member> {
  const row = await store.find(env.DB, actor.organization.id, user);
  if (row === null) throw notFound("member", user);
  return row;
}

export async function setRole(env: Env, actor: Actor, user: string, role: Role): Promise<Member> {
  const member = await getMember(env, actor, user);
  if (member.role === role) return member;
  if (role === "owner" || member.role === "owner") refuseUnlessOwner(actor);
  if (role === "owner") refusePersonal(actor, "has no other owner");
  const change = { action: "member.update", subject: subjectOf(member), before: { role: member.role }, after: { role } };
  await write(env, actor, member, [...withRole(env, actor, member, role), audit.entry(env.DB, actor, change)]);
  return getMember(env, actor, user);
}

/** Also oneself. */
export async function removeMember(env: Env, actor: Actor, user: string): Promise<void> {
  const member = await getMember(env, actor, user);
  const isSelf = actor.principal.kind === "user" && actor.principal.id === user;
  if (!isSelf && !actor.may("members:write")) throw forbidden("to remove another member takes `members:write`");
  if (!isSelf && member.role === "owner") refuseUnlessOwner(actor);
  if (actor.organization.personal_user_id === user) refusePersonal(actor, "cannot be left by its user");
  const organizationId = actor.organization.id;
  const action = isSelf ? "member.leave" : "member.remove";
  await write(env, actor, member, [
    store.isNotLastOwner(env.DB, organizationId, user),
    store.remove(env.DB, organizationId, user),
    keys.removeOf(env.DB, organizationId, user),
    audit.entry(env.DB, actor, { action, subject: subjectOf(member), before: { role: member.role } }),
  ]);
}

/** Another member is owner in place of who asks. */
export async function transfer(env: Env, actor: Actor, user: string): Promise<void> {
  const { principal } = actor;
  if (principal.kind !== "user") throw forbidden("a user who is owner hands over; others set the role of a member");
  refusePersonal(actor, "cannot be transferred");
  if (user === principal.id) throw conflict("who is owner is owner already");
  const [from, to] = [await getMember(env, actor, principal.id), await getMember(env, actor, user)];
  await write(env, actor, from, [
    store.isStill(env.DB, actor.organization.id, to),
    store.setRole(env.DB, actor.organization.id, to.user_id, "owner"),
    ...withRole(env, actor, from, "admin"),
    audit.entry(env.DB, actor, {
      action: "organization.transfer",
      subject: actor.organization,
      before: { owner: from.user_id, role: to.role },
      after: { owner: to.user_id, role: "owner" },
    }),
  ]);
}

/** Keys have no more than their owner may, also when that becomes less. */
function withRole(env: Env, actor: Actor, member: Member, role: Role): Statement[] {
  const permitted = PERMISSIONS.filter((permission) => roleMay(role, permission));
  return [
    store.isNotLastOwner(env.DB, actor.organization.id, member.user_id),
    store.setRole(env.DB, actor.organization.id, member.user_id, role),
    keys.revokeBeyond(env.DB, actor.organization.id, member.user_id, permitted, roleMay(role, "keys:manage"), Date.now()),
  ];
}

/** One batch, in which the member is still what was decided on. */
async function write(env: Env, actor: Actor, member: Member, statements: readonly Statement[]): Promise<void> {
  try {
    await env.DB.batch([store.isStill(env.DB, actor.organization.id, member), ...statements]);
  } catch (error) {
    if (isFailed(error, "last_owner")) throw conflict(`\`${member.email}\` is the last owner of \`${actor.organization.name}\`: make another member owner first`);
    if (isFailed(error, "changed_meanwhile")) throw conflict("the members of the organization were changed meanwhile, try again");
    throw error;
  }
  // Their keys may have gone.
  await env.IDENTITY.forget();
}

function refuseUnlessOwner(actor: Actor): void {
  if (!actor.may("organization:own")) throw forbidden("only an owner makes and unmakes owners (`organization:own`)");
}

function refusePersonal(actor: Actor, rule: string): void {
  if (actor.organization.personal_user_id !== null) throw conflict(`the organization \`${actor.organization.name}\` is a user's personal one: it ${rule}`);
}

function subjectOf({ user_id, email }: Member): { id: string; name: string } {
  return { id: user_id, name: email };
}
