import assert from "node:assert/strict";
import { test } from "node:test";

import { allRoutes } from "./app.ts";
import main from "./main.ts";
import { Api } from "./testing/api.ts";
import { HostError } from "./testing/sqlite.ts";

const paths = allRoutes.flatMap((route) =>
  route.methods.map((method) => ({ method: method.toUpperCase(), path: route.path.replace(/:\w+/g, "x"), open: route.open })),
);

test("the worker's entry serves the application", async () => {
  const api = new Api();
  assert.equal((await main.fetch(new Request("http://localhost/health"), api.env)).status, 200);
});

for (const { method, path, open } of paths) {
  if (open) {
    test(`${method} ${path} needs no token`, async () => {
      const answer = await new Api().request(method, path, { headers: { authorization: "" } });
      assert.equal(answer.status, 200);
    });
    continue;
  }
  test(`${method} ${path} is refused without the token`, async () => {
    const api = new Api();
    for (const authorization of ["", "Bearer", "Bearer wrong", "Basic token-of-the-tests", "Bearer token-of-the-tests2", "Bearer token-of-the-test"]) {
      const answer = await api.request(method, path, { headers: { authorization } });
      assert.equal(answer.status, 401, authorization);
      assert.equal(answer.json["code"], "unauthorized");
      assert.equal(answer.json["request_id"], "req-1");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    }
    assert.deepEqual(api.calls, []);
  });
}

test("the scheme of the token is read in any case", async () => {
  const answer = await new Api().request("GET", "/api/v1/workers", { headers: { authorization: "bearer token-of-the-tests" } });
  assert.equal(answer.status, 200);
});

test("without a token of its own the API is closed", async () => {
  const api = new Api();
  const { env } = api;
  Object.assign(env, { ADMIN_TOKEN: "" });
  assert.equal((await api.call("GET", "workers")).status, 401);
  assert.equal((await api.request("GET", "/api/v1/workers", { headers: { authorization: "Bearer " } })).status, 401);
});

test("an unknown route is 404, and 401 without the token", async () => {
  const api = new Api();
  const { message } = await api.refused(404, "not_found", "GET", "/api/v1/nothing");
  assert.equal(message, "no route `GET /api/v1/nothing`");
  await api.refused(404, "not_found", "PATCH", "/api/v1/workers");
  assert.equal((await api.request("GET", "/nothing", { headers: { authorization: "" } })).status, 401);
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

test("every route that takes a body refuses what is not JSON, and names where", async () => {
  for (const route of allRoutes.filter((each) => each.body !== undefined)) {
    const path = route.path.replace(/:\w+/g, "x");
    const method = (route.methods[0] ?? "post").toUpperCase();
    const answer = await new Api().request(method, path, { body: '{"name": "x", "vars": {"A": tru}}' });
    assert.equal(answer.status, 400, path);
    assert.deepEqual(answer.json["issues"], [{ path: "vars.A", message: "not JSON: expected a value, found `t` at line 1, column 29" }]);
    assert.equal((await new Api().request(method, path)).status, 400, path);
  }
});

test("every route that takes a body refuses an unknown field, and names it", async () => {
  for (const route of allRoutes.filter((each) => each.body !== undefined)) {
    const path = route.path.replace(/:\w+/g, "x");
    const { issues } = await new Api().refused(400, "invalid_request", (route.methods[0] ?? "post").toUpperCase(), path, { colour: "red" });
    assert.equal(issues["colour"], "unknown field", path);
  }
});

test("an unknown or repeated query parameter is refused", async () => {
  const api = new Api();
  assert.equal((await api.refused(400, "invalid_request", "GET", "workers?colour=red")).issues["colour"], "unknown field");
  assert.equal((await api.refused(400, "invalid_request", "GET", "workers?limit=1&limit=2")).issues["limit"], "given more than once");
});
