import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, digestOf, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

test("a new worker has an id, a URL and no live version", async () => {
  const api = new Api();
  const { id, created_at, updated_at, ...rest } = await api.expect(201, "POST", "workers", { name: "hello", description: "says it" });
  assert.match(String(id), /^wrk_[0-9a-f]{32}$/);
  assert.match(String(created_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.equal(created_at, updated_at);
  const health = { status: "idle", window_ms: 600_000, invocations: 0, outcomes: {}, last_failure: null };
  assert.deepEqual(rest, { name: "hello", description: "says it", environment: null, auth: "public", url: "http://hello.localhost:8080", live: null, health });
});

test("a worker shows how it has fared, alone and in a list", async () => {
  const api = new Api();
  const { id } = await api.worker("hello", 0);
  await api.worker("other", 0);
  api.healths.set(String(id), {
    status: "dying",
    windowMs: 600_000,
    outcomes: { ok: 2, "exceeded-cpu": 5 },
    lastFailure: { outcome: "exceeded-cpu", message: "too slow", endedAtMs: 1_700_000_000_000, execution: "exe_1" },
  });
  const expected = {
    status: "dying",
    window_ms: 600_000,
    invocations: 7,
    outcomes: { ok: 2, "exceeded-cpu": 5 },
    last_failure: { outcome: "exceeded-cpu", message: "too slow", ended_at: "2023-11-14T22:13:20.000Z", execution_id: "exe_1" },
  };
  assert.deepEqual((await api.expect(200, "GET", "workers/hello"))["health"], expected);
  const { items } = await api.expect(200, "GET", "workers");
  const byName = new Map((items as Json[]).map((item) => [item["name"], item["health"]]));
  assert.deepEqual(byName.get("hello"), expected);
  assert.equal((byName.get("other") as Json)["status"], "idle");
});

test("a URL has the scheme of the API, and a port where that has one", async () => {
  const api = new Api();
  Object.assign(api.env, { PUBLIC_URL: "https://example.org/", BASE_DOMAIN: "example.org" });
  assert.equal((await api.expect(201, "POST", "workers", { name: "hello" }))["url"], "https://hello.example.org");
});

test("a worker is found by id and by name", async () => {
  const api = new Api();
  const made = await api.expect(201, "POST", "workers", { name: "hello" });
  assert.deepEqual(await api.expect(200, "GET", "workers/hello"), made);
  assert.deepEqual(await api.expect(200, "GET", `workers/${String(made["id"])}`), made);
  const { message } = await api.refused(404, "not_found", "GET", "workers/nobody");
  assert.equal(message, "no worker `nobody`");
});

test("a worker shows its live version", async () => {
  const api = new Api();
  const { live } = await api.worker("hello", 2);
  assert.equal((live as Record<string, unknown>)["number"], 2);
});

test("a worker's name is a DNS label", async () => {
  const api = new Api();
  for (const name of ["", "-a", "a-", "A", "a.b", "a_b", "ü", "x".repeat(64)]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "workers", { name });
    assert.match(issues["name"] ?? "", /^expected 1 to 63 of a-z, 0-9 and -/);
  }
  for (const name of ["a", "my-worker-2", "0", "x".repeat(63)]) await api.expect(201, "POST", "workers", { name });
  assert.equal((await api.refused(400, "invalid_request", "POST", "workers", {})).issues["name"], "is missing: expected string");
  assert.equal((await api.refused(400, "invalid_request", "POST", "workers", { name: 7 })).issues["name"], "expected string, got number");
});

test("a taken name is a conflict, for a new worker and for a renamed one", async () => {
  const api = new Api();
  await api.worker("one", 0);
  await api.worker("two", 0);
  assert.match((await api.refused(409, "conflict", "POST", "workers", { name: "one" })).message, /`one`/);
  await api.refused(409, "conflict", "PATCH", "workers/two", { name: "one" });
});

test("of two requests for one name at once, one has it", async () => {
  const api = new Api();
  const answers = await Promise.all([1, 2, 3].map(() => api.call("POST", "workers", { name: "hello" })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409, 409]);
});

test("the name `management` is reserved", async () => {
  const api = new Api();
  await api.refused(409, "conflict", "POST", "workers", { name: "management" });
  await api.refused(409, "conflict", "POST", "workers", { name: "name-exists" });
  api.installManagement();
  await api.worker("hello", 0);
  await api.refused(409, "conflict", "PATCH", "workers/hello", { name: "management" });
  await api.refused(409, "conflict", "PATCH", "workers/management", { name: "other" });
  await api.refused(409, "conflict", "DELETE", "workers/management");
  await api.refused(409, "conflict", "DELETE", "workers/wrk_m");
  await api.expect(201, "POST", "environments", { name: "production" });
  await api.refused(409, "conflict", "PATCH", "workers/management", { environment: "production" });
  assert.equal((await api.expect(200, "PATCH", "workers/management", { description: "the API" }))["url"], "http://localhost:8080");
  assert.deepEqual(api.calls, []);
});

test("name-exists tells whether a name is taken", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  assert.deepEqual(await api.expect(200, "GET", "workers/name-exists/hello"), { exists: true });
  assert.deepEqual(await api.expect(200, "GET", "workers/name-exists/other"), { exists: false });
});

