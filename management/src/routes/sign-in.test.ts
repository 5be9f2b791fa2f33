import assert from "node:assert/strict";
import { test } from "node:test";

import type { Env } from "../env.ts";
import { Api, type Answer, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const EMAIL = "ada@example.org";
const PASSWORD = "a long enough one";

async function signedUp(email = EMAIL): Promise<Api> {
  const api = new Api().as(null);
  await api.expect(204, "POST", "auth/sign-up", { email, password: PASSWORD, name: "Ada" });
  return api;
}

function signIn(api: Api, email = EMAIL, password = PASSWORD): Promise<Answer> {
  return api.call("POST", "auth/sign-in", { email, password });
}

/** The user of an answer with tokens, as the host says who it is. */
function userOf(api: Api, { json }: Answer): Api {
  const claims = JSON.parse(Buffer.from(String(json["access_token"]), "base64url").toString()) as { claims: { sub: string; sid: string } };
  return api.as({ kind: "user", id: claims.claims.sub, session: claims.claims.sid, email: EMAIL, name: "Ada" });
}

const tokenIn = (mail: { text: string } | undefined): string => /token=(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";

test("who signs up has a personal organization and owns it", async () => {
  const api = await signedUp("Ada.Lovelace@Example.org");
  const answer = await signIn(api, "ada.lovelace@example.ORG");
  assert.equal(answer.status, 200);
  const profile = await userOf(api, answer).expect(200, "GET", "profile");
  assert.equal(profile["email"], "ada.lovelace@example.org");
  assert.equal(profile["email_verified"], false);
  assert.deepEqual((profile["limits"] as Json)["workers"], { limit: 100, used: 0 });
  const [organization, ...others] = profile["organizations"] as Json[];
  assert.deepEqual(others, []);
  assert.deepEqual({ ...organization, id: "" }, { id: "", name: "ada.lovelace", role: "owner", personal: true });
});

test("personal organizations of one name are told apart", async () => {
  const api = await signedUp();
  for (const host of ["a.example", "b.example"]) await api.expect(204, "POST", "auth/sign-up", { email: `ada@${host}`, password: PASSWORD });
  assert.deepEqual(api.rows("SELECT name FROM organizations WHERE personal_user_id IS NOT NULL ORDER BY name"), [["ada"], ["ada-2"], ["ada-3"]]);
});

test("an address that has an account is answered as one that has none, and its owner is told", async () => {
  const api = await signedUp();
  await api.expect(204, "POST", "auth/sign-up", { email: EMAIL, password: "another long one" });
  assert.deepEqual(api.mails.map((mail) => mail.subject), ["Prove that this address is yours", "This address has an account"]);
  assert.equal((await signIn(api, EMAIL, "another long one")).status, 401);
  assert.equal((await signIn(api)).status, 200);
  assert.equal(api.calls.filter((call) => call === "identity.hash-password").length, 2, "both take as long");
});

test("passwords that are short, common or the email are refused", async () => {
  const api = new Api().as(null);
  for (const password of ["short", "password123", "P@ssw0rd", "ada@example.org", "x".repeat(1025)]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "auth/sign-up", { email: EMAIL, password });
    assert.deepEqual(Object.keys(issues), ["password"], password);
  }
  assert.deepEqual(api.rows("SELECT * FROM users"), []);
});

test("fields that a client may not set are unknown, and names hold no line breaks", async () => {
  const api = new Api().as(null);
  for (const field of ["id", "role", "email_verified", "email_verified_at", "organization"]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "auth/sign-up", { email: EMAIL, password: PASSWORD, [field]: 1 });
    assert.deepEqual(issues, { [field]: "unknown field" });
  }
  for (const name of ["a\r\nset-cookie: x=1", "a\u0000b"]) {
    await api.refused(400, "invalid_request", "POST", "auth/sign-up", { email: EMAIL, password: PASSWORD, name });
  }
  for (const email of ["", "ada", "a@b@c", "ada@exa mple.org", "ada\r\n@example.org", "<ada@example.org>"]) {
    await api.refused(400, "invalid_request", "POST", "auth/sign-up", { email, password: PASSWORD });
  }
});

