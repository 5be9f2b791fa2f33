import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../testing/api.ts";

async function apiWithExecutions(): Promise<Api> {
  const api = new Api();
  const { id } = await api.worker("hello", 0);
  await api.worker("other", 0);
  const console = JSON.stringify([{ level: "log", message: "hi", at_ms: 2 }]);
  for (let i = 1; i <= 5; i += 1) {
    const [outcome, error] = i === 3 ? ["exception", "'TypeError: x'"] : ["ok", "NULL"];
    // Two that began in the same millisecond are both listed.
    const startedAt = 1_700_000_000_000 + Math.floor(i / 2);
    api.db.sqlite.run(`INSERT INTO executions VALUES ('exe_${i}', '${String(id)}', 'ver_1', 'http', '${outcome}',
      ${i === 3 ? 500 : 200}, ${startedAt}, 1500, 700, 65536, '${console}', 0, ${error})`);
  }
  return api;
}

test("executions are listed newest first, page by page, each once", async () => {
  const api = await apiWithExecutions();
  const pages = await api.pages("workers/hello/executions", 2);
  const ids = pages.map((page) => page.map((execution) => execution["id"]));
  assert.deepEqual(ids, [["exe_5", "exe_4"], ["exe_3", "exe_2"], ["exe_1"]]);
  assert.deepEqual(pages[1]?.[0], {
    id: "exe_3",
    worker_id: pages[0]?.[0]?.["worker_id"],
    version_id: "ver_1",
    trigger: "http",
    outcome: "exception",
    status_code: 500,
    started_at: "2023-11-14T22:13:20.001Z",
    duration_us: 1500,
    cpu_us: 700,
    memory_bytes_max: 65536,
  });
  assert.deepEqual(await api.pages("workers/other/executions", 2), [[]]);
  await api.refused(404, "not_found", "GET", "workers/nobody/executions");
});

test("a list begins with a flush of what the host has not stored yet", async () => {
  const api = await apiWithExecutions();
  api.calls.length = 0;
  await api.expect(200, "GET", "workers/hello/executions");
  assert.deepEqual(api.calls, ["executions.flush"]);
  await api.pages("workers/hello/executions", 1);
  assert.deepEqual(api.calls, ["executions.flush", "executions.flush"], "once for all pages");
});

test("executions are filtered by outcome", async () => {
  const api = await apiWithExecutions();
  const { items } = await api.expect(200, "GET", "workers/hello/executions?outcome=exception");
  assert.deepEqual((items as { id: string }[]).map(({ id }) => id), ["exe_3"]);
  assert.deepEqual((await api.pages("workers/hello/executions?outcome=ok", 3)).map((page) => page.length), [3, 1]);
  const { issues } = await api.refused(400, "invalid_request", "GET", "workers/hello/executions?outcome=bad");
  assert.match(issues["outcome"] ?? "", /`ok` or `exception`/);
});

test("one execution has its console lines and its error", async () => {
  const api = await apiWithExecutions();
  const execution = await api.expect(200, "GET", "workers/hello/executions/exe_3");
  assert.deepEqual(execution["console"], [{ level: "log", message: "hi", at_ms: 2 }]);
  assert.deepEqual([execution["console_dropped"], execution["error"]], [0, "TypeError: x"]);
  await api.refused(404, "not_found", "GET", "workers/other/executions/exe_3");
  await api.refused(404, "not_found", "GET", "workers/hello/executions/exe_9");
});
