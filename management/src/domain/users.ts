/** Rules of people: how an account comes to be, and how an address is proved. */
import type { Caller } from "../actor.ts";
import type { Env } from "../env.ts";
import { ApiError, conflict, hostCode, isUniqueViolation, notFound } from "../errors.ts";
import { newId } from "../id.ts";
import * as audit from "../store/audit.ts";
import * as sessions from "../store/sessions.ts";
import * as store from "../store/users.ts";
import { countTry, mayMail, tookIt } from "./attempts.ts";
import { issueOnce, lookAt, useOnce } from "./one-time.ts";
import { checkPassword } from "./passwords.ts";

export type User = store.UserRow;

const DAY_MS = 86_400_000;
const RESET_MS = 3_600_000;

/** As addresses are compared: the part before the @ too, which no provider in use tells apart by case. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

export async function getUser(env: Env, id: string): Promise<User> {
  const user = await store.find(env.DB, id);
  if (user === null) throw notFound("user", id);
  return user;
}

export interface SignUp {
  email: string;
  password: string;
  name: string;
}

/**
 * Makes an account. The answer is the same whether or not the address has one already: its owner is told by mail, and nobody else
 * learns of it. Both ways hash a password.
 */
export async function signUp(env: Env, caller: Caller, { email, password, name }: SignUp): Promise<Later> {
  checkPassword("password", password, email);
  await refuseUninvited(env, caller, email);
  const passwordHash = await env.IDENTITY.hashPassword(password);
  const isTaken = (await store.byEmail(env.DB, email)) !== null;
  const user = isTaken ? null : await createUser(env, caller, { email, emailVerifiedAt: null, name, passwordHash });
  // Of two at once, one comes too late.
  return { mail: user === null ? tellTaken(env, email) : sendVerification(env, user) };
}

/** In an object, since a promise that is returned is waited for. */
export interface Later {
  mail: Promise<void>;
}

/** An operator may always; others as the server is configured. */
export async function refuseUninvited(env: Env, caller: Caller, email: string): Promise<void> {
  if (caller.principal?.kind === "operator" || env.SIGN_UP === "open") return;
  if (env.SIGN_UP === "invited" && (await store.isInvited(env.DB, email, Date.now()))) return;
  throw new ApiError("forbidden", env.SIGN_UP === "closed" ? "this server takes no new accounts" : "an account takes an invitation to this email");
}

export type NewUser = Pick<store.NewUser, "email" | "emailVerifiedAt" | "name" | "passwordHash">;

/** With a personal organization. `null` where the address has an account. */
export async function createUser(env: Env, caller: Caller, user: NewUser): Promise<User | null> {
  const id = newId("usr_");
  const organizationId = newId("org_");
  const now = Date.now();
  const organizationName = await freeName(env, user.email);
  const entry = audit.entryIn(env.DB, organizationId, caller, { action: "user.create", subject: { id, name: user.email }, after: { email: user.email } });
  try {
    await store.insert(env.DB, { ...user, id, organizationId, organizationName, now }, entry);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    if ((await store.byEmail(env.DB, user.email)) !== null) return null;
    throw conflict("the name of the personal organization was taken meanwhile: try again");
  }
  return getUser(env, id);
}

/** The part before the @, with a number where that is taken. */
async function freeName(env: Env, email: string): Promise<string> {
  const base = (email.split("@")[0] ?? "").replace(/[^a-z0-9.-]+/g, "-").replace(/^[^a-z0-9]+/, "").slice(0, 50) || "user";
  const taken = await store.organizationNames(env.DB, base);
  if (!taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
  }
}

/** Where no mail is configured, addresses stay unverified. Nobody is sent mail without end by strangers. */
async function mail(env: Env, to: string, subject: string, text: string): Promise<void> {
  if (!(await mayMail(env, to))) return;
  try {
    await env.MAIL.send(to, subject, text);
  } catch (error) {
    const code = hostCode(error);
    if (code === "not-configured") return;
    // Whoever asks must not learn from a failure whether the address has an account.
    console.error("a mail could not be sent:", error);
  }
}

function linkOf(env: Env, path: string, token: string): string {
  return `${env.APP_URL === "" ? env.PUBLIC_URL : env.APP_URL}${path}?token=${token}`;
}

export async function sendVerification(env: Env, user: User): Promise<void> {
  const token = await issueOnce(env, { purpose: "verify-email", userId: user.id, payload: { email: user.email }, lifetimeMs: DAY_MS });
  const text = `Somebody, and we hope you, has made an account with this address.\n\nTo prove that it is yours, open within 24 hours:\n${linkOf(env, "/verify-email", token)}\n`;
  await mail(env, user.email, "Prove that this address is yours", text);
}

async function tellTaken(env: Env, email: string): Promise<void> {
  const text = "Somebody, perhaps you, has tried to make an account with this address. It has one already.\n\nIf you have forgotten its password, ask for another one where you sign in.\n";
  await mail(env, email, "This address has an account", text);
}

/**
 * Takes the password too: a stranger may have made the account, and its address's owner, who opens the mail, must not vouch for it. They
 * have it by a reset.
 */
export async function verifyEmail(env: Env, caller: Caller, token: string, password: string): Promise<void> {
  const { user_id: userId } = await lookAt(env, "verify-email", token);
  const user = await getUser(env, userId ?? "");
  await countTry(env, caller, user.email);
  const isRight = user.password_hash !== null && (await env.IDENTITY.verifyPassword(password, user.password_hash));
  if (!isRight) throw new ApiError("unauthorized", "another password than that of the account");
  await tookIt(env, caller, user.email);
  await useOnce(env, "verify-email", token);
  await store.verified(env.DB, user.id, Date.now()).run();
}

/** The same for an address without an account. */
export async function requestReset(env: Env, email: string): Promise<void> {
  const user = await store.byEmail(env.DB, email);
  if (user === null) return;
  const text = `Somebody, and we hope you, asks for another password.\n\nTo choose one, open within an hour:\n${linkOf(env, "/reset-password", await resetToken(env, user))}\n`;
  await mail(env, email, "Choose another password", text);
}

export function resetToken(env: Env, user: User): Promise<string> {
  return issueOnce(env, { purpose: "reset-password", userId: user.id, lifetimeMs: RESET_MS });
}

/** Whoever has the mail owns the address: it is verified by that, and all sessions end. */
export async function resetPassword(env: Env, token: string, password: string): Promise<void> {
  const { user_id: userId } = await lookAt(env, "reset-password", token);
  const user = await getUser(env, userId ?? "");
  checkPassword("password", password, user.email);
  await useOnce(env, "reset-password", token);
  const now = Date.now();
  await setPassword(env, user, password, [store.verified(env.DB, user.id, now)]);
}

/** Ends all sessions, that of who asks too. */
export async function setPassword(env: Env, user: User, password: string, also: readonly ReturnType<typeof store.verified>[] = []): Promise<void> {
  checkPassword("password", password, user.email);
  const hash = await env.IDENTITY.hashPassword(password);
  const now = Date.now();
  await env.DB.batch([store.withPassword(env.DB, user.id, hash, now), sessions.revokeAll(env.DB, user.id, now), ...also]);
  await env.IDENTITY.forget();
}
