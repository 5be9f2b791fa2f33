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

type Part = { version: number | string; percentage: number };

function split(api: Api, status: number, versions: Part[], rest: Json = {}): Promise<Json> {
  return api.expect(status, "POST", "workers/hello/deployments", { versions, ...rest });
}

test("a split is one deployment of several versions, each of which is checked", async () => {
  const api = new Api();
  const worker = await api.worker("hello", 1);
  const { id } = await api.version("hello");
  api.calls.length = 0;
  const deployment = await split(api, 201, [{ version: 1, percentage: 90 }, { version: "2", percentage: 10 }], { sticky: "cookie" });
  const live = (worker["live"] as Json)["id"];
  assert.deepEqual(deployment["versions"], [{ version_id: id, version_number: 2, percentage: 10 }, { version_id: live, version_number: 1, percentage: 90 }]);
  assert.deepEqual([deployment["version_id"], deployment["version_number"], deployment["sticky"]], [live, 1, "cookie"]);
  assert.deepEqual(api.calls, [`routing.check ${String(live)} null`, `routing.check ${String(id)} null`, `routing.reload ${String(worker["id"])}`]);
  const { items } = await api.expect(200, "GET", "workers/hello/deployments");
  const [newest, first] = items as Json[];
  assert.deepEqual(newest, deployment);
  assert.deepEqual(first?.["versions"], [{ version_id: live, version_number: 1, percentage: 100 }]);
});

test("versions show their percentages", async () => {
  const api = new Api();
  await api.worker("hello", 3);
  await split(api, 201, [{ version: 1, percentage: 33.34 }, { version: 2, percentage: 66.66 }]);
  const { items } = await api.expect(200, "GET", "workers/hello/versions");
  assert.deepEqual((items as Json[]).map((each) => [each["number"], each["live"], each["percentage"]]), [[3, false, 0], [2, true, 66.66], [1, true, 33.34]]);
  const shown = (await api.expect(200, "GET", "workers/hello"))["live"] as Json;
  assert.deepEqual([shown["number"], shown["percentage"]], [2, 66.66], "the largest stands for all");
});

test("percentages are 100 together, of versions that differ", async () => {
  const api = new Api();
  await api.worker("hello", 2);
  const { id } = (await api.expect(200, "GET", "workers/hello"))["live"] as Json;
  const refused = async (body: Json, field: string): Promise<void> => {
    const { issues } = await api.refused(400, "invalid_request", "POST", "workers/hello/deployments", body);
    assert.deepEqual(Object.keys(issues), [field], JSON.stringify(body));
  };
  await refused({ versions: [{ version: 1, percentage: 50 }, { version: 2, percentage: 49.99 }] }, "versions");
  await refused({ versions: [{ version: 2, percentage: 50 }, { version: id, percentage: 50 }] }, "versions");
  await refused({ versions: [{ version: 1, percentage: 99 }] }, "versions");
  await refused({ versions: [{ version: 1, percentage: 0 }, { version: 2, percentage: 99 }] }, "versions.0.percentage");
  await refused({ versions: [{ version: 1, percentage: 0.001 }, { version: 2, percentage: 99 }] }, "versions.0.percentage");
  await refused({ version: 1, versions: [{ version: 1, percentage: 50 }, { version: 2, percentage: 50 }] }, "versions");
  await refused({ version: 1, sticky: "cookie" }, "sticky");
  await api.refused(404, "not_found", "POST", "workers/hello/deployments", { versions: [{ version: 1, percentage: 50 }, { version: 9, percentage: 50 }] });
  assert.equal(await live(api, "hello"), 2);
});

test("a split with an unhealthy version leaves what is live", async () => {
  const api = new Api();
  await api.worker("hello", 2);
  api.failures.set("routing.check", new HostError("unhealthy", "trap"));
  await split(api, 502, [{ version: 1, percentage: 50 }, { version: 2, percentage: 50 }]);
  assert.deepEqual(api.rows("SELECT * FROM deployment_versions"), []);
});

test("a rollback undoes a split, and passes over one", async () => {
  const api = new Api();
  await api.worker("hello", 2);
  await split(api, 201, [{ version: 1, percentage: 10 }, { version: 2, percentage: 90 }]);
  assert.equal((await api.expect(201, "POST", "workers/hello/rollback"))["version_number"], 2);
  await api.version("hello");
  await split(api, 201, [{ version: 2, percentage: 50 }, { version: 3, percentage: 50 }]);
  await api.expect(201, "POST", "workers/hello/deployments", { version: 3 });
  assert.equal((await api.expect(201, "POST", "workers/hello/rollback"))["version_number"], 2);
});

test("the API itself is not split", async () => {
  const api = new Api();
  api.installManagement();
  await api.version("management");
  const versions = [{ version: 1, percentage: 50 }, { version: 2, percentage: 50 }];
  await api.refused(409, "conflict", "POST", "workers/management/deployments", { versions });
});

test("what the smaller part of a split uses is in use", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await api.worker("callee", 1);
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.version("hello", { databases: { DB: "main" }, services: { S: { worker: "callee" } } });
  await split(api, 201, [{ version: 1, percentage: 99 }, { version: 2, percentage: 1 }]);
  await api.refused(409, "conflict", "DELETE", "databases/main");
  await api.refused(409, "conflict", "DELETE", "workers/callee");
});
