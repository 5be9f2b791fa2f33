import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULT_ORGANIZATION } from "../store/organizations.ts";
import { Api, type Json } from "../testing/api.ts";

const DAY_MS = 86_400_000;

async function names(api: Api): Promise<unknown[]> {
  const { items } = await api.expect(200, "GET", "organizations");
  return (items as Json[]).map(({ name }) => name).sort();
}

test("a user makes an organization and is its owner", async () => {
  const ada = new Api().user("ada");
  const made = await ada.expect(201, "POST", "organizations", { name: "acme", description: "anvils" });
  assert.match(String(made["id"]), /^org_[0-9a-f]{32}$/);
  const { id, created_at, updated_at, ...rest } = made;
  assert.equal(created_at, updated_at);
  assert.deepEqual(rest, { name: "acme", description: "anvils", role: "owner", personal: false, deletion_at: null });
  for (const name of ["acme", String(id)]) assert.deepEqual(await ada.expect(200, "GET", `organizations/${name}`), made);
  assert.deepEqual(await names(ada), ["acme", "ada"]);
});

test("a user sees their own organizations, the operator all, and a key its one by the path", async () => {
  const api = new Api();
  const [ada, eve] = [api.user("ada"), api.user("eve")];
  await ada.expect(201, "POST", "organizations", { name: "acme" });
  assert.deepEqual(await names(eve), ["eve"]);
  assert.deepEqual(await names(api), ["acme", "ada", "default", "eve"]);
  const key = api.as({ kind: "key", id: "key_1", organization: "org_ada", scopes: ["organization:read"] });
  await key.refused(403, "forbidden", "GET", "organizations");
  assert.equal((await key.expect(200, "GET", "organizations/ada"))["role"], null);
  await key.refused(404, "not_found", "GET", "organizations/acme");
});

test("the path names the organization, whatever the header says", async () => {
  const api = new Api();
  const ada = api.user("ada");
  const { json } = await ada.request("GET", "/api/v1/organizations/ada", { headers: { "x-ouro-organization": "nowhere" } });
  assert.equal(json["name"], "ada");
  api.user("eve");
  assert.equal((await ada.request("GET", "/api/v1/organizations/eve", { headers: { "x-ouro-organization": "ada" } })).status, 404);
});

test("the operator names an owner by id or email, and a user cannot", async () => {
  const api = new Api();
  const ada = api.user("ada");
  await api.expect(201, "POST", "organizations", { name: "one", owner: "usr_ada" });
  await api.expect(201, "POST", "organizations", { name: "two", owner: "ada@example.com" });
  await api.expect(201, "POST", "organizations", { name: "three" });
  assert.deepEqual(await names(ada), ["ada", "one", "two"]);
  assert.equal((await api.refused(400, "invalid_request", "POST", "organizations", { name: "four", owner: "nobody" })).issues["owner"], "no user `nobody`");
  await ada.refused(403, "forbidden", "POST", "organizations", { name: "five", owner: "usr_ada" });
  assert.deepEqual(await names(ada), ["ada", "one", "two"]);
});

test("names are the platform's: nothing in one ends a header or looks like an id", async () => {
  const api = new Api();
  const [ada, eve] = [api.user("ada"), api.user("eve")];
  for (const name of ["", "A", "a b", "a\r\nx-evil: 1", "a\n", "org_1", "-a", "é", "x".repeat(64), "a/b"]) {
    assert.deepEqual(Object.keys((await ada.refused(400, "invalid_request", "POST", "organizations", { name })).issues), ["name"], JSON.stringify(name));
    await ada.refused(400, "invalid_request", "PATCH", "organizations/ada", { name });
  }
  await ada.expect(201, "POST", "organizations", { name: "acme" });
  await eve.refused(409, "conflict", "POST", "organizations", { name: "acme" });
  await eve.refused(409, "conflict", "PATCH", "organizations/eve", { name: "acme" });
  await eve.refused(409, "conflict", "POST", "organizations", { name: "default" });
  assert.deepEqual(await names(eve), ["eve"]);
});

test("an update changes the fields given, and no others can be given", async () => {
  const ada = new Api().user("ada");
  await ada.expect(201, "POST", "organizations", { name: "acme", description: "anvils" });
  const changed = await ada.expect(200, "PATCH", "organizations/acme", { name: "apex" });
  assert.deepEqual([changed["name"], changed["description"], changed["role"]], ["apex", "anvils", "owner"]);
  for (const field of ["id", "personal", "personal_user_id", "role", "deletion_at", "created_at", "organization_id"]) {
    assert.equal((await ada.refused(400, "invalid_request", "PATCH", "organizations/apex", { [field]: "x" })).issues[field], "unknown field");
    assert.equal((await ada.refused(400, "invalid_request", "POST", "organizations", { name: "other", [field]: "x" })).issues[field], "unknown field");
  }
});

