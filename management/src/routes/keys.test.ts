import assert from "node:assert/strict";
import { test } from "node:test";

import { PERMISSIONS, roleMay, ROLES } from "../access.ts";
import { sha256 } from "../hash.ts";
import { Api, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const api_ = { name: "deploys", kind: "api", scopes: ["workers:read"] };
const service = { name: "backend", kind: "service" };

/** In one organization: its owner, an admin, a member, and callers that act in it. */
function team(): { api: Api; ada: Api; admin: Api; member: Api } {
  const api = new Api();
  const ada = api.user("ada");
  for (const role of ["admin", "member"] as const) {
    api.db.sqlite.run(`INSERT INTO users (id, email, created_at, updated_at) VALUES ('usr_${role}', '${role}@example.com', 1, 1)`);
    // The team's organization is personal to nobody here, so that it is what no header names.
    api.db.sqlite.run(`INSERT INTO memberships (organization_id, user_id, role, created_at) VALUES ('org_ada', 'usr_${role}', '${role}', 1)`);
  }
  const as = (role: string): Api => in_(api.as({ kind: "user", id: `usr_${role}`, session: "ses_1", email: `${role}@example.com`, name: "" }));
  return { api, ada, admin: as("admin"), member: as("member") };
}

/** Names the organization with every request. */
function in_(api: Api): Api {
  const request: Api["request"] = (method, path, init = {}) =>
    api.request(method, path, { ...init, headers: { "x-ouro-organization": "ada" } });
  return Object.assign(Object.create(api) as Api, { request });
}

function keyPrincipal(api: Api, id: unknown, scopes: string[]): Api {
  return api.as({ kind: "key", id: String(id), organization: "org_ada", scopes });
}

test("a key is shown once, and the store has its hash and its beginning", async () => {
  const { api, ada } = team();
  for (const [body, shape, prefix] of [[api_, /^ouro_[A-Za-z0-9_-]{43}$/, "ouro_"], [service, /^ouro_service_[A-Za-z0-9_-]{43}$/, "ouro_service_"]] as const) {
    const { key, ...made } = await ada.expect(201, "POST", "keys", body);
    assert.match(String(key), shape);
    assert.match(String(made["id"]), /^key_[0-9a-f]{32}$/);
    assert.equal(made["beginning"], String(key).slice(0, prefix.length + 7));
    assert.deepEqual(await ada.expect(200, "GET", `keys/${String(made["id"])}`), made);
    const [[hash] = []] = api.rows(`SELECT hash FROM keys WHERE id = '${String(made["id"])}'`);
    assert.equal(hash, await sha256(String(key)));
    const everything = JSON.stringify([await ada.expect(200, "GET", "keys"), api.rows("SELECT * FROM keys"), api.rows("SELECT * FROM audit_entries")]);
    assert.ok(!everything.includes(String(key)) && !everything.includes(String(key).slice(prefix.length)));
    assert.ok(!JSON.stringify(api.rows("SELECT * FROM audit_entries")).includes(String(hash)));
  }
});

test("a member sees their own keys, an admin and an owner all", async () => {
  const { ada, admin, member } = team();
  const mine = await member.expect(201, "POST", "keys", { ...api_, name: "m" });
  const theirs = await ada.expect(201, "POST", "keys", { ...api_, name: "o" });
  const names = async (caller: Api): Promise<unknown[]> => ((await caller.expect(200, "GET", "keys"))["items"] as Json[]).map(({ name }) => name).sort();
  assert.deepEqual(await names(member), ["m"]);
  assert.deepEqual(await names(admin), ["m", "o"]);
  assert.deepEqual(await names(ada), ["m", "o"]);
  const path = `keys/${String(theirs["id"])}`;
  await member.refused(404, "not_found", "GET", path);
  await member.refused(404, "not_found", "PATCH", path, { name: "x" });
  await member.refused(404, "not_found", "DELETE", path);
  await admin.expect(204, "DELETE", `keys/${String(mine["id"])}`);
});

for (const role of ROLES) {
  test(`a ${role} gives a key the scopes that they have, and no others`, async () => {
    const { api } = team();
    const user = in_(api.user("x"));
    api.join("org_ada", "x", role);
    for (const scope of PERMISSIONS) {
      const isAllowed = roleMay(role, "keys:write") && roleMay(role, scope);
      const { status } = await user.call("POST", "keys", { ...api_, scopes: [scope] });
      assert.equal(status, isAllowed ? 201 : 403, scope);
    }
    assert.equal((await user.call("POST", "keys", service)).status, roleMay(role, "keys:manage") ? 201 : 403);
    assert.equal((await user.call("POST", "keys/anon", {})).status, roleMay(role, "keys:manage") ? 201 : 403);
  });
}

test("unknown scopes are named, each", async () => {
  const { ada } = team();
  const { issues } = await ada.refused(400, "invalid_request", "POST", "keys", { ...api_, scopes: ["workers:read", "root", "*"] });
  assert.deepEqual(issues, { "scopes.1": "unknown scope `root`", "scopes.2": "unknown scope `*`" });
  for (const scopes of [[], undefined]) {
    assert.deepEqual(Object.keys((await ada.refused(400, "invalid_request", "POST", "keys", { ...api_, scopes })).issues), ["scopes"]);
  }
  assert.deepEqual(Object.keys((await ada.refused(400, "invalid_request", "POST", "keys", { ...service, scopes: ["workers:read"] })).issues), ["scopes"]);
});

test("a key makes keys with `keys:write` alone, of no more than its own scopes, and of its own user", async () => {
  const { api, ada, member } = team();
  const { id } = await member.expect(201, "POST", "keys", { ...api_, scopes: ["keys:write", "keys:read", "workers:read"] });
  const key = keyPrincipal(api, id, ["keys:write", "keys:read", "workers:read"]);
  const child = await key.expect(201, "POST", "keys", { ...api_, name: "child" });
  assert.equal(child["created_by"], "usr_member");
  await key.refused(403, "forbidden", "POST", "keys", { ...api_, scopes: ["workers:write"] });
  await key.refused(403, "forbidden", "POST", "keys", service);
  await keyPrincipal(api, id, ["workers:read"]).refused(403, "forbidden", "POST", "keys", api_);
  const { id: strong } = await ada.expect(201, "POST", "keys", { ...api_, scopes: ["keys:write", "keys:manage"] });
  await keyPrincipal(api, strong, ["keys:write", "keys:manage"]).refused(403, "forbidden", "POST", "keys", service);
  assert.equal(((await key.expect(200, "GET", "keys"))["items"] as Json[]).length, 2);
});

test("a service key makes keys as an admin does", async () => {
  const { api, ada } = team();
  const { id } = await ada.expect(201, "POST", "keys", service);
  const caller = api.as({ kind: "service", id: String(id), organization: "org_ada" });
  assert.equal((await caller.expect(201, "POST", "keys", service))["created_by"], "usr_ada");
  await caller.refused(403, "forbidden", "POST", "keys", { ...api_, scopes: ["audit:read"] });
});

test("a revoked key makes no key, nor does who is demoted or leaves meanwhile", async () => {
  const { api, ada, admin, member } = team();
  const { id } = await ada.expect(201, "POST", "keys", { ...api_, scopes: ["keys:write", "workers:read"] });
  const before = api.rows("SELECT COUNT(*) FROM keys");
  const meanwhile = (sql: string): void => {
    api.db.meanwhile = { before: "INSERT INTO guards", run: () => api.db.sqlite.run(sql) };
  };
  meanwhile(`UPDATE keys SET revoked_at = 1 WHERE id = '${String(id)}'`);
  await keyPrincipal(api, id, ["keys:write", "workers:read"]).refused(409, "conflict", "POST", "keys", api_);
  meanwhile("UPDATE memberships SET role = 'member' WHERE user_id = 'usr_admin'");
  await admin.refused(409, "conflict", "POST", "keys", service);
  meanwhile("DELETE FROM memberships WHERE user_id = 'usr_member'");
  await member.refused(409, "conflict", "POST", "keys", api_);
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM keys"), before);
});

test("a key is renamed and nothing else of it", async () => {
  const { ada } = team();
  const { id, key: _, ...made } = await ada.expect(201, "POST", "keys", api_);
  const path = `keys/${String(id)}`;
  assert.deepEqual(await ada.expect(200, "PATCH", path, { name: "new" }), { id, ...made, name: "new" });
  for (const field of ["scopes", "kind", "expires_at", "revoked_at", "hash", "beginning", "created_by", "organization_id"]) {
    assert.equal((await ada.refused(400, "invalid_request", "PATCH", path, { [field]: "x" })).issues[field], "unknown field");
  }
  for (const field of ["id", "hash", "beginning", "created_by", "organization_id", "revoked_at", "key"]) {
    assert.equal((await ada.refused(400, "invalid_request", "POST", "keys", { ...api_, [field]: "x" })).issues[field], "unknown field");
  }
  for (const name of ["", "a\r\nx: y", "a\u2028b", "\u0000", "x".repeat(101)]) {
    assert.ok((await ada.refused(400, "invalid_request", "PATCH", path, { name })).issues["name"], JSON.stringify(name));
  }
});

test("revoking is for good, and the host forgets at once", async () => {
  const { api, ada } = team();
  const { id } = await ada.expect(201, "POST", "keys", api_);
  assert.deepEqual(api.calls, []);
  await ada.expect(204, "DELETE", `keys/${String(id)}`);
  assert.deepEqual(api.calls, ["identity.forget"]);
  const { revoked_at } = await ada.expect(200, "GET", `keys/${String(id)}`);
  assert.ok(revoked_at);
  await ada.expect(204, "DELETE", `keys/${String(id)}`);
  assert.equal((await ada.expect(200, "GET", `keys/${String(id)}`))["revoked_at"], revoked_at);
  assert.deepEqual(api.rows("SELECT action FROM audit_entries ORDER BY sequence"), [["key.create"], ["key.revoke"]]);
});

test("a key expires in the future, at a time as RFC 3339 has it", async () => {
  const { ada } = team();
  const { expires_at } = await ada.expect(201, "POST", "keys", { ...api_, expires_at: "2999-01-31T12:00:00+02:00" });
  assert.equal(expires_at, "2999-01-31T10:00:00.000Z");
  for (const text of ["2020-01-01T00:00:00Z", "tomorrow", "2999-01-31", "2999-13-31T12:00:00Z", 5]) {
    assert.ok((await ada.refused(400, "invalid_request", "POST", "keys", { ...api_, expires_at: text })).issues["expires_at"], String(text));
  }
});

test("an anon token is of the organization, and has a lifetime", async () => {
  const { api, ada } = team();
  const { token, expires_at } = await ada.expect(201, "POST", "keys/anon", { lifetime_days: 30 });
  const claims = await api.env.IDENTITY.verify("anon", String(token));
  assert.deepEqual([claims?.["role"], claims?.["org"]], ["anon", "org_ada"]);
  assert.ok(Math.abs(Number(claims?.["exp"]) * 1000 - Date.parse(String(expires_at))) < 5000);
  assert.deepEqual(api.rows("SELECT action, subject_id FROM audit_entries"), [["key.issue-anon", "org_ada"]]);
  assert.ok(!JSON.stringify(api.rows("SELECT * FROM audit_entries")).includes(String(token)));
  for (const lifetime_days of [0, 3651, 1.5, "1"]) {
    assert.ok((await ada.refused(400, "invalid_request", "POST", "keys/anon", { lifetime_days })).issues["lifetime_days"]);
  }
  api.failures.set("identity.issue", new HostError("not-configured", "`JWT_SECRET` is not set"));
  assert.match((await ada.refused(422, "unprocessable", "POST", "keys/anon", {})).message, /JWT_SECRET/);
});
