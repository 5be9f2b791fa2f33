import assert from "node:assert/strict";
import { test } from "node:test";

import { ROLES, type Role } from "../access.ts";
import { Api, type Json } from "../testing/api.ts";

interface Acme {
  api: Api;
  by: Record<Role, Api>;
}

/** An organization with a member of each role, by the role's name. */
function acme(): Acme {
  const api = new Api();
  api.db.sqlite.run("INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('org_x', 'acme', 1, 1)");
  const entries = ROLES.map((role): [Role, Api] => {
    const user = api.user(role);
    api.join("org_x", role, role);
    return [role, user];
  });
  return { api, by: Object.fromEntries(entries) as Record<Role, Api> };
}

function roles(api: Api): Record<string, unknown> {
  const rows = api.rows("SELECT user_id, role FROM memberships WHERE organization_id = 'org_x'");
  return Object.fromEntries(rows.map(([user, role]) => [String(user).slice(4), role]));
}

const path = (user: string): string => `organizations/acme/members/usr_${user}`;

test("every member sees who belongs to the organization", async () => {
  const { by } = acme();
  for (const role of ROLES) {
    const { items } = await by[role].expect(200, "GET", "organizations/acme/members");
    assert.deepEqual((items as Json[]).map((item) => item["email"]).sort(), ["admin@example.com", "member@example.com", "owner@example.com", "viewer@example.com"]);
  }
  assert.deepEqual((await by.viewer.pages("organizations/acme/members", 3)).map((page) => page.length), [3, 1]);
});

/** Who may set which role of whom: the rest is 403. */
const MAY_SET: readonly [Role, Role, Role][] = ROLES.flatMap((who) => ROLES.flatMap((whom) => ROLES.map((to): [Role, Role, Role] => [who, whom, to])));

for (const who of ROLES) {
  test(`the role ${who} sets roles as it may`, async () => {
    for (const [, whom, to] of MAY_SET.filter(([each]) => each === who)) {
      const { api, by } = acme();
      api.user("second");
      api.join("org_x", "second", "owner");
      const isAllowed = who === "owner" || (who === "admin" && (to === whom || (to !== "owner" && whom !== "owner")));
      const before = roles(api);
      const { status } = await by[who].call("PATCH", path(whom), { role: to });
      assert.equal(status, isAllowed ? 200 : 403, `${whom} to ${to}`);
      assert.deepEqual(roles(api), isAllowed ? { ...before, [whom]: to } : before);
    }
  });

  test(`the role ${who} removes others as it may, and can leave`, async () => {
    for (const whom of ROLES) {
      const { api, by } = acme();
      api.user("second");
      api.join("org_x", "second", "owner");
      const isAllowed = who === whom || who === "owner" || (who === "admin" && whom !== "owner");
      const { status } = await by[who].call("DELETE", path(whom));
      assert.equal(status, isAllowed ? 204 : 403, whom);
      assert.equal(whom in roles(api), !isAllowed, whom);
    }
  });
}

test("a key with `members:write` is like an admin, and one with `organization:own` makes owners", async () => {
  const { api } = acme();
  const key = (scopes: string[]): Api => api.as({ kind: "key", id: "key_1", organization: "org_x", scopes });
  await key(["members:write"]).refused(403, "forbidden", "PATCH", path("member"), { role: "owner" });
  await key(["organization:read"]).refused(403, "forbidden", "DELETE", path("member"));
  await key(["members:write", "organization:own"]).expect(200, "PATCH", path("member"), { role: "owner" });
  await api.as({ kind: "service", id: "key_2", organization: "org_x" }).refused(403, "forbidden", "PATCH", path("owner"), { role: "viewer" });
});

test("there is always an owner", async () => {
  const { api, by } = acme();
  for (const caller of [by.owner, api]) {
    const { message } = await caller.refused(409, "conflict", "PATCH", path("owner"), { role: "admin" });
    assert.match(message, /`owner@example.com` is the last owner of `acme`/);
    await caller.refused(409, "conflict", "DELETE", path("owner"));
  }
  assert.equal(roles(api)["owner"], "owner");
  assert.deepEqual(api.rows("SELECT * FROM audit_entries"), []);
});

test("of two owners who leave at once, one stays", async () => {
  const { api, by } = acme();
  const second = api.user("second");
  api.join("org_x", "second", "owner");
  const answers = await Promise.all([by.owner.call("DELETE", path("owner")), second.call("DELETE", path("second"))]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409]);
  assert.deepEqual(Object.values(roles(api)).filter((role) => role === "owner"), ["owner"]);
});