test("lists are read page by page", async () => {
  const ada = new Api().user("ada");
  for (const name of ["a", "b", "c"]) await ada.expect(201, "POST", "organizations", { name });
  const pages = await ada.pages("organizations", 3);
  assert.deepEqual(pages.map((page) => page.length), [3, 1]);
  assert.deepEqual(pages.flat().map(({ name }) => name).sort(), ["a", "ada", "b", "c"]);
});

test("a deleted organization can be read and restored for its grace, and not changed", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const api = new Api();
  const ada = api.user("ada");
  const made = await ada.expect(201, "POST", "organizations", { name: "acme" });
  const deletion_at = new Date(1_700_000_000_000 + 7 * DAY_MS).toISOString();
  assert.deepEqual(await ada.expect(200, "DELETE", "organizations/acme"), { ...made, deletion_at });
  assert.deepEqual(api.calls, ["identity.forget", "routing.reload null"]);

  const headers = { "x-ouro-organization": "acme" };
  assert.equal((await ada.request("GET", "/api/v1/workers", { headers })).status, 200);
  const refused = await ada.request("POST", "/api/v1/workers", { headers, body: '{"name":"late"}' });
  assert.deepEqual([refused.status, refused.json["code"]], [409, "conflict"]);
  await ada.refused(409, "conflict", "PATCH", "organizations/acme", { name: "other" });
  await ada.refused(409, "conflict", "POST", "organizations/acme/invitations", { role: "member" });

  context.mock.timers.tick(DAY_MS);
  assert.deepEqual(await ada.expect(200, "DELETE", "organizations/acme"), { ...made, deletion_at }, "a second deletion puts nothing off");
  assert.equal((await ada.expect(200, "POST", "organizations/acme/restore"))["deletion_at"], null);
  await ada.refused(409, "conflict", "POST", "organizations/acme/restore");
  assert.equal((await ada.request("POST", "/api/v1/workers", { headers, body: '{"name":"again"}' })).status, 201);
});

test("of two deletions at once the first says when", async () => {
  const api = new Api();
  const ada = api.user("ada");
  await ada.expect(201, "POST", "organizations", { name: "acme" });
  const first = Date.now() + 1000;
  api.db.meanwhile = { before: "INSERT INTO guards", run: () => api.db.sqlite.run(`UPDATE organizations SET deletion_at = ${first} WHERE name = 'acme'`) };
  await ada.expect(200, "DELETE", "organizations/acme");
  assert.deepEqual(api.rows("SELECT action FROM audit_entries WHERE action = 'organization.delete'"), []);
});

test("after its grace an organization is not there for anybody, purged or not", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const api = new Api();
  const ada = api.user("ada");
  const { id } = await ada.expect(201, "POST", "organizations", { name: "acme" });
  await ada.expect(200, "DELETE", "organizations/acme");
  context.mock.timers.tick(7 * DAY_MS);
  const key = api.as({ kind: "service", id: "key_1", organization: String(id) });
  for (const caller of [ada, api, key]) {
    await caller.refused(404, "not_found", "GET", "organizations/acme");
    await caller.refused(404, "not_found", "GET", "organizations/acme/members");
  }
  for (const caller of [ada, api]) {
    await caller.refused(404, "not_found", "POST", "organizations/acme/restore");
    assert.ok(!(await names(caller)).includes("acme"));
  }
  await api.refused(404, "not_found", "PUT", "admin/organizations/acme/quotas", { workers: 1 });
});

test("a restoration that comes too late, between a look and a change, restores nothing", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const api = new Api();
  const ada = api.user("ada");
  await ada.expect(201, "POST", "organizations", { name: "acme" });
  await ada.expect(200, "DELETE", "organizations/acme");
  context.mock.timers.tick(7 * DAY_MS - 1);
  api.db.meanwhile = { before: "INSERT INTO guards", run: () => api.db.sqlite.run("UPDATE organizations SET deletion_at = 1 WHERE name = 'acme'") };
  await ada.refused(404, "not_found", "POST", "organizations/acme/restore");
  assert.deepEqual(api.rows("SELECT action FROM audit_entries WHERE action = 'organization.restore'"), []);
});

test("the organization `default` and personal ones are not deleted", async () => {
  const api = new Api();
  const ada = api.user("ada");
  await api.refused(409, "conflict", "DELETE", "organizations/default");
  await ada.refused(409, "conflict", "DELETE", "organizations/ada");
  await api.refused(409, "conflict", "DELETE", "organizations/ada");
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM organizations WHERE deletion_at IS NOT NULL"), [[0]]);
  assert.equal((await api.expect(200, "GET", `organizations/${DEFAULT_ORGANIZATION}`))["name"], "default");
});
