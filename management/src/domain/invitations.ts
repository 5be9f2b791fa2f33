/** Rules of invitations: a link that makes whoever it is for a member, once, within a week. */
import type { Actor, SignedIn } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { ApiError, forbidden, hostCode, messageOf, notFound } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import { isFailed } from "../store/guards.ts";
import * as store from "../store/invitations.ts";
import * as members from "../store/members.ts";
import * as organizations from "../store/organizations.ts";
import * as quotas from "../store/quotas.ts";
import * as users from "../store/users.ts";
import { newSecret, sha256 } from "../hash.ts";
import { userBehind } from "./keys.ts";
import { withinQuota } from "./quotas.ts";

export type Invitation = store.InvitationRow;

const LIFETIME_MS = 7 * 86_400_000;

export interface Created {
  row: Invitation;
  token: string;
  url: string;
  /** Whether a mail is on its way; the link is in the answer anyway. */
  isMailed: boolean;
}

export async function createInvitation(env: Env, actor: Actor, email: string | null, role: store.InvitedRole): Promise<Created> {
  const now = Date.now();
  const row: Invitation = {
    id: newId("inv_"),
    organization_id: actor.organization.id,
    email,
    role,
    invited_by: await userBehind(env, actor),
    created_at: now,
    expires_at: now + LIFETIME_MS,
    accepted_by: null,
    accepted_at: null,
  };
  const token = newSecret();
  const hash = await sha256(token);
  const entry = audit.entry(env.DB, actor, { action: "invitation.create", subject: subjectOf(row), after: { email, role } });
  await withinQuota(env, row.organization_id, "invitations", (guards) => store.insert(env.DB, row, hash, entry, guards));
  const url = urlOf(env, token);
  return { row, token, url, isMailed: email !== null && (await mail(env, actor, row, email, url)) };
}

/** The token stands behind `#`, where no server and no log sees it. */
function urlOf(env: Env, token: string): string {
  return `${new URL(env.APP_URL === "" ? env.PUBLIC_URL : env.APP_URL).origin}/invitations/accept#token=${token}`;
}

async function mail(env: Env, actor: Actor, row: Invitation, email: string, url: string): Promise<boolean> {
  const { name } = actor.organization;
  const from = actor.principal.kind === "user" ? `${actor.principal.email} invites you` : "You are invited";
  const text = [
    `${from} to the organization \`${name}\`, as ${row.role}.`,
    `Accept by this link, which is good once and until ${new Date(row.expires_at).toUTCString()}:`,
    url,
    "If you did not expect this, do nothing.",
  ].join("\n\n");
  try {
    await env.MAIL.send(email, `Invitation to ${name}`, text);
    return true;
  } catch (error) {
    if (hostCode(error) !== "not-configured") console.error(`invitation ${row.id} was not mailed: ${messageOf(error)}`);
    return false;
  }
}

export async function deleteInvitation(env: Env, actor: Actor, id: string): Promise<void> {
  const row = await store.find(env.DB, actor.organization.id, id);
  if (row === null) throw notFound("invitation", id);
  const { email, role } = row;
  await store.remove(env.DB, id, audit.entry(env.DB, actor, { action: "invitation.delete", subject: subjectOf(row), before: { email, role } }));
}

/** Whoever is a member already keeps the higher role. */
export async function acceptInvitation(env: Env, caller: SignedIn, token: string): Promise<organizations.Membership> {
  const now = Date.now();
  const { id: userId, email } = caller.principal;
  const [invitation, organization] = await findInvitation(env, token);
  await checkEmail(env, userId, invitation.email);
  const { id, role } = invitation;
  const what = { action: "invitation.accept", subject: { id: userId, name: email }, after: { invitation: id, role } };
  const statements = [
    store.accept(env.DB, id, userId, now),
    members.add(env.DB, organization.id, userId, role, now),
    audit.entryIn(env.DB, organization.id, caller, what),
  ];
  const guard = (limit: number): Statement => quotas.fullForMember(env.DB, organization.id, limit, userId);
  try {
    await withinQuota(env, organization.id, "members", (guards) => env.DB.batch([store.isOpen(env.DB, id, now), ...guards, ...statements]), guard);
  } catch (error) {
    throw isFailed(error, "changed_meanwhile") ? unknown() : error;
  }
  await env.IDENTITY.forget();
  const membership = await organizations.ofMember(env.DB, organization.id, userId);
  if (membership === null) throw notFound("organization", organization.name);
  return membership;
}

/** Whether it is still good is for the batch to say. */
async function findInvitation(env: Env, token: string): Promise<[Invitation, organizations.OrganizationRow]> {
  const invitation = await store.byHash(env.DB, await sha256(token));
  if (invitation === null) throw unknown();
  const organization = await organizations.find(env.DB, invitation.organization_id);
  if (organization === null || organization.deletion_at !== null) throw unknown();
  return [invitation, organization];
}

/** That of the user, of whom it is known; what stands in a token may be old. */
async function checkEmail(env: Env, userId: string, email: string | null): Promise<void> {
  if (email === null) return;
  const user = await users.find(env.DB, userId);
  if (user?.email !== email) throw forbidden("the invitation is for another email address than yours");
  if (user.email_verified_at === null) throw forbidden("the invitation is for an email address: verify yours first");
}

/** The same for each reason, so that it tells nothing of what there is. */
function unknown(): ApiError {
  return new ApiError("not_found", "no such invitation: it was used or taken back, has expired, or never was");
}

function subjectOf({ id, email }: Invitation): { id: string; name: string } {
  return { id, name: email ?? "" };
}
