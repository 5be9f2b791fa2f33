import assert from "node:assert/strict";
import { test } from "node:test";

import { allRoutes } from "../app.ts";
import { Api, type Json } from "../testing/api.ts";

const path = "organizations/ada/audit";

async function actions(api: Api, query = ""): Promise<unknown[]> {
  return ((await api.expect(200, "GET", path + query))["items"] as Json[]).map(({ action }) => action);
}

test("an owner reads the log, newest first, page by page", async () => {
  const api = new Api();
  const ada = api.user("ada");
  for (const name of ["a", "b", "c"]) await ada.expect(201, "POST", "environments", { name });
  await ada.expect(200, "PATCH", "environments/a", { description: "new" });
  const { items } = await ada.expect(200, "GET", path);
  const { id, created_at, subject, ...newest } = (items as Json[])[0] ?? {};
  assert.match(String(id), /^aud_[0-9a-f]{32}$/);
  assert.ok(created_at);
  assert.equal((subject as Json)["name"], "a");
  assert.deepEqual(newest, {
    action: "environment.update",
    actor: { kind: "user", id: "usr_ada" },
    before: { description: "" },
    after: { description: "new", values_set: [], values_deleted: [] },
    address: "",
    request_id: "req-1",
  });
  const pages = await ada.pages(path, 3);
  assert.deepEqual(pages.map((page) => page.map(({ action }) => action)), [["environment.update", "environment.create", "environment.create"], ["environment.create"]]);
});

test("entries are found by what was done and by who did it", async () => {
  const api = new Api();
  const ada = api.user("ada");
  api.user("eve");
  api.join("org_ada", "eve", "admin");
  const headers = { "x-ouro-organization": "ada" };
  await ada.expect(201, "POST", "environments", { name: "a" });
  const eve = api.as({ kind: "user", id: "usr_eve", session: "ses_1", email: "eve@example.com", name: "" });
  await eve.request("DELETE", "/api/v1/environments/a", { headers });
  assert.deepEqual(await actions(ada), ["environment.delete", "environment.create"]);
  assert.deepEqual(await actions(ada, "?actor=usr_eve"), ["environment.delete"]);
  assert.deepEqual(await actions(ada, "?action=environment.create"), ["environment.create"]);
  assert.deepEqual(await actions(ada, "?action=environment.create&actor=usr_eve"), []);
  await eve.refused(403, "forbidden", "GET", path);
});

test("the log is read, and there is no route that does anything else with it", () => {
  const routes = allRoutes.filter((route) => route.path.includes("audit"));
  assert.deepEqual(routes.map(({ methods, path: where }) => [...methods, where]), [["get", "/api/v1/organizations/:organization/audit"]]);
});

test("every route that changes something writes an entry", async () => {
  const api = new Api();
  const ada = api.user("ada");
  api.user("eve");
  const steps: [number, string, string, unknown?][] = [
    [201, "POST", "organizations", { name: "acme" }],
    [200, "PATCH", "organizations/acme", { description: "d" }],
    [201, "POST", "organizations/acme/issuers", { issuer: "https://a.example", audience: "a" }],
    [204, "DELETE", "organizations/acme/issuers?issuer=https://a.example"],
    [201, "POST", "organizations/acme/invitations", { role: "member" }],
    [200, "DELETE", "organizations/acme"],
    [200, "POST", "organizations/acme/restore"],
  ];
  for (const [status, method, where, body] of steps) await ada.expect(status, method, where, body);
  await api.expect(200, "PUT", "admin/organizations/acme/quotas", { workers: 1 });
  await api.expect(204, "DELETE", "admin/organizations/acme/quotas");
  const { items } = await ada.expect(200, "GET", "organizations/acme/audit");
  assert.deepEqual((items as Json[]).map(({ action }) => action).reverse(), [
    "organization.create", "organization.update", "issuer.create", "issuer.delete", "invitation.create",
    "organization.delete", "organization.restore", "quotas.update", "quotas.reset",
  ]);
});