test("workers are listed newest first, page by page, each once", async () => {
  const api = new Api();
  // Made in the same millisecond or not, the order is total.
  for (let i = 0; i < 5; i += 1) await api.worker(`worker-${i}`, i === 0 ? 1 : 0);
  api.db.sqlite.run("UPDATE workers SET created_at = CASE name WHEN 'worker-4' THEN 900 ELSE 1000 END");
  const pages = await api.pages("workers", 2);
  assert.deepEqual(pages.map((page) => page.length), [2, 2, 1]);
  const names = pages.flat().map((worker) => worker["name"]);
  assert.deepEqual([...names].sort(), ["worker-0", "worker-1", "worker-2", "worker-3", "worker-4"]);
  assert.equal(names.at(-1), "worker-4");
});

for (const method of ["PUT", "PATCH"]) {
  test(`${method} changes the fields given, and the host hears of a new name`, async () => {
    const api = new Api();
    const { id } = await api.expect(201, "POST", "workers", { name: "hello", description: "old" });
    const described = await api.expect(200, method, "workers/hello", { description: "new" });
    assert.deepEqual([described["name"], described["description"]], ["hello", "new"]);
    assert.deepEqual(api.calls, []);
    const renamed = await api.expect(200, method, "workers/hello", { name: "ciao" });
    assert.deepEqual([renamed["id"], renamed["name"], renamed["description"]], [id, "ciao", "new"]);
    assert.deepEqual(api.calls, [`routing.reload ${String(id)}`]);
    await api.refused(404, "not_found", method, "workers/hello", {});
  });
}

test("two changes at once do not undo each other", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  api.db.meanwhile = { before: "UPDATE workers", run: () => void api.db.sqlite.run("UPDATE workers SET description = 'by another'") };
  const changed = await api.expect(200, "PATCH", "workers/hello", { name: "ciao" });
  assert.deepEqual([changed["name"], changed["description"]], ["ciao", "by another"]);
});

test("a worker is attached to an environment and detached", async () => {
  const api = new Api();
  await api.expect(201, "POST", "environments", { name: "production" });
  const { id } = await api.expect(201, "POST", "workers", { name: "hello" });
  assert.equal((await api.expect(200, "PATCH", "workers/hello", { environment: "production" }))["environment"], "production");
  assert.equal((await api.expect(200, "PATCH", "workers/hello", { description: "x" }))["environment"], "production");
  assert.equal((await api.expect(200, "PATCH", "workers/hello", { environment: null }))["environment"], null);
  assert.deepEqual(api.calls, [`routing.reload ${String(id)}`, `routing.reload ${String(id)}`]);
  const { issues } = await api.refused(400, "invalid_request", "POST", "workers", { name: "other", environment: "staging" });
  assert.deepEqual(issues, { environment: "no environment `staging`" });
});

test("an environment deleted meanwhile is a conflict", async () => {
  const api = new Api();
  await api.expect(201, "POST", "environments", { name: "production" });
  api.db.meanwhile = { before: "INSERT INTO workers", run: () => void api.db.sqlite.run("DELETE FROM environments") };
  await api.refused(409, "conflict", "POST", "workers", { name: "hello", environment: "production" });
});

test("a deleted worker is gone with its versions and deployments, and from the host", async () => {
  const api = new Api();
  const { id } = await api.worker("hello", 2);
  await api.worker("other", 1);
  api.calls.length = 0;
  assert.equal(await api.expect(204, "DELETE", "workers/hello"), undefined);
  assert.deepEqual(api.calls, [`routing.reload ${String(id)}`]);
  await api.refused(404, "not_found", "GET", "workers/hello");
  await api.refused(404, "not_found", "DELETE", "workers/hello");
  assert.deepEqual(api.rows("SELECT (SELECT COUNT(*) FROM versions), (SELECT COUNT(*) FROM deployments)"), [[1, 1]]);
  assert.ok(api.artifacts.has(digestOf("a")));
});

test("a worker that another one calls is not deleted", async () => {
  const api = new Api();
  await api.worker("callee", 1);
  await api.worker("caller", 0);
  const services = { SELF: { worker: "caller" }, AUTH: { worker: "callee" } };
  await api.version("caller", { services, activate: true });
  const { message } = await api.refused(409, "conflict", "DELETE", "workers/callee");
  assert.equal(message, "worker `callee` is used by the live version of worker `caller`");
  await api.expect(204, "DELETE", "workers/caller");
  await api.expect(204, "DELETE", "workers/callee");
});

test("a deployment changes a worker", async () => {
  const api = new Api();
  const created = await api.expect(201, "POST", "workers", { name: "hello" });
  api.db.sqlite.run("UPDATE workers SET created_at = created_at - 60000, updated_at = updated_at - 60000");
  await api.version("hello", { activate: true });
  const { updated_at } = await api.expect(200, "GET", "workers/hello");
  assert.ok(String(updated_at) >= String(created["updated_at"]), String(updated_at));
});

test("a failed reload says what holds already", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  api.failures.set("routing.reload", new HostError("unavailable", "metadata store: locked"));
  const renamed = await api.refused(503, "unavailable", "PATCH", "workers/hello", { name: "ciao" });
  assert.match(renamed.message, /^the worker `ciao` is changed in the store, and the host follows .*: metadata store: locked$/);
  assert.match((await api.refused(503, "unavailable", "DELETE", "workers/ciao")).message, /`ciao` is deleted in the store/);
  await api.refused(404, "not_found", "GET", "workers/ciao");
});
