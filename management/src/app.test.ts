import assert from "node:assert/strict";
import { test } from "node:test";

import { leastRole, PERMISSIONS, ROLES } from "./access.ts";
import { allRoutes } from "./app.ts";
import main from "./main.ts";
import { isPermission, type Route } from "./route.ts";
import { DEFAULT_ORGANIZATION } from "./store/organizations.ts";
import { Api } from "./testing/api.ts";
import { HostError } from "./testing/sqlite.ts";

/** The route's path, with an organization in the place of its own. */
function pathIn(route: Pick<Route, "path">, organization: string): string {
  return route.path.replace(":organization", organization).replace(/:\w+/g, "x");
}

const paths = allRoutes.flatMap((route) =>
  route.methods.map((method) => ({ method: method.toUpperCase(), path: pathIn(route, "default"), access: route.access, route })),
);

test("the worker's entry serves the application", async () => {
  const api = new Api();
  assert.equal((await main.fetch(new Request("http://localhost/health"), api.env)).status, 200);
});

for (const { method, path, access, route } of paths) {
  if (access === "open") continue;
  test(`${method} ${path} is refused to who is not signed in`, async () => {
    const nobody = new Api().as(null);
    const answer = await nobody.request(method, path);
    assert.equal(answer.status, 401);
    assert.equal(answer.json["code"], "unauthorized");
    assert.equal(answer.json["request_id"], "req-1");
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    assert.deepEqual(nobody.calls, []);
  });
  if (!isPermission(access)) continue;
  test(`${method} ${path} is refused to a key without \`${access}\``, async () => {
    const api = new Api();
    const scopes = PERMISSIONS.filter((permission) => permission !== access);
    const key = api.as({ kind: "key", id: "key_1", organization: DEFAULT_ORGANIZATION, scopes });
    const { message } = await key.refused(403, "forbidden", method, path);
    assert.equal(message, `the key does not have the scope \`${access}\``);
    assert.deepEqual(api.calls, []);
  });
  test(`${method} ${path} takes the role ${leastRole(access)}`, async () => {
    const api = new Api();
    api.db.sqlite.run("INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('org_x', 'acme', 1, 1)");
    const user = api.user("ada");
    const status = async (organization: string): Promise<number> =>
      (await user.request(method, pathIn(route, organization), { headers: { "x-ouro-organization": organization } })).status;
    assert.equal(await status("acme"), 404, "no member");
    const below = ROLES[ROLES.indexOf(leastRole(access)) - 1];
    if (below !== undefined) {
      api.join("org_x", "ada", below);
      assert.equal(await status("acme"), 403, below);
      api.db.sqlite.run("DELETE FROM memberships WHERE organization_id = 'org_x'");
    }
    api.join("org_x", "ada", leastRole(access));
    assert.notEqual(await status("acme"), 403);
    assert.equal(await status("nowhere"), 404);
  });
}

test("the open routes are these", () => {
  const open = paths.filter(({ access }) => access === "open").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(open.sort(), [
    "GET /api/v1/openapi.json",
    "GET /health",
    "POST /api/v1/auth/request-reset",
    "POST /api/v1/auth/reset",
    "POST /api/v1/auth/sign-in",
    "POST /api/v1/auth/sign-up",
    "POST /api/v1/auth/verify-email",
    "POST /api/v1/refresh",
  ]);
});

test("a principal of a kind that has no business here is nobody", async () => {
  const api = new Api();
  for (const kind of ["anon", "external", "root"]) {
    const headers = { "x-ouro-principal": JSON.stringify({ kind, id: "operator", organization: DEFAULT_ORGANIZATION }) };
    assert.equal((await api.as(null).request("GET", "/api/v1/workers", { headers })).status, 401, kind);
  }
});

test("an unknown route is 404, and 401 for who is not signed in", async () => {
  const api = new Api();
  const { message } = await api.refused(404, "not_found", "GET", "/api/v1/nothing");
  assert.equal(message, "no route `GET /api/v1/nothing`");
  await api.refused(404, "not_found", "PATCH", "/api/v1/workers");
  assert.equal((await api.as(null).request("GET", "/nothing")).status, 401);
});

test("an unreachable database is 503 and health says so", async () => {
  const api = new Api();
  api.db.failure = new HostError("unavailable", "disk of node 7 is full");
  const { message } = await api.refused(503, "unavailable", "GET", "workers");
  assert.doesNotMatch(message, /node 7/);
  await api.refused(503, "unavailable", "GET", "/health");
});

test("an unexpected failure is 500 and tells nothing but the request's id", async (context) => {
  const logged = context.mock.method(console, "error", () => undefined);
  const api = new Api();
  api.db.failure = new HostError("sql", "no such table: workers");
  const { message } = await api.refused(500, "internal", "GET", "workers");
  assert.doesNotMatch(message, /table/);
  assert.match(String(logged.mock.calls[0]?.arguments[0]), /req-1/);
});

/** Whom the route is for. */
function askerOf({ access }: Route): Api {
  const api = new Api();
  return access === "user" ? api.user("ada") : api;
}

test("every route that takes a body refuses what is not JSON, and names where", async () => {
  for (const route of allRoutes.filter((each) => each.body !== undefined)) {
    const path = pathIn(route, "default");
    const method = (route.methods[0] ?? "post").toUpperCase();
    const answer = await askerOf(route).request(method, path, { body: '{"name": "x", "vars": {"A": tru}}' });
    assert.equal(answer.status, 400, path);
    assert.deepEqual(answer.json["issues"], [{ path: "vars.A", message: "not JSON: expected a value, found `t` at line 1, column 29" }]);
    assert.equal((await askerOf(route).request(method, path)).status, 400, path);
  }
});

test("every route that takes a body refuses an unknown field, and names it", async () => {
  for (const route of allRoutes.filter((each) => each.body !== undefined)) {
    const path = pathIn(route, "default");
    const { issues } = await askerOf(route).refused(400, "invalid_request", (route.methods[0] ?? "post").toUpperCase(), path, { colour: "red" });
    assert.equal(issues["colour"], "unknown field", path);
  }
});

test("an unknown or repeated query parameter is refused", async () => {
  const api = new Api();
  assert.equal((await api.refused(400, "invalid_request", "GET", "workers?colour=red")).issues["colour"], "unknown field");
  assert.equal((await api.refused(400, "invalid_request", "GET", "workers?limit=1&limit=2")).issues["limit"], "given more than once");
});
