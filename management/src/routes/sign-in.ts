/** Accounts and sign-in over HTTP. */
import * as z from "zod";

import { ACCESS_COOKIE, readCookie, REFRESH_COOKIE, setCookie } from "../cookies.ts";
import * as sessions from "../domain/sessions.ts";
import * as users from "../domain/users.ts";
import type { Env } from "../env.ts";
import { ApiError } from "../errors.ts";
import { route } from "../route.ts";

export const email = z
  .string()
  .max(254)
  .regex(/^[^\s@<>"'\\]{1,64}@[^\s@<>"'\\]{1,190}$/, "not an email address")
  .transform(users.normalEmail)
  .meta({ id: "Email" });
const password = z.string().max(1024);
export const personName = z
  .string()
  .max(100)
  .regex(/^[^\p{Cc}]*$/u, "expected no control characters");
const token = z.string().min(1).max(4096);

export const shownUser = z.object({ id: z.string(), email: z.string(), email_verified: z.boolean(), name: z.string() }).meta({ id: "User" });

export function userOf({ id, email, email_verified_at, name }: users.User): z.input<typeof shownUser> {
  return { id, email, email_verified: email_verified_at !== null, name };
}

const tokens = z
  .object({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.int().meta({ description: "Seconds." }),
    refresh_token: z.string().meta({ description: "Good once." }),
    refresh_expires_in: z.int().meta({ description: "Seconds." }),
    user: shownUser,
  })
  .meta({ id: "Tokens", description: "As RFC 6749 5.1 has them, and as cookies." });

/** In the body and as cookies; no cache keeps it (RFC 6749 5.1). */
export function tokensAnswer(env: Env, { access, refresh, user }: sessions.Tokens): Response {
  const body: z.input<typeof tokens> = {
    access_token: access,
    token_type: "Bearer",
    expires_in: sessions.ACCESS_SECONDS,
    refresh_token: refresh,
    refresh_expires_in: sessions.REFRESH_SECONDS,
    user: userOf(user),
  };
  const response = Response.json(body, { headers: { "cache-control": "no-store" } });
  response.headers.append("set-cookie", setCookie(env, ACCESS_COOKIE, access, "/", sessions.ACCESS_SECONDS));
  response.headers.append("set-cookie", setCookie(env, REFRESH_COOKIE, refresh, "/api/v1", sessions.REFRESH_SECONDS));
  return response;
}

function signedOut(env: Env): Response {
  const response = new Response(null, { status: 204 });
  response.headers.append("set-cookie", setCookie(env, ACCESS_COOKIE, "", "/", 0));
  response.headers.append("set-cookie", setCookie(env, REFRESH_COOKIE, "", "/api/v1", 0));
  return response;
}

/** Browsers send the cookie with a form of any site too: only a page of ours may use it. */
function refreshCookie(env: Env, request: Request): string {
  const origin = request.headers.get("origin");
  const cookie = readCookie(request, REFRESH_COOKIE);
  if (cookie !== null && origin !== null && [env.PUBLIC_URL, env.APP_URL].includes(origin)) return cookie;
  throw new ApiError("unauthorized", "no refresh token: expected it in the body, or as a cookie from a page of this origin");
}

export const signInRoutes = [
  route({
    id: "signUp",
    access: "open",
    method: "post",
    path: "/api/v1/auth/sign-up",
    summary: "Makes an account; the same answer where the address has one",
    body: z.strictObject({ email, password, name: personName.default("") }).meta({ id: "SignUp" }),
    status: 204,
    errors: ["invalid_request", "forbidden", "conflict", "unavailable"],
    async handle({ env, actor, body, later }) {
      later((await users.signUp(env, actor, body)).mail);
    },
  }),
  route({
    id: "signIn",
    access: "open",
    method: "post",
    path: "/api/v1/auth/sign-in",
    summary: "Begins a session with email and password",
    body: z.strictObject({ email, password }).meta({ id: "SignIn" }),
    answer: tokens,
    errors: ["invalid_request", "unauthorized", "too_many_requests", "unavailable"],
    handle: async ({ env, actor, body }) => tokensAnswer(env, await sessions.signIn(env, actor, body.email, body.password)),
  }),
  route({
    id: "refresh",
    access: "open",
    method: "post",
    path: "/api/v1/refresh",
    summary: "Exchanges a refresh token, of the body or a cookie, for new tokens",
    body: z.strictObject({ refresh_token: token.optional() }).meta({ id: "Refresh" }),
    answer: tokens,
    errors: ["invalid_request", "unauthorized", "unavailable"],
    handle: async ({ env, request, body }) => tokensAnswer(env, await sessions.refresh(env, body.refresh_token ?? refreshCookie(env, request))),
  }),
  route({
    id: "verifyEmail",
    access: "open",
    method: "post",
    path: "/api/v1/auth/verify-email",
    summary: "Proves an address by the token of the mail, and the password",
    body: z.strictObject({ token, password }).meta({ id: "VerifyEmail" }),
    status: 204,
    errors: ["invalid_request", "unauthorized", "not_found", "too_many_requests", "unavailable"],
    handle: ({ env, actor, body }) => users.verifyEmail(env, actor, body.token, body.password),
  }),
  route({
    id: "requestReset",
    access: "open",
    method: "post",
    path: "/api/v1/auth/request-reset",
    summary: "Sends a mail to choose another password with; the same answer where there is no account",
    body: z.strictObject({ email }).meta({ id: "RequestReset" }),
    status: 204,
    errors: ["invalid_request", "unavailable"],
    handle({ env, body, later }) {
      later(users.requestReset(env, body.email));
      return Promise.resolve();
    },
  }),
  route({
    id: "resetPassword",
    access: "open",
    method: "post",
    path: "/api/v1/auth/reset",
    summary: "Sets another password by the token of the mail, and ends all sessions",
    body: z.strictObject({ token, password }).meta({ id: "ResetPassword" }),
    status: 204,
    errors: ["invalid_request", "unauthorized", "not_found", "unavailable"],
    handle: ({ env, body }) => users.resetPassword(env, body.token, body.password),
  }),
  route({
    id: "changePassword",
    access: "user",
    method: "post",
    path: "/api/v1/auth/change-password",
    summary: "Sets another password, and ends all sessions",
    body: z.strictObject({ password: password.meta({ description: "The present one." }), new_password: password }).meta({ id: "ChangePassword" }),
    status: 204,
    errors: ["not_found", "too_many_requests", "unavailable"],
    async handle({ env, actor, body }) {
      const user = await sessions.refuseWrongPassword(env, actor, body.password);
      await users.setPassword(env, user, body.new_password);
      return signedOut(env);
    },
  }),
  route({
    id: "signOut",
    access: "user",
    method: "post",
    path: "/api/v1/auth/sign-out",
    summary: "Ends the session",
    status: 204,
    async handle({ env, actor }) {
      await sessions.signOut(env, actor);
      return signedOut(env);
    },
  }),
  route({
    id: "signOutEverywhere",
    access: "user",
    method: "post",
    path: "/api/v1/auth/sign-out-everywhere",
    summary: "Ends all of the user's sessions",
    status: 204,
    async handle({ env, actor }) {
      await sessions.signOutEverywhere(env, actor);
      return signedOut(env);
    },
  }),
];
