/** Rules of sessions: how one begins, is renewed and ends. */
import type { Caller, SignedIn } from "../actor.ts";
import type { Env } from "../env.ts";
import { ApiError, notFound } from "../errors.ts";
import { newId } from "../id.ts";
import * as store from "../store/sessions.ts";
import * as users from "../store/users.ts";
import { countTry, tookIt } from "./attempts.ts";
import { getUser, type User } from "./users.ts";

export const ACCESS_SECONDS = 900;
export const REFRESH_SECONDS = 30 * 86_400;

/** What a client gets of a sign-in. */
export interface Tokens {
  access: string;
  refresh: string;
  user: User;
}

/** Of a password that nobody has, so that an address without an account takes as long as one with. */
const NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$b3Vyby1ub2JvZHktMTIzNA$yJ6WqtPlJmZ4LJz1L8d3n2gH2mJ0C0mKj8T3b0Nw6rE";

export async function signIn(env: Env, caller: Caller, email: string, password: string): Promise<Tokens> {
  await countTry(env, caller, email);
  const user = await users.byEmail(env.DB, email);
  const isRight = await env.IDENTITY.verifyPassword(password, user?.password_hash ?? NOBODYS_HASH);
  if (user?.password_hash == null || !isRight) throw new ApiError("unauthorized", "no such email, or another password");
  await tookIt(env, caller, email);
  return begin(env, caller, user);
}

/** A new session of a user who has proved who they are. */
export async function begin(env: Env, caller: Caller, user: User): Promise<Tokens> {
  const now = Date.now();
  await store.forgetOld(env.DB, now - REFRESH_SECONDS * 1000);
  const session = newId("ses_");
  const tokenId = newId("rft_");
  const { client, address } = caller;
  await store.insert(env.DB, { id: session, userId: user.id, client, address, now, expiresAt: now + REFRESH_SECONDS * 1000, tokenId });
  return issue(env, user, session, tokenId);
}

async function issue(env: Env, user: User, session: string, tokenId: string): Promise<Tokens> {
  const [access, refresh] = await Promise.all([
    env.IDENTITY.issue("access", { sub: user.id, sid: session }, ACCESS_SECONDS),
    env.IDENTITY.issue("refresh", { sub: user.id, sid: session, jti: tokenId }, REFRESH_SECONDS),
  ]);
  return { access, refresh, user };
}

const NOT_GOOD = new ApiError("unauthorized", "the refresh token is not valid, or its session is over");

/** A token that comes again was stolen, from whoever used it first or from whoever does now: the session ends (RFC 9700 4.14.2). */
export async function refresh(env: Env, token: string): Promise<Tokens> {
  const { sub, sid, jti } = (await env.IDENTITY.verify("refresh", token)) ?? {};
  if (typeof sub !== "string" || typeof sid !== "string" || typeof jti !== "string") throw NOT_GOOD;
  const now = Date.now();
  const session = await store.findGood(env.DB, sid, now);
  if (session === null || session.user_id !== sub) throw NOT_GOOD;
  if (!(await store.useToken(env.DB, jti, sid, now))) {
    await endSession(env, sub, sid);
    throw NOT_GOOD;
  }
  const user = await getUser(env, sub);
  const tokenId = newId("rft_");
  await store.renew(env.DB, { sessionId: sid, tokenId, now, expiresAt: now + REFRESH_SECONDS * 1000 });
  return issue(env, user, sid, tokenId);
}

async function endSession(env: Env, userId: string, session: string): Promise<boolean> {
  const isEnded = await store.revoke(env.DB, userId, session, Date.now());
  if (isEnded) await env.IDENTITY.forget();
  return isEnded;
}

export async function signOut(env: Env, { principal }: SignedIn): Promise<void> {
  await endSession(env, principal.id, principal.session);
}

export async function signOutEverywhere(env: Env, { principal }: SignedIn): Promise<void> {
  await store.revokeAll(env.DB, principal.id, Date.now()).run();
  await env.IDENTITY.forget();
}

export async function deleteSession(env: Env, { principal }: SignedIn, session: string): Promise<void> {
  if (!(await endSession(env, principal.id, session))) throw notFound("session", session);
}

/** Of a user who is signed in and says the password again. */
export async function refuseWrongPassword(env: Env, caller: SignedIn, password: string): Promise<User> {
  const user = await getUser(env, caller.principal.id);
  if (user.password_hash === null) return user;
  await countTry(env, caller, user.email);
  if (!(await env.IDENTITY.verifyPassword(password, user.password_hash))) throw new ApiError("unauthorized", "another password than that of the account");
  await tookIt(env, caller, user.email);
  return user;
}
