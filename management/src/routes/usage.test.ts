import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULT_ORGANIZATION } from "../store/organizations.ts";
import { Api, type Json } from "../testing/api.ts";

const day = (text: string): number => Date.parse(text) / 86_400_000;

async function used(): Promise<{ api: Api; ada: Api; id: string }> {
  const api = new Api();
  const ada = api.user("ada");
  api.user("eve");
  const { id } = await ada.expect(201, "POST", "workers", { name: "hello" });
  const rows = [
    ["org_ada", id, "2030-01-31", 7],
    ["org_ada", id, "2030-01-02", 6],
    ["org_ada", id, "2030-01-01", 5],
    ["org_ada", "wrk_gone", "2030-01-31", 4],
    ["org_eve", "wrk_eve", "2030-01-31", 3],
  ];
  for (const [organization, worker, date, requests] of rows) {
    api.db.sqlite.run(`INSERT INTO usage VALUES ('${organization}', '${worker}', ${day(String(date))}, ${requests}, 1, 1500)`);
  }
  return { api, ada, id: String(id) };
}

async function shown(api: Api, query: string): Promise<unknown[]> {
  return ((await api.expect(200, "GET", `usage?${query}`))["items"] as Json[]).map(({ day: date, worker, requests }) => [date, worker, requests]);
}

test("usage is shown by day and worker, the newest day first, deleted workers too", async () => {
  const { ada, id } = await used();
  const { items } = await ada.expect(200, "GET", "usage?from=2030-01-31&to=2030-01-31");
  const mine = (items as Json[]).find(({ worker }) => worker === "hello");
  assert.deepEqual(mine, { day: "2030-01-31", worker_id: id, worker: "hello", requests: 7, errors: 1, cpu_us: 1500 });
  assert.deepEqual((await shown(ada, "from=2030-01-01&to=2030-01-31")).map((row) => (row as unknown[])[2]).sort(), [4, 5, 6, 7]);
  assert.deepEqual((await ada.pages("usage?from=2030-01-01&to=2030-01-31", 3)).map((page) => page.length), [3, 1]);
});

test("both ends are included, and without them it is the last 30 days", async (context) => {
  const { ada } = await used();
  assert.deepEqual(await shown(ada, "from=2030-01-01&to=2030-01-02"), [["2030-01-02", "hello", 6], ["2030-01-01", "hello", 5]]);
  assert.deepEqual((await shown(ada, "to=2030-01-31&worker=hello")).length, 2);
  context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2030-01-31T23:00:00Z") });
  assert.deepEqual((await shown(ada, "worker=hello")).length, 2);
});

test("one worker is named by id or name, a deleted one by its id", async () => {
  const { ada, id } = await used();
  for (const worker of ["hello", id]) assert.equal((await shown(ada, `from=2030-01-01&to=2030-01-31&worker=${worker}`)).length, 3);
  assert.deepEqual(await shown(ada, "from=2030-01-01&to=2030-01-31&worker=wrk_gone"), [["2030-01-31", null, 4]]);
  assert.deepEqual(await shown(ada, "from=2030-01-01&to=2030-01-31&worker=wrk_eve"), []);
});

test("the management worker's usage is the operator's alone", async () => {
  const { api } = await used();
  api.installManagement();
  api.db.sqlite.run(`INSERT INTO usage VALUES ('${DEFAULT_ORGANIZATION}', 'wrk_m', ${day("2030-01-31")}, 1, 0, 0)`);
  api.join(DEFAULT_ORGANIZATION, "ada", "owner");
  const ada = api.as({ kind: "user", id: "usr_ada", session: "ses_1", email: "ada@example.com", name: "" });
  const { json } = await ada.request("GET", "/api/v1/usage?to=2030-01-31", { headers: { "x-ouro-organization": "default" } });
  assert.deepEqual(json["items"], []);
  assert.deepEqual(await shown(api, "to=2030-01-31"), [["2030-01-31", "management", 1]]);
});

test("days are days", async () => {
  const { ada } = await used();
  for (const text of ["2030-1-1", "2030-02-40", "now", ""]) {
    assert.ok((await ada.refused(400, "invalid_request", "GET", `usage?from=${text}`)).issues["from"], text);
  }
  assert.deepEqual((await ada.refused(400, "invalid_request", "GET", "usage?from=2030-01-02&to=2030-01-01")).issues, { from: "is after `to`" });
});
