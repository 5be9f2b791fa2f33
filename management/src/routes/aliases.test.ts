import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

test("an alias names a version, and then another", async () => {
  const api = new Api();
  const worker = await api.worker("hello", 1);
  const { id } = await api.version("hello");
  api.calls.length = 0;
  const set = await api.expect(200, "PUT", "workers/hello/aliases/staging", { version: 2 });
  assert.deepEqual(
    [set["name"], set["worker_id"], set["version_id"], set["version_number"], set["url"]],
    ["staging", worker["id"], id, 2, "http://staging.hello.localhost:8080"],
  );
  assert.deepEqual(api.calls, [`routing.check ${String(id)} null`, `routing.reload ${String(worker["id"])}`]);
  const moved = await api.expect(200, "PUT", "workers/hello/aliases/staging", { version: "1" });
  assert.deepEqual([moved["version_number"], moved["created_at"]], [1, set["created_at"]]);
  assert.deepEqual(await api.expect(200, "GET", "workers/hello/aliases/staging"), moved);
});

test("an alias takes a version by the beginning of its id, and none of another worker's", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await api.worker("other", 1);
  const { items } = await api.expect(200, "GET", "workers/other/versions");
  const foreign = String((items as { id: string }[])[0]?.id);
  await api.refused(404, "not_found", "PUT", "workers/hello/aliases/a", { version: foreign });
  await api.expect(200, "PUT", "workers/other/aliases/a", { version: foreign.slice(0, 12) });
});

test("an alias is a DNS label that nothing else could mean", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  for (const name of ["live", "01234567", "abcdef0123", "A", "a.b", "-a", "a_b", "x".repeat(64)]) {
    const { issues } = await api.refused(400, "invalid_request", "PUT", `workers/hello/aliases/${name}`, { version: 1 });
    assert.deepEqual(Object.keys(issues), ["alias"], name);
  }
  for (const name of ["a", "0123456", "abcdef0g", "pr-12", "x".repeat(63)]) await api.expect(200, "PUT", `workers/hello/aliases/${name}`, { version: 1 });
});

test("a version that does not run gets no name", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  api.failures.set("routing.check", new HostError("unhealthy", "trap"));
  const { message } = await api.refused(502, "unhealthy", "PUT", "workers/hello/aliases/staging", { version: 1 });
  assert.match(message, /^version 1 \(`ver_[0-9a-f]{32}`\) is stored but not served as `staging`: trap$/);
  await api.refused(404, "not_found", "GET", "workers/hello/aliases/staging");
});

test("the API itself has no aliases", async () => {
  const api = new Api();
  api.installManagement();
  await api.refused(409, "conflict", "PUT", "workers/management/aliases/old", { version: 1 });
});

test("aliases are listed newest first, page by page, and deleted one by one", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await api.worker("other", 1);
  for (const name of ["a", "b", "c"]) await api.expect(200, "PUT", `workers/hello/aliases/${name}`, { version: 1 });
  await api.expect(200, "PUT", "workers/other/aliases/d", { version: 1 });
  const names = async (): Promise<unknown[]> => (await api.pages("workers/hello/aliases", 2)).map((page) => page.map((alias) => alias["name"]));
  assert.deepEqual(await names(), [["c", "b"], ["a"]]);
  api.calls.length = 0;
  await api.expect(204, "DELETE", "workers/hello/aliases/b");
  assert.equal(api.calls.length, 1, "the host is told");
  await api.refused(404, "not_found", "DELETE", "workers/hello/aliases/b");
  assert.deepEqual(await names(), [["c", "a"]]);
});

test("an alias of a worker that is deleted meanwhile is 404", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  api.db.meanwhile = { before: "INSERT INTO aliases", run: () => void api.db.sqlite.run("DELETE FROM workers") };
  await api.refused(404, "not_found", "PUT", "workers/hello/aliases/a", { version: 1 });
});

test("changes of aliases are in the log", async () => {
  const api = new Api();
  await api.worker("hello", 2);
  await api.expect(200, "PUT", "workers/hello/aliases/a", { version: 1 });
  await api.expect(200, "PUT", "workers/hello/aliases/a", { version: 2 });
  await api.expect(204, "DELETE", "workers/hello/aliases/a");
  const entries = api.rows("SELECT action, before, after FROM audit_entries WHERE action LIKE 'alias.%' ORDER BY sequence");
  const [one, two] = ['{"alias":"a","version":1}', '{"alias":"a","version":2}'];
  assert.deepEqual(entries, [["alias.set", null, one], ["alias.set", one, two], ["alias.delete", two, null]]);
});
