/** Rules of issuers. */
import type { Actor } from "../actor.ts";
import type { Env } from "../env.ts";
import { conflict, isUniqueViolation, notFound } from "../errors.ts";
import * as audit from "../store/audit.ts";
import * as store from "../store/issuers.ts";
import { withinQuota } from "./quotas.ts";

export type Issuer = store.IssuerRow;

/**
 * As OpenID Connect Discovery 3 has it: an https URL without query and fragment. It is compared character by character, so
 * nothing is made of it.
 */
export function isIssuer(text: string): boolean {
  if (!/^https:\/\/[!-~]+$/.test(text) || /[?#\\]/.test(text)) return false;
  try {
    const { hostname, username, password } = new URL(text);
    return hostname !== "" && username === "" && password === "" && !/^https:\/\/[^/]*@/.test(text);
  } catch {
    return false;
  }
}

export async function addIssuer(env: Env, actor: Actor, issuer: string, audience: string): Promise<Issuer> {
  const organizationId = actor.organization.id;
  const row = { issuer, audience, created_at: Date.now() };
  const entry = audit.entry(env.DB, actor, { action: "issuer.create", subject: { id: issuer, name: issuer }, after: { audience } });
  try {
    await withinQuota(env, organizationId, "issuers", (guards) => store.insert(env.DB, organizationId, row, entry, guards));
  } catch (error) {
    throw isUniqueViolation(error) ? conflict(`the issuer \`${issuer}\` is there already`) : error;
  }
  await env.IDENTITY.forget();
  return row;
}

export async function removeIssuer(env: Env, actor: Actor, issuer: string): Promise<void> {
  const row = await store.find(env.DB, actor.organization.id, issuer);
  if (row === null) throw notFound("issuer", issuer);
  const what = { action: "issuer.delete", subject: { id: issuer, name: issuer }, before: { audience: row.audience } };
  await store.remove(env.DB, actor.organization.id, issuer, audit.entry(env.DB, actor, what));
  await env.IDENTITY.forget();
}