test("who is not invited makes no account where that is asked for, but the operator may make one", async () => {
  const api = new Api();
  Object.assign(api.env as { -readonly [Key in keyof Env]: Env[Key] }, { SIGN_UP: "invited" });
  const body = { email: EMAIL, password: PASSWORD };
  await api.as(null).refused(403, "forbidden", "POST", "auth/sign-up", body);
  await api.expect(204, "POST", "auth/sign-up", body);
  api.db.sqlite.run(`
    INSERT INTO invitations (id, organization_id, email, role, token_hash, created_at, expires_at)
    VALUES ('inv_1', (SELECT id FROM organizations WHERE name = 'ada'), 'eve@example.org', 'member', 'h', 1, ${Date.now() + 1000})`);
  await api.as(null).expect(204, "POST", "auth/sign-up", { ...body, email: "eve@example.org" });
  Object.assign(api.env, { SIGN_UP: "closed" });
  await api.as(null).refused(403, "forbidden", "POST", "auth/sign-up", { ...body, email: "bob@example.org" });
});

test("tokens come in the body and as cookies that scripts and other sites cannot use", async () => {
  const api = await signedUp();
  const answer = await signIn(api);
  assert.deepEqual(Object.keys(answer.json).sort(), ["access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type", "user"]);
  assert.equal(answer.json["expires_in"], 900);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const cookies = answer.headers.getSetCookie();
  assert.equal(cookies[0], `ouro_access=${String(answer.json["access_token"])}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax`);
  assert.match(cookies[1] ?? "", /^ouro_refresh=[^;]+; Path=\/api\/v1; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  Object.assign(api.env, { PUBLIC_URL: "https://ouro.example" });
  assert.match((await signIn(api)).headers.getSetCookie()[0] ?? "", /; Secure$/);
});

test("a wrong password and an unknown address are told by nothing apart", async () => {
  const api = await signedUp();
  const [wrong, unknown] = [await signIn(api, EMAIL, "not this one"), await signIn(api, "eve@example.org")];
  assert.deepEqual([wrong.status, wrong.json], [unknown.status, unknown.json]);
  assert.equal(api.calls.filter((call) => call === "identity.verify-password").length, 2, "both take as long");
});

test("guessing is slowed down for who guesses, and the owner gets in from elsewhere", async () => {
  const api = await signedUp();
  const from = (address: string, password: string): Promise<Answer> =>
    api.request("POST", "/api/v1/auth/sign-in", { body: JSON.stringify({ email: EMAIL, password }), headers: { "cf-connecting-ip": address } });
  for (let i = 0; i < 6; i += 1) assert.equal((await from("6.6.6.6", "a guess")).status, 401);
  const blocked = await from("6.6.6.6", PASSWORD);
  assert.equal(blocked.status, 429);
  assert.equal(blocked.json["code"], "too_many_requests");
  assert.ok(Number(blocked.headers.get("retry-after")) >= 1);
  assert.equal((await from("10.0.0.1", PASSWORD)).status, 200);
});

test("guesses at once are slowed down as those one after the other", async () => {
  const api = await signedUp();
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await signIn(api, EMAIL, "a guess")).status));
  assert.equal(statuses.filter((status) => status === 401).length, 6);
});

test("of IPv6 a network counts as one place", async () => {
  const api = await signedUp();
  const from = async (address: string): Promise<number> => {
    const body = JSON.stringify({ email: EMAIL, password: "a guess" });
    return (await api.request("POST", "/api/v1/auth/sign-in", { body, headers: { "cf-connecting-ip": address } })).status;
  };
  for (let host = 1; host <= 6; host += 1) assert.equal(await from(`2001:db8:0:7::${host}`), 401);
  assert.equal(await from("2001:db8:0:7:ffff:1:2:3"), 429);
  assert.equal(await from("2001:db8:0:8::1"), 401);
});

test("nobody is sent mail without end by strangers", async () => {
  const api = await signedUp();
  for (let i = 0; i < 9; i += 1) await api.expect(204, "POST", "auth/request-reset", { email: EMAIL });
  assert.equal(api.mails.length, 5);
});

