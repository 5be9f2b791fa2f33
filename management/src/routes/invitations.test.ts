import assert from "node:assert/strict";
import { test } from "node:test";

import { sha256 } from "../hash.ts";
import { Api, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const path = "organizations/ada/invitations";
const DAY_MS = 86_400_000;

function people(): { api: Api; ada: Api; eve: Api } {
  const api = new Api();
  return { api, ada: api.user("ada"), eve: api.user("eve") };
}

function roleOf(api: Api, user: string): unknown {
  return api.rows(`SELECT role FROM memberships WHERE organization_id = 'org_ada' AND user_id = 'usr_${user}'`)[0]?.[0];
}

test("an invitation shows its token once, and the store has the hash alone", async () => {
  const { api, ada } = people();
  const { token, url, mailed, ...made } = await ada.expect(201, "POST", path, { role: "member" });
  assert.match(String(token), /^[A-Za-z0-9_-]{43}$/);
  assert.equal(url, `https://dashboard.example/invitations/accept#token=${String(token)}`);
  assert.equal(mailed, false);
  assert.match(String(made["id"]), /^inv_[0-9a-f]{32}$/);
  assert.equal(Date.parse(String(made["expires_at"])) - Date.parse(String(made["created_at"])), 7 * DAY_MS);
  assert.deepEqual((await ada.expect(200, "GET", path))["items"], [made]);
  assert.deepEqual([made["email"], made["role"], made["invited_by"], made["accepted_at"]], [null, "member", "usr_ada", null]);
  assert.deepEqual(api.rows("SELECT token_hash FROM invitations"), [[await sha256(String(token))]]);
  assert.ok(!JSON.stringify(api.rows("SELECT * FROM audit_entries")).includes(String(token)));
});

test("without a dashboard the link leads to the API's origin", async () => {
  const { api, ada } = people();
  Object.assign(api.env, { APP_URL: "" });
  assert.match(String((await ada.expect(201, "POST", path, { role: "viewer" }))["url"]), /^http:\/\/localhost:8080\/invitations\/accept#token=/);
});

test("whoever has the link of an invitation without an email is a member, once", async () => {
  const { api, ada, eve } = people();
  const { id, token } = await ada.expect(201, "POST", path, { role: "member" });
  const joined = await eve.expect(200, "POST", "invitations/accept", { token });
  assert.deepEqual([joined["name"], joined["role"]], ["ada", "member"]);
  assert.equal(roleOf(api, "eve"), "member");
  const mallory = api.user("mallory");
  const { message } = await mallory.refused(404, "not_found", "POST", "invitations/accept", { token });
  assert.ok(!message.includes(String(token)));
  await eve.refused(404, "not_found", "POST", "invitations/accept", { token });
  const { items } = await ada.expect(200, "GET", path);
  assert.equal((items as Json[])[0]?.["accepted_by"], "usr_eve");
  assert.deepEqual(api.rows("SELECT actor_id, organization_id, after FROM audit_entries WHERE action = 'invitation.accept'"), [
    ["usr_eve", "org_ada", JSON.stringify({ invitation: id, role: "member" })],
  ]);
});

test("of two who accept at once, one is a member", async () => {
  const { api, ada, eve } = people();
  const mallory = api.user("mallory");
  const { token } = await ada.expect(201, "POST", path, { role: "member" });
  const answers = await Promise.all([eve, mallory].map((each) => each.call("POST", "invitations/accept", { token })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM memberships WHERE organization_id = 'org_ada'"), [[2]]);
});

test("an invitation that names an email is for the user with it, verified", async () => {
  const { api, ada, eve } = people();
  const { token, email } = await ada.expect(201, "POST", path, { role: "admin", email: "Eve@Example.com" });
  assert.equal(email, "eve@example.com");
  const mallory = api.user("mallory");
  const { message } = await mallory.refused(403, "forbidden", "POST", "invitations/accept", { token });
  assert.doesNotMatch(message, /eve/);
  // What the token of a session says of the email may be old, or made up.
  const { principal } = mallory;
  assert.ok(principal?.kind === "user");
  await api.as({ ...principal, email: "eve@example.com" }).refused(403, "forbidden", "POST", "invitations/accept", { token });
  api.db.sqlite.run("UPDATE users SET email_verified_at = NULL WHERE id = 'usr_eve'");
  assert.match((await eve.refused(403, "forbidden", "POST", "invitations/accept", { token })).message, /verify/);
  api.db.sqlite.run("UPDATE users SET email_verified_at = 5 WHERE id = 'usr_eve'");
  await eve.expect(200, "POST", "invitations/accept", { token });
  assert.equal(roleOf(api, "eve"), "admin");
});

test("who is a member already keeps the higher role", async () => {
  for (const [has, invited, keeps] of [["viewer", "admin", "admin"], ["admin", "viewer", "admin"], ["member", "member", "member"], ["owner", "viewer", "owner"]] as const) {
    const { api, ada, eve } = people();
    api.join("org_ada", "eve", has);
    const { token } = await ada.expect(201, "POST", path, { role: invited });
    assert.equal((await eve.expect(200, "POST", "invitations/accept", { token }))["role"], keeps);
    assert.equal(roleOf(api, "eve"), keeps);
  }
});

test("an invitation is good for seven days, until it is taken back, and while its organization is", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const { api, ada, eve } = people();
  const old = await ada.expect(201, "POST", path, { role: "member" });
  context.mock.timers.tick(7 * DAY_MS);
  await eve.refused(404, "not_found", "POST", "invitations/accept", { token: old["token"] });
  const { id, token } = await ada.expect(201, "POST", path, { role: "member" });
  await ada.expect(204, "DELETE", `${path}/${String(id)}`);
  await ada.refused(404, "not_found", "DELETE", `${path}/${String(id)}`);
  await eve.refused(404, "not_found", "POST", "invitations/accept", { token });
  await ada.expect(201, "POST", "organizations", { name: "acme" });
  const late = await ada.expect(201, "POST", "organizations/acme/invitations", { role: "member" });
  await ada.expect(200, "DELETE", "organizations/acme");
  await eve.refused(404, "not_found", "POST", "invitations/accept", { token: late["token"] });
  assert.deepEqual(api.rows("SELECT accepted_at FROM invitations WHERE accepted_at IS NOT NULL"), []);
});

test("one that is taken back between a look and the acceptance makes no member", async () => {
  const { api, ada, eve } = people();
  const { token } = await ada.expect(201, "POST", path, { role: "member" });
  api.db.meanwhile = { before: "INSERT INTO guards", run: () => api.db.sqlite.run("DELETE FROM invitations") };
  await eve.refused(404, "not_found", "POST", "invitations/accept", { token });
  assert.equal(roleOf(api, "eve"), undefined);
});

test("the link is mailed where mail is configured, and in the answer where it is not", async (context) => {
  const logged = context.mock.method(console, "error", () => undefined);
  const { api, ada } = people();
  const { url, mailed } = await ada.expect(201, "POST", path, { role: "member", email: "new@example.com" });
  assert.equal(mailed, true);
  assert.equal(api.mails[0]?.to, "new@example.com");
  assert.equal(api.mails[0]?.subject, "Invitation to ada");
  assert.ok(api.mails[0]?.text.includes(String(url)));
  for (const code of ["not-configured", "unavailable"]) {
    api.failures.set("mail.send", new HostError(code, "no server"));
    const answer = await ada.expect(201, "POST", path, { role: "member", email: "new@example.com" });
    assert.equal(answer["mailed"], false);
    assert.ok(answer["url"]);
  }
  assert.equal(logged.mock.calls.length, 1);
  assert.doesNotMatch(String(logged.mock.calls[0]?.arguments[0]), /token/);
});

test("an address cannot hold more than an address, and nobody is invited as owner", async () => {
  const { api, ada } = people();
  for (const email of ["", "a", "a@", "@b", "a b@c.d", "a@b\r\nbcc: c@d.e", "a@b.c\n", "<a@b.c>", "a@b.c,d@e.f", "Ada <a@b.c>", `${"x".repeat(65)}@b.c`]) {
    assert.ok((await ada.refused(400, "invalid_request", "POST", path, { role: "member", email })).issues["email"], JSON.stringify(email));
  }
  assert.ok((await ada.refused(400, "invalid_request", "POST", path, { role: "owner" })).issues["role"]);
  for (const field of ["token", "token_hash", "expires_at", "invited_by", "organization_id", "id"]) {
    assert.equal((await ada.refused(400, "invalid_request", "POST", path, { role: "member", [field]: "x" })).issues[field], "unknown field");
  }
  assert.deepEqual(api.mails, []);
});

test("a key is no user, and accepts nothing", async () => {
  const { api, ada } = people();
  const { token } = await ada.expect(201, "POST", path, { role: "member" });
  for (const caller of [api, api.as({ kind: "service", id: "key_1", organization: "org_ada" })]) {
    await caller.refused(403, "forbidden", "POST", "invitations/accept", { token });
  }
});
