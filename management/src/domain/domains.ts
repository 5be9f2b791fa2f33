/** Rules of custom domains: who claims one proves that it is theirs by a TXT record, and then it leads to a worker. */
import type { Actor } from "../actor.ts";
import type { Env } from "../env.ts";
import { ApiError, conflict, hostCode, invalidField, isForeignKeyViolation, isUniqueViolation, messageOf, notFound, unprocessable } from "../errors.ts";
import { randomHex } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as store from "../store/domains.ts";
import { MANAGEMENT } from "./names.ts";
import { reload } from "./routing.ts";
import { getWorker } from "./workers.ts";

export type Domain = store.DomainRow;

/** Label that is put before a domain, as host/core/src/ports/domains.rs has it. */
const CHALLENGE = "_ouro-challenge";

/** Name of the TXT record that has to hold the token. */
export function challengeOf(domain: string): string {
  return `${CHALLENGE}.${domain}`;
}

export async function getDomain(env: Env, actor: Actor, name: string): Promise<Domain> {
  const row = await store.find(env.DB, actor.organization.id, name.toLowerCase());
  if (row === null) throw notFound("domain", name);
  return row;
}

/** It routes once it is verified: at once where the operator asks for no proof. */
export async function createDomain(env: Env, actor: Actor, name: string, workerName: string): Promise<Domain> {
  if (name === env.BASE_DOMAIN || name.endsWith(`.${env.BASE_DOMAIN}`)) {
    throw invalidField("name", `\`${name}\` is the platform's own: workers are served below \`${env.BASE_DOMAIN}\` by their names`);
  }
  const worker = await getWorker(env, actor, workerName);
  if (worker.name === MANAGEMENT) throw invalidField("worker", `\`${MANAGEMENT}\` is served at \`${env.BASE_DOMAIN}\` alone`);
  if (await store.isVerified(env.DB, name)) throw taken(name);
  const now = Date.now();
  const verifiedAt = (await env.DOMAINS.required()) ? null : now;
  const domain = { name, workerId: worker.id, organizationId: actor.organization.id, token: randomHex(), verifiedAt, now };
  const after = { worker: worker.name, verified: verifiedAt !== null };
  const entry = audit.entry(env.DB, actor, { action: "domain.create", subject: { id: name, name }, after });
  try {
    await store.insert(env.DB, domain, entry);
  } catch (error) {
    if (isUniqueViolation(error)) throw taken(name);
    if (isForeignKeyViolation(error)) throw notFound("worker", workerName);
    throw error;
  }
  if (verifiedAt !== null) await reload(env, worker.id, `the domain \`${name}\` is routed in the store`);
  return getDomain(env, actor, name);
}

/** Again is no error: the record may be gone by then. */
export async function verifyDomain(env: Env, actor: Actor, given: string): Promise<Domain> {
  const domain = await getDomain(env, actor, given);
  if (domain.verified_at !== null) return domain;
  const { name, token, worker_id } = domain;
  if (await store.isVerified(env.DB, name)) throw taken(name);
  await checkChallenge(env, name, token);
  const entry = audit.entry(env.DB, actor, { action: "domain.verify", subject: { id: name, name }, after: { verified: true } });
  try {
    await store.verify(env.DB, actor.organization.id, name, Date.now(), entry);
  } catch (error) {
    if (isUniqueViolation(error)) throw taken(name);
    throw error;
  }
  await reload(env, worker_id, `the domain \`${name}\` is verified in the store`);
  return getDomain(env, actor, name);
}

export async function deleteDomain(env: Env, actor: Actor, given: string): Promise<void> {
  const { name, worker_id, worker_name, verified_at } = await getDomain(env, actor, given);
  const before = { worker: worker_name, verified: verified_at !== null };
  const entry = audit.entry(env.DB, actor, { action: "domain.delete", subject: { id: name, name }, before });
  await store.remove(env.DB, actor.organization.id, name, entry);
  if (verified_at !== null) await reload(env, worker_id, `the domain \`${name}\` is deleted in the store`);
}

async function checkChallenge(env: Env, name: string, token: string): Promise<void> {
  try {
    await env.DOMAINS.check(name, token);
  } catch (error) {
    switch (hostCode(error)) {
      case "unproven":
        throw unprocessable(`\`${name}\` is not verified: ${messageOf(error)}`);
      case "unavailable":
        throw new ApiError("unavailable", messageOf(error));
      default:
        throw error;
    }
  }
}

function taken(name: string): ApiError {
  return conflict(`the domain \`${name}\` is there already`);
}