test("guessing at many addresses from one place is slowed down too", async () => {
  const api = await signedUp();
  const statuses: number[] = [];
  for (let i = 0; i < 53; i += 1) {
    const body = JSON.stringify({ email: `guess${i}@example.org`, password: "a guess" });
    statuses.push((await api.request("POST", "/api/v1/auth/sign-in", { body, headers: { "cf-connecting-ip": "6.6.6.6" } })).status);
  }
  assert.equal(statuses.indexOf(429), 51);
});

test("a refresh token is good once, and its second use ends the session for both", async () => {
  const api = await signedUp();
  const first = (await signIn(api)).json["refresh_token"];
  const renewed = await api.call("POST", "refresh", { refresh_token: first });
  assert.equal(renewed.status, 200);
  assert.notEqual(renewed.json["refresh_token"], first);
  assert.equal((await api.call("POST", "refresh", { refresh_token: first })).status, 401);
  assert.ok(api.calls.includes("identity.forget"));
  assert.equal((await api.call("POST", "refresh", { refresh_token: renewed.json["refresh_token"] })).status, 401);
});

test("of two refreshes at once one succeeds", async () => {
  const api = await signedUp();
  const body = { refresh_token: (await signIn(api)).json["refresh_token"] };
  const statuses = await Promise.all([api.call("POST", "refresh", body), api.call("POST", "refresh", body)]);
  assert.deepEqual(statuses.map((answer) => answer.status).sort(), [200, 401]);
});

test("no other token refreshes", async () => {
  const api = await signedUp();
  const { json } = await signIn(api);
  const mail = tokenIn(api.mails[0]);
  for (const token of [json["access_token"], mail, "x", await api.env.IDENTITY.issue("anon", { role: "anon" }, 60)]) {
    assert.equal((await api.call("POST", "refresh", { refresh_token: token })).status, 401);
  }
});

test("the refresh cookie counts from a page of ours alone", async () => {
  const api = await signedUp();
  const cookie = `ouro_refresh=${String((await signIn(api)).json["refresh_token"])}`;
  const from = (origin?: string): Promise<Answer> =>
    api.request("POST", "/api/v1/refresh", { body: "{}", headers: { cookie, ...(origin === undefined ? {} : { origin }) } });
  for (const origin of [undefined, "https://evil.example", "null", "https://dashboard.example.evil"]) assert.equal((await from(origin)).status, 401, origin);
  assert.equal((await from("https://dashboard.example")).status, 200);
});

test("sessions are listed and ended, one's own alone", async () => {
  const api = await signedUp();
  const [ada, other] = [userOf(api, await signIn(api)), await signIn(api)];
  const { items } = await ada.expect(200, "GET", "sessions");
  assert.deepEqual((items as Json[]).map((item) => item["current"]).sort(), [false, true]);
  const id = (items as Json[]).find((item) => item["current"] === false)?.["id"];
  const eve = api.user("eve");
  await eve.refused(404, "not_found", "DELETE", `sessions/${String(id)}`);
  await ada.expect(204, "DELETE", `sessions/${String(id)}`);
  assert.equal((await api.call("POST", "refresh", { refresh_token: other.json["refresh_token"] })).status, 401);
  await ada.refused(404, "not_found", "DELETE", `sessions/${String(id)}`);
});

test("signing out ends the session and takes the cookies back; everywhere ends all", async () => {
  const api = await signedUp();
  const [first, second, third] = [await signIn(api), await signIn(api), await signIn(api)];
  const answer = await userOf(api, first).call("POST", "auth/sign-out");
  assert.equal(answer.status, 204);
  assert.match(answer.headers.getSetCookie()[0] ?? "", /^ouro_access=; Path=\/; Max-Age=0/);
  const refreshes = async ({ json }: Answer): Promise<number> => (await api.call("POST", "refresh", { refresh_token: json["refresh_token"] })).status;
  assert.equal(await refreshes(first), 401);
  assert.equal(await refreshes(second), 200);
  await userOf(api, second).expect(204, "POST", "auth/sign-out-everywhere");
  assert.equal(await refreshes(third), 401);
});

