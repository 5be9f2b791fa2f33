import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

test("an environment holds vars, secrets and databases", async () => {
  const api = new Api();
  const database = await api.expect(201, "POST", "databases", { name: "main" });
  const values = { A: { kind: "var", value: { deep: [1] } }, B: { kind: "secret", value: "s3cret" }, C: { kind: "database", value: "main" } };
  const made = await api.expect(201, "POST", "environments", { name: "production", description: "d", values });
  assert.match(String(made["id"]), /^env_[0-9a-f]{32}$/);
  assert.deepEqual(made["values"], { A: { kind: "var", value: { deep: [1] } }, B: { kind: "secret" }, C: { kind: "database", value: database["id"] } });
  for (const name of ["production", String(made["id"])]) assert.deepEqual(await api.expect(200, "GET", `environments/${name}`), made);
  const sealed = Buffer.from("sealed:s3cret").toString("base64");
  assert.deepEqual(api.rows("SELECT name, value FROM environment_values ORDER BY name"), [["A", '{"deep":[1]}'], ["B", sealed], ["C", database["id"]]]);
  await api.refused(404, "not_found", "GET", "environments/nothing");
});

for (const method of ["PUT", "PATCH"]) {
  test(`${method} changes the fields and values given, and null deletes`, async () => {
    const api = new Api();
    const text = (value: string): object => ({ kind: "var", value });
    await api.expect(201, "POST", "environments", { name: "production", description: "d", values: { A: text("1"), B: text("2"), C: text("3") } });
    const changed = await api.expect(200, method, "environments/production", { name: "live", values: { A: null, B: { kind: "secret", value: "x" }, D: text("4") } });
    assert.deepEqual([changed["name"], changed["description"]], ["live", "d"]);
    assert.deepEqual(changed["values"], { B: { kind: "secret" }, C: { kind: "var", value: "3" }, D: { kind: "var", value: "4" } });
    await api.refused(404, "not_found", method, "environments/production", {});
  });
}

test("attached workers are reloaded when values change", async () => {
  const api = new Api();
  await api.expect(201, "POST", "environments", { name: "production" });
  const values = (value: string): object => ({ values: { A: { kind: "var", value } } });
  await api.expect(200, "PATCH", "environments/production", values("0"));
  const { id } = await api.expect(201, "POST", "workers", { name: "one", environment: "production" });
  await api.expect(200, "PATCH", "environments/production", values("1"));
  await api.expect(200, "PATCH", "environments/production", { description: "no change for workers" });
  await api.expect(201, "POST", "workers", { name: "two", environment: "production" });
  await api.expect(200, "PATCH", "environments/production", values("2"));
  assert.deepEqual(api.calls, [`routing.reload ${String(id)}`, "routing.reload null"]);
  api.failures.set("routing.reload", new HostError("unavailable", "busy"));
  const { message } = await api.refused(503, "unavailable", "PATCH", "environments/production", values("3"));
  assert.match(message, /`production` is changed in the store/);
});

test("a taken name is a conflict, and nothing is half written", async () => {
  const api = new Api();
  await api.expect(201, "POST", "environments", { name: "one" });
  await api.expect(201, "POST", "environments", { name: "two" });
  const values = { A: { kind: "var", value: "1" } };
  await api.refused(409, "conflict", "POST", "environments", { name: "one", values });
  await api.refused(409, "conflict", "PATCH", "environments/two", { name: "one", values });
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM environment_values"), [[0]]);
});

test("an environment in use is not deleted", async () => {
  const api = new Api();
  await api.expect(201, "POST", "environments", { name: "production", values: { A: { kind: "var", value: "1" } } });
  await api.expect(201, "POST", "workers", { name: "hello", environment: "production" });
  const { message } = await api.refused(409, "conflict", "DELETE", "environments/production");
  assert.match(message, /`hello`/);
  await api.expect(200, "PATCH", "workers/hello", { environment: null });
  await api.expect(204, "DELETE", "environments/production");
  await api.refused(404, "not_found", "DELETE", "environments/production");
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM environment_values"), [[0]]);
});

test("bad values are named", async () => {
  const api = new Api();
  const refusedAt = async (values: unknown): Promise<string[]> =>
    Object.keys((await api.refused(400, "invalid_request", "POST", "environments", { name: "x", values })).issues);
  assert.deepEqual(await refusedAt({ "a b": { kind: "var", value: 1 } }), ["values.a b"]);
  assert.deepEqual(await refusedAt({ A: { kind: "secret", value: 1 } }), ["values.A.value"]);
  assert.deepEqual(await refusedAt({ A: { kind: "var" } }), ["values.A.value"]);
  assert.deepEqual(await refusedAt({ A: { kind: "queue", value: "x" } }), ["values.A.kind"]);
  assert.deepEqual(await refusedAt({ A: { kind: "var", value: 1, extra: 1 } }), ["values.A.extra"]);
  assert.deepEqual(await refusedAt({ A: { kind: "database", value: "nope" } }), ["values.A.value"]);
  assert.deepEqual(await refusedAt({ A: null }), ["values.A"]);
  for (const name of ["", "env_1", "db_x", "a b", "-a", "x".repeat(64)]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "environments", { name });
    assert.deepEqual(Object.keys(issues), ["name"]);
  }
});

test("environments are listed newest first, page by page", async () => {
  const api = new Api();
  for (const name of ["a", "b", "c"]) await api.expect(201, "POST", "environments", { name, values: { N: { kind: "var", value: name } } });
  const pages = await api.pages("environments", 2);
  assert.deepEqual(pages.map((page) => page.length), [2, 1]);
  for (const environment of pages.flat()) assert.deepEqual(environment["values"], { N: { kind: "var", value: environment["name"] } });
});
