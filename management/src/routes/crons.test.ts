import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const NIGHTLY = { expression: "0 3 * * *", timezone: "Europe/Berlin" };

async function withWorker(): Promise<Api> {
  const api = new Api();
  await api.expect(201, "POST", "workers", { name: "shop" });
  return api;
}

async function withCron(fields: Json = {}): Promise<{ api: Api; cron: Json; path: string }> {
  const api = await withWorker();
  const cron = await api.expect(201, "POST", "workers/shop/crons", { ...NIGHTLY, ...fields });
  return { api, cron, path: `crons/${String(cron["id"])}` };
}

async function overQuota(api: Api, path: string, body: Json): Promise<void> {
  assert.equal((await api.expect(403, "POST", path, body))["code"], "quota_exceeded");
}

/** One that the live version brings. */
async function withConfigured(): Promise<{ api: Api; cron: Json; path: string }> {
  const api = await withWorker();
  await api.version("shop", { crons: [NIGHTLY], activate: true });
  const [cron = {}] = (await api.expect(200, "GET", "workers/shop/crons"))["items"] as Json[];
  return { api, cron, path: `crons/${String(cron["id"])}` };
}

test("a cron is made, shown, listed and deleted", async () => {
  const { api, cron, path } = await withCron();
  const { id, worker_id, created_at, updated_at, ...rest } = cron;
  assert.match(String(id), /^crn_[0-9a-f]{32}$/);
  assert.deepEqual(rest, {
    worker: "shop",
    ...NIGHTLY,
    weekdays: "posix",
    enabled: true,
    missed: "skip",
    source: "api",
    next_at: "2100-01-01T00:00:00.000Z",
  });
  assert.deepEqual(await api.expect(200, "GET", path), cron);
  for (const list of ["crons", "workers/shop/crons"]) assert.deepEqual((await api.expect(200, "GET", list))["items"], [cron]);
  await api.expect(204, "DELETE", path);
  await api.refused(404, "not_found", "GET", path);
  assert.deepEqual(api.calls, ["crons.check 0 3 * * * Europe/Berlin posix", "crons.reload"]);
  assert.equal(typeof worker_id, "string");
  assert.equal(created_at, updated_at);
});

test("a cron is made of any worker that is named in the body, and `value` is its expression", async () => {
  const api = await withWorker();
  const cron = await api.expect(201, "POST", "crons", { worker_id: "shop", value: "@daily", missed: "all", weekdays: "cloudflare", enabled: false });
  assert.equal(cron["worker"], "shop");
  assert.equal(cron["expression"], "@daily");
  assert.equal(cron["next_at"], null);
  assert.equal(cron["timezone"], "UTC");
});

test("what the host takes for no expression and no time zone is told with the field", async () => {
  const api = await withWorker();
  api.failures.set("crons.check", new HostError("expression", "`61` is no minute: out of bounds"));
  const bad = await api.refused(400, "invalid_request", "POST", "workers/shop/crons", { expression: "61 * * * *" });
  assert.deepEqual(bad.issues, { expression: "`61` is no minute: out of bounds" });
  api.failures.set("crons.check", new HostError("time-zone", "`Mars` is no name"));
  const zone = await api.refused(400, "invalid_request", "POST", "workers/shop/crons", { ...NIGHTLY, timezone: "Mars" });
  assert.deepEqual(zone.issues, { timezone: "`Mars` is no name" });
  const none = await api.refused(400, "invalid_request", "POST", "workers/shop/crons", {});
  assert.deepEqual(Object.keys(none.issues), ["expression"]);
  const both = await api.refused(400, "invalid_request", "POST", "workers/shop/crons", { expression: "@daily", value: "@hourly" });
  assert.deepEqual(Object.keys(both.issues), ["value"]);
  assert.deepEqual(api.rows("SELECT * FROM crons"), []);
});

test("the fields given are updated, and a new expression begins with its next due time", async () => {
  for (const method of ["PUT", "PATCH"]) {
    const { api, path } = await withCron();
    api.dueTimes[0] = Date.UTC(2200, 0, 1);
    const same = await api.expect(200, method, path, { missed: "once" });
    assert.deepEqual([same["missed"], same["next_at"]], ["once", "2100-01-01T00:00:00.000Z"]);
    const other = await api.expect(200, method, path, { expression: "0 4 * * *" });
    assert.deepEqual([other["expression"], other["timezone"], other["next_at"]], ["0 4 * * *", "Europe/Berlin", "2200-01-01T00:00:00.000Z"]);
    assert.equal((await api.expect(200, method, path, { enabled: false }))["next_at"], null);
    assert.equal((await api.expect(200, method, path, { enabled: true }))["next_at"], "2200-01-01T00:00:00.000Z");
  }
});