test("an address is proved by the mail's token and the password, once", async () => {
  const api = await signedUp();
  const token = tokenIn(api.mails[0]);
  assert.match(api.mails[0]?.text ?? "", /https:\/\/dashboard\.example\/verify-email\?token=/);
  await api.refused(401, "unauthorized", "POST", "auth/reset", { token, password: PASSWORD });
  await api.refused(401, "unauthorized", "POST", "auth/verify-email", { token, password: "a stranger's" });
  await api.expect(204, "POST", "auth/verify-email", { token, password: PASSWORD });
  await api.refused(401, "unauthorized", "POST", "auth/verify-email", { token, password: PASSWORD });
  assert.equal((await userOf(api, await signIn(api)).expect(200, "GET", "profile"))["email_verified"], true);
});

test("a reset takes the mail's token, ends all sessions, and says nothing of addresses without an account", async () => {
  const api = await signedUp();
  const before = await signIn(api);
  await api.expect(204, "POST", "auth/request-reset", { email: "nobody@example.org" });
  assert.equal(api.mails.length, 1);
  await api.expect(204, "POST", "auth/request-reset", { email: EMAIL });
  const token = tokenIn(api.mails[1]);
  for (const password of ["short", EMAIL]) await api.refused(400, "invalid_request", "POST", "auth/reset", { token, password });
  await api.expect(204, "POST", "auth/reset", { token, password: "the new long one" });
  await api.refused(401, "unauthorized", "POST", "auth/reset", { token, password: "the new long one" });
  assert.equal((await api.call("POST", "refresh", { refresh_token: before.json["refresh_token"] })).status, 401);
  assert.equal((await signIn(api)).status, 401);
  assert.equal((await signIn(api, EMAIL, "the new long one")).status, 200);
});

test("changing the password takes the present one, and ends all sessions", async () => {
  const api = await signedUp();
  const [ada, other] = [userOf(api, await signIn(api)), await signIn(api)];
  await ada.refused(401, "unauthorized", "POST", "auth/change-password", { password: "not it", new_password: "the new long one" });
  await ada.expect(204, "POST", "auth/change-password", { password: PASSWORD, new_password: "the new long one" });
  assert.equal((await api.call("POST", "refresh", { refresh_token: other.json["refresh_token"] })).status, 401);
  assert.equal((await signIn(api, EMAIL, "the new long one")).status, 200);
});

test("without mail, and with one that is down, an account comes to be all the same", async (context) => {
  context.mock.method(console, "error", () => undefined);
  for (const code of ["not-configured", "unavailable"]) {
    const api = new Api().as(null);
    api.failures.set("mail.send", new HostError(code, "no mail"));
    await api.expect(204, "POST", "auth/sign-up", { email: EMAIL, password: PASSWORD });
    assert.equal((await signIn(api)).status, 200, code);
  }
});

test("tokens that have expired are no good", async (context) => {
  const api = await signedUp();
  const { json } = await signIn(api);
  const token = tokenIn(api.mails[0]);
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 31 * 86_400_000 });
  assert.equal((await api.call("POST", "refresh", { refresh_token: json["refresh_token"] })).status, 401);
  await api.refused(401, "unauthorized", "POST", "auth/verify-email", { token, password: PASSWORD });
});

test("what is over is deleted by later sign-ins", async (context) => {
  const api = await signedUp();
  await signIn(api);
  context.mock.timers.enable({ apis: ["Date"], now: Date.now() + 70 * 86_400_000 });
  await signIn(api);
  assert.deepEqual(api.rows("SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM one_time_tokens)"), [[1, 0]]);
});

test("neither passwords nor tokens stand anywhere in the store, nor in the log", async (context) => {
  const logged = context.mock.method(console, "error", () => undefined);
  const api = await signedUp();
  const answer = await signIn(api);
  await api.expect(204, "POST", "auth/request-reset", { email: EMAIL });
  const secrets = [answer.json["access_token"], answer.json["refresh_token"], ...api.mails.map(tokenIn)];
  const tables = ["users", "sessions", "refresh_tokens", "one_time_tokens", "audit_entries", "attempts"];
  const stored = JSON.stringify(tables.map((table) => api.rows(`SELECT * FROM ${table}`))).replaceAll(`hash of ${PASSWORD}`, "");
  for (const secret of [PASSWORD, ...secrets]) assert.ok(!stored.includes(String(secret)));
  assert.equal(logged.mock.callCount(), 0);
});
