import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, digestOf, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

async function live(api: Api, worker: string): Promise<unknown> {
  const shown = (await api.expect(200, "GET", `workers/${worker}`))["live"] as Json | null;
  return shown?.["number"] ?? null;
}

test("a version is checked, then live in the store, then the host is told", async () => {
  const api = new Api();
  const worker = await api.worker("hello", 1);
  const { id } = await api.version("hello");
  api.calls.length = 0;
  const deployment = await api.expect(201, "POST", "workers/hello/deployments", { version: 2 });
  assert.match(String(deployment["id"]), /^dep_[0-9a-f]{32}$/);
  assert.deepEqual(
    [deployment["version_id"], deployment["version_number"], deployment["worker_id"], deployment["reason"]],
    [id, 2, worker["id"], "deploy"],
  );
  assert.deepEqual(api.calls, [`routing.check ${String(id)} null`, `routing.reload ${String(worker["id"])}`]);
  assert.equal(await live(api, "hello"), 2);
});

test("`activate` deploys the new version", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  const { id, live } = await api.version("hello", { activate: true });
  assert.equal(live, true);
  assert.equal(api.calls[2], `routing.check ${String(id)} null`);
});

test("a version of the API itself must be healthy", async () => {
  const api = new Api();
  api.installManagement();
  const version = await api.version("management", { activate: true });
  assert.deepEqual(api.calls.slice(1), [
    "build.prepare aaaa database true",
    `routing.check ${String(version["id"])} /health`,
    "routing.reload wrk_m",
  ]);
  api.failures.set("routing.check", new HostError("unhealthy", "`GET /health` answered 500"));
  const { message } = await api.refused(502, "unhealthy", "POST", "workers/management/versions", { component: digestOf("a"), activate: true });
  assert.match(message, /^version 3 \(`ver_[0-9a-f]{32}`\) is stored but not live: `GET \/health` answered 500$/);
  assert.equal(await live(api, "management"), 2);
});

test("an unhealthy version does not replace the live one", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await api.version("hello");
  api.failures.set("routing.check", new HostError("unhealthy", "trap"));
  await api.refused(502, "unhealthy", "POST", "workers/hello/deployments", { version: "2" });
  api.failures.set("routing.check", new HostError("not-found", "gone"));
  await api.refused(404, "not_found", "POST", "workers/hello/deployments", { version: "2" });
  assert.equal(await live(api, "hello"), 1);
  assert.ok(!api.calls.slice(-2).some((call) => call.startsWith("routing.reload")));
});

test("a failed reload is 503 and says that the version is live in the store", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await api.version("hello");
  api.failures.set("routing.reload", new HostError("unavailable", "busy"));
  const { message } = await api.refused(503, "unavailable", "POST", "workers/hello/deployments", { version: "2" });
  assert.match(message, /^version 2 of `hello` is live in the store, and the host follows at its next reload/);
  assert.equal(await live(api, "hello"), 2);
});

test("a rollback goes to the version that was live before", async () => {
  const api = new Api();
  await api.worker("hello", 3);
  // The live version deployed again counts as one.
  await api.expect(201, "POST", "workers/hello/deployments", { version: 3 });
  const deployment = await api.expect(201, "POST", "workers/hello/rollback");
  assert.deepEqual([deployment["version_number"], deployment["reason"]], [2, "rollback"]);
  assert.equal(await live(api, "hello"), 2);
  assert.equal((await api.expect(201, "POST", "workers/hello/rollback"))["version_number"], 3);
});

test("without an earlier version there is no rollback", async () => {
  const api = new Api();
  await api.worker("none", 0);
  await api.worker("one", 1);
  await api.refused(409, "conflict", "POST", "workers/none/rollback");
  assert.match((await api.refused(409, "conflict", "POST", "workers/one/rollback")).message, /`one` has no earlier version/);
  await api.refused(404, "not_found", "POST", "workers/nobody/rollback");
});

test("a rollback is checked as a deployment is", async () => {
  const api = new Api();
  await api.worker("hello", 2);
  api.failures.set("routing.check", new HostError("unhealthy", "trap"));
  await api.refused(502, "unhealthy", "POST", "workers/hello/rollback");
  assert.equal(await live(api, "hello"), 2);
});

test("a version whose database was deleted does not come back", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.version("hello", { databases: { DB: "main" }, activate: true });
  await api.version("hello", { activate: true });
  await api.expect(204, "DELETE", "databases/main");
  const { message } = await api.refused(422, "unprocessable", "POST", "workers/hello/rollback");
  assert.match(message, /binding `DB`/);
});

test("a worker deleted meanwhile is 404", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  api.db.meanwhile = { before: "INSERT INTO deployments", run: () => void api.db.sqlite.run("DELETE FROM workers") };
  await api.refused(404, "not_found", "POST", "workers/hello/deployments", { version: 1 });
});

test("deployments are listed newest first, page by page", async () => {
  const api = new Api();
  await api.worker("hello", 3);
  await api.worker("other", 1);
  await api.expect(201, "POST", "workers/hello/rollback");
  const pages = await api.pages("workers/hello/deployments", 3);
  const shown = pages.map((page) => page.map((deployment) => [deployment["version_number"], deployment["reason"]]));
  assert.deepEqual(shown, [[[2, "rollback"], [3, "deploy"], [2, "deploy"]], [[1, "deploy"]]]);
  await api.refused(404, "not_found", "GET", "workers/nobody/deployments");
});

test("a deployment names its version", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  for (const version of [undefined, "", 0, 1.5, null, ["1"]]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/deployments", { version });
    assert.deepEqual(Object.keys(issues), ["version"]);
  }
  await api.refused(404, "not_found", "POST", "workers/hello/deployments", { version: 9 });
});