test("where the host has moved a cron on meanwhile, an update leaves it there", async () => {
  const { api, path } = await withCron();
  api.db.meanwhile = { before: "UPDATE crons", run: () => void api.db.sqlite.run("UPDATE crons SET next_at = 4102531200000") };
  const cron = await api.expect(200, "PATCH", path, { missed: "all" });
  assert.equal(cron["next_at"], "2100-01-02T00:00:00.000Z");
});

test("a run by hand waits for the host, and is in the history", async () => {
  const { api, cron, path } = await withCron({ enabled: false });
  const run = await api.expect(201, "POST", `${path}/run`);
  const { id, scheduled_at, ...rest } = run;
  assert.match(String(id), /^crr_[0-9a-f]{32}$/);
  assert.ok(Date.parse(String(scheduled_at)) <= Date.now());
  const waiting = { manual: true, attempt: 1, status: "waiting", started_at: null, ended_at: null, outcome: null, execution_id: null };
  assert.deepEqual(rest, { cron_id: cron["id"], ...waiting });
  assert.equal(api.calls.at(-1), "crons.reload");
  assert.deepEqual((await api.expect(200, "GET", `${path}/runs`))["items"], [run]);
  assert.deepEqual(await api.expect(200, "GET", `${path}/runs/${String(id)}`), run);
  await api.refused(404, "not_found", "GET", `${path}/runs/crr_x`);
  api.db.sqlite.run("UPDATE cron_runs SET started_at = 1000");
  assert.equal((await api.expect(200, "GET", `${path}/runs/${String(id)}`))["status"], "running");
  api.db.sqlite.run("UPDATE cron_runs SET ended_at = 2000, outcome = 'ok', execution_id = 'exe_1'");
  const ended = await api.expect(200, "GET", `${path}/runs/${String(id)}`);
  assert.deepEqual([ended["status"], ended["outcome"], ended["execution_id"], ended["ended_at"]], ["ended", "ok", "exe_1", "1970-01-01T00:00:02.000Z"]);
});

test("runs by hand do not pile up", async () => {
  const { api, cron, path } = await withCron();
  for (let i = 0; i < 10; i += 1) api.db.sqlite.run(`INSERT INTO cron_runs (id, cron_id, scheduled_at, manual) VALUES ('crr_${i}', '${String(cron["id"])}', ${i}, 1)`);
  await api.refused(409, "conflict", "POST", `${path}/run`);
});

test("the history is read by pages, newest first", async () => {
  const { api, cron, path } = await withCron();
  for (let i = 1; i <= 5; i += 1) {
    api.db.sqlite.run(`INSERT INTO cron_runs (id, cron_id, scheduled_at, ended_at, outcome) VALUES ('crr_${i}', '${String(cron["id"])}', ${i * 1000}, ${i * 1000}, 'ok')`);
  }
  const pages = await api.pages(`${path}/runs`, 2);
  assert.deepEqual(pages.map((page) => page.map((run) => run["id"])), [["crr_5", "crr_4"], ["crr_3", "crr_2"], ["crr_1"]]);
});

test("a worker has a hundred crons at most, and management none", async () => {
  const { api, cron } = await withCron();
  for (let i = 1; i < 100; i += 1) {
    api.db.sqlite.run(`INSERT INTO crons SELECT 'crn_${i}', worker_id, expression, time_zone, weekdays, enabled, missed, source, next_at, created_at, updated_at
      FROM crons WHERE id = '${String(cron["id"])}'`);
  }
  await api.refused(422, "unprocessable", "POST", "workers/shop/crons", NIGHTLY);
  api.installManagement();
  await api.refused(409, "conflict", "POST", "workers/management/crons", NIGHTLY);
});