test("of two owners who demote each other at once, one stays", async () => {
  const { api, by } = acme();
  const second = api.user("second");
  api.join("org_x", "second", "owner");
  const answers = await Promise.all([
    by.owner.call("PATCH", path("second"), { role: "viewer" }),
    second.call("PATCH", path("owner"), { role: "viewer" }),
  ]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  assert.equal(Object.values(roles(api)).filter((role) => role === "owner").length, 1);
});

test("an admin does not demote who became owner meanwhile", async () => {
  const { api, by } = acme();
  const promote = (): unknown => api.db.sqlite.run("UPDATE memberships SET role = 'owner' WHERE organization_id = 'org_x' AND user_id = 'usr_member'");
  api.db.meanwhile = { before: "INSERT INTO guards", run: promote };
  await by.admin.refused(409, "conflict", "PATCH", path("member"), { role: "viewer" });
  api.db.meanwhile = { before: "INSERT INTO guards", run: promote };
  await by.admin.refused(409, "conflict", "DELETE", path("member"));
});

test("a member who leaves or is removed loses their keys, and the host forgets them", async () => {
  for (const who of ["member", "owner"] as const) {
    const { api, by } = acme();
    api.db.sqlite.run(`
      INSERT INTO keys (id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at) VALUES
        ('key_1', 'org_x', 'usr_member', 'api', 'k', 'ouro_', 'h1', '["workers:read"]', 1),
        ('key_2', 'org_x', 'usr_admin', 'api', 'k', 'ouro_', 'h2', '["workers:read"]', 1),
        ('key_3', 'org_member', 'usr_member', 'api', 'k', 'ouro_', 'h3', '["workers:read"]', 1)`);
    await by[who].expect(204, "DELETE", path("member"));
    assert.deepEqual(api.rows("SELECT id FROM keys ORDER BY id"), [["key_2"], ["key_3"]]);
    assert.deepEqual(api.calls, ["identity.forget"]);
    assert.deepEqual(api.rows("SELECT action, actor_id, subject_id FROM audit_entries"), [[who === "member" ? "member.leave" : "member.remove", `usr_${who}`, "usr_member"]]);
  }
});

test("keys that have more than a lower role may are revoked", async () => {
  const { api, by } = acme();
  api.db.sqlite.run(`
    INSERT INTO keys (id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at) VALUES
      ('key_1', 'org_x', 'usr_admin', 'service', 'k', 'ouro_', 'h1', '[]', 1),
      ('key_2', 'org_x', 'usr_admin', 'api', 'k', 'ouro_', 'h2', '["workers:read","members:write"]', 1),
      ('key_3', 'org_x', 'usr_admin', 'api', 'k', 'ouro_', 'h3', '["workers:write"]', 1),
      ('key_4', 'org_x', 'usr_owner', 'service', 'k', 'ouro_', 'h4', '[]', 1)`);
  await by.owner.expect(200, "PATCH", path("admin"), { role: "member" });
  assert.deepEqual(api.rows("SELECT id FROM keys WHERE revoked_at IS NULL ORDER BY id"), [["key_3"], ["key_4"]]);
  assert.deepEqual(api.calls, ["identity.forget"]);
});

test("a transfer makes another member owner and the old one an admin", async () => {
  const { api, by } = acme();
  await by.owner.expect(204, "POST", "organizations/acme/transfer", { user: "usr_viewer" });
  assert.deepEqual(roles(api), { viewer: "owner", member: "member", admin: "admin", owner: "admin" });
  await by.owner.refused(403, "forbidden", "POST", "organizations/acme/transfer", { user: "usr_owner" });
  await by.viewer.refused(404, "not_found", "POST", "organizations/acme/transfer", { user: "usr_stranger" });
  await by.viewer.refused(409, "conflict", "POST", "organizations/acme/transfer", { user: "usr_viewer" });
  await api.refused(403, "forbidden", "POST", "organizations/acme/transfer", { user: "usr_member" });
});

test("a transfer to who leaves meanwhile leaves the owner in place, also beside another", async () => {
  const { api, by } = acme();
  api.user("second");
  api.join("org_x", "second", "owner");
  const leave = (): unknown => api.db.sqlite.run("DELETE FROM memberships WHERE organization_id = 'org_x' AND user_id = 'usr_member'");
  api.db.meanwhile = { before: "INSERT INTO guards", run: leave };
  await by.owner.refused(409, "conflict", "POST", "organizations/acme/transfer", { user: "usr_member" });
  assert.equal(roles(api)["owner"], "owner");
});

test("a personal organization keeps its user as the only owner", async () => {
  const api = new Api();
  const ada = api.user("ada");
  const eve = api.user("eve");
  api.join("org_ada", "eve", "member");
  const { message } = await ada.refused(409, "conflict", "DELETE", "organizations/ada/members/usr_ada");
  assert.match(message, /personal/);
  await ada.refused(409, "conflict", "PATCH", "organizations/ada/members/usr_eve", { role: "owner" });
  await api.refused(409, "conflict", "PATCH", "organizations/ada/members/usr_eve", { role: "owner" });
  await ada.refused(409, "conflict", "POST", "organizations/ada/transfer", { user: "usr_eve" });
  await ada.refused(409, "conflict", "PATCH", "organizations/ada/members/usr_ada", { role: "viewer" });
  await eve.expect(204, "DELETE", "organizations/ada/members/usr_eve");
});

test("only a role can be given", async () => {
  const { by } = acme();
  assert.match((await by.owner.refused(400, "invalid_request", "PATCH", path("member"), { role: "root" })).issues["role"] ?? "", /`viewer` or `member`/);
  for (const field of ["user_id", "email", "organization_id", "created_at"]) {
    assert.equal((await by.owner.refused(400, "invalid_request", "PATCH", path("member"), { role: "viewer", [field]: "x" })).issues[field], "unknown field");
  }
});