test("an organization has as many crons as its quota allows, those of its versions included", async () => {
  const { api } = await withCron();
  api.db.sqlite.run("INSERT INTO quotas (organization_id, name, maximum) SELECT id, 'crons', 2 FROM organizations");
  await api.version("shop", { crons: [NIGHTLY], activate: true });
  await overQuota(api, "workers/shop/crons", NIGHTLY);
  const version = await api.version("shop", { crons: [NIGHTLY, { expression: "@daily" }] });
  await overQuota(api, "workers/shop/deployments", { version: String(version["number"]) });
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM crons"), [[2]]);
  const { live } = await api.expect(200, "GET", "workers/shop");
  assert.equal((live as Json)["number"], 1);
});

test("crons go with their worker, and the audit log tells of each change", async () => {
  const { api, path } = await withCron();
  await api.expect(200, "PATCH", path, { enabled: false });
  await api.expect(201, "POST", `${path}/run`);
  await api.expect(204, "DELETE", "workers/shop");
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM crons UNION ALL SELECT COUNT(*) FROM cron_runs"), [[0], [0]]);
  const entries = api.rows("SELECT action, before, after FROM audit_entries WHERE action LIKE 'cron.%' ORDER BY sequence");
  assert.deepEqual(entries.map(([action]) => action), ["cron.create", "cron.update", "cron.run"]);
  assert.deepEqual(entries[1]?.slice(1), ['{"enabled":true}', '{"enabled":false}']);
});

test("a version brings its crons when it becomes live, and a rollback those of the version before", async () => {
  const { api, cron } = await withConfigured();
  assert.deepEqual([cron["source"], cron["enabled"], cron["missed"], cron["next_at"], cron["timezone"]], ["config", true, "skip", null, "Europe/Berlin"]);
  const own = await api.expect(201, "POST", "workers/shop/crons", NIGHTLY);
  const expressions = async (): Promise<unknown[]> => {
    const { items } = await api.expect(200, "GET", "workers/shop/crons");
    return (items as Json[]).map((each) => `${String(each["source"])} ${String(each["expression"])} ${String(each["missed"])}`).sort();
  };
  await api.version("shop", { crons: [{ expression: "@hourly" }, { ...NIGHTLY, missed: "all" }] });
  assert.deepEqual(await expressions(), ["api 0 3 * * * skip", "config 0 3 * * * skip"], "a version that is not live");
  await api.version("shop", { crons: [{ expression: "@hourly" }, { ...NIGHTLY, missed: "all" }], activate: true });
  assert.deepEqual(await expressions(), ["api 0 3 * * * skip", "config 0 3 * * * all", "config @hourly skip"]);
  assert.equal((await api.expect(200, "GET", `crons/${String(cron["id"])}`))["missed"], "all", "the same cron");
  await api.expect(201, "POST", "workers/shop/rollback");
  assert.deepEqual(await expressions(), ["api 0 3 * * * skip", "config 0 3 * * * skip"]);
  await api.version("shop", { activate: true });
  assert.deepEqual(await expressions(), ["api 0 3 * * * skip"]);
  assert.deepEqual((await api.expect(200, "GET", `crons/${String(own["id"])}`))["source"], "api");
});

test("a cron of the configuration is switched off by hand, stays so, and is changed by a deploy alone", async () => {
  const { api, path } = await withConfigured();
  await api.refused(409, "conflict", "DELETE", path);
  await api.refused(409, "conflict", "PATCH", path, { expression: "@daily" });
  await api.refused(409, "conflict", "PATCH", path, { missed: "all" });
  assert.equal((await api.expect(200, "PATCH", path, { enabled: false, ...NIGHTLY }))["enabled"], false);
  await api.version("shop", { crons: [NIGHTLY], activate: true });
  assert.equal((await api.expect(200, "GET", path))["enabled"], false);
});

test("crons of a version are checked before it is stored", async () => {
  const api = await withWorker();
  const twice = await api.refused(400, "invalid_request", "POST", "workers/shop/versions", {
    component: "a".repeat(64),
    crons: [NIGHTLY, { ...NIGHTLY, missed: "all" }],
  });
  assert.deepEqual(Object.keys(twice.issues), ["crons.1.expression"]);
  api.failures.set("crons.check", new HostError("expression", "`61` is no minute: out of bounds"));
  const bad = await api.refused(400, "invalid_request", "POST", "workers/shop/versions", { component: "a".repeat(64), crons: [{ expression: "61 * * * *" }] });
  assert.deepEqual(bad.issues, { "crons.0.expression": "`61` is no minute: out of bounds" });
  assert.deepEqual(api.rows("SELECT * FROM versions"), []);
});
