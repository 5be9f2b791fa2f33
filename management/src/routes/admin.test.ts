import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULT_ORGANIZATION } from "../store/organizations.ts";
import { Api, digestOf, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

const GRACE_MS = 7 * 86_400_000;

/** The organization `acme` with something in every table that has an organization's rows, as its owner acts in it. */
async function full(): Promise<{ api: Api; acme: Api; ids: string[] }> {
  const api = new Api();
  const ada = api.user("ada");
  api.user("eve");
  const { id } = await ada.expect(201, "POST", "organizations", { name: "acme" });
  const acme = api.as({ kind: "service", id: "key_0", organization: String(id) });
  api.db.sqlite.run(`
    INSERT INTO keys (id, organization_id, created_by, kind, name, beginning, hash, scopes, created_at)
      VALUES ('key_0', '${String(id)}', 'usr_ada', 'service', 'k', 'ouro_', 'h', '[]', 1)`);
  api.artifacts.add(digestOf("a"));
  await acme.expect(200, "PUT", `artifacts/${digestOf("a")}`);
  const made = [
    await acme.expect(201, "POST", "databases", { name: "main" }),
    await acme.expect(201, "POST", "environments", { name: "production", values: { DB: { kind: "database", value: "main" } } }),
    await acme.expect(201, "POST", "workers", { name: "hello", environment: "production" }),
    await acme.expect(201, "POST", "workers", { name: "gone" }),
    await acme.expect(201, "POST", "workers/hello/versions", { component: digestOf("a"), activate: true, databases: { DB: "main" } }),
    await acme.expect(201, "POST", "keys", { name: "k", kind: "service" }),
    await acme.expect(201, "POST", "organizations/acme/invitations", { role: "member" }),
  ];
  await acme.expect(201, "POST", "organizations/acme/issuers", { issuer: "https://a.example", audience: "a" });
  await acme.expect(204, "DELETE", "workers/gone");
  await api.expect(200, "PUT", "admin/organizations/acme/quotas", { workers: 7 });
  const ids = [String(id), ...made.map((each) => String(each["id"]))];
  const [hello, gone] = [ids[3] ?? "", ids[4] ?? ""];
  for (const worker of [hello, gone]) {
    record(api, worker);
    api.db.sqlite.run(`INSERT INTO usage (organization_id, worker_id, day) VALUES ('${String(id)}', '${worker}', 1)`);
  }
  return { api, acme: ada, ids };
}

let records = 0;

function record(api: Api, worker: string): void {
  records += 1;
  api.db.sqlite.run(`
    INSERT INTO executions (id, worker_id, version_id, "trigger", outcome, started_at, duration_us, cpu_us, memory_bytes_max, console, console_dropped)
    VALUES ('exe_${records}', '${worker}', 'ver_1', 'http', 'ok', 1, 1, 1, 1, '[]', 0)`);
}

function tables(api: Api): string[] {
  return api.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").map(([name]) => String(name));
}

/** By table, how many rows hold one of the ids. */
function traces(api: Api, ids: readonly string[]): Record<string, number> {
  const counted = tables(api).map((table): [string, number] => {
    const rows = api.rows(`SELECT * FROM ${table}`).filter((row) => ids.some((id) => JSON.stringify(row).includes(id)));
    return [table, rows.length];
  });
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

test("an organization whose grace is over leaves nothing in any table, nor its databases", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const { api, acme, ids } = await full();
  // What has an organization's rows, by its columns: a table that comes later must be filled in `full`.
  const owned = tables(api).filter((table) => api.rows(`SELECT name FROM pragma_table_info('${table}')`).some(([name]) => name === "organization_id"));
  const before = traces(api, ids);
  for (const table of [...owned, "organizations", "versions", "deployments", "environment_values", "executions"]) assert.ok(before[table], `nothing in \`${table}\``);
  const others = JSON.stringify(traces(api, ["usr_eve", "usr_ada", DEFAULT_ORGANIZATION]));
  assert.ok(others.includes("users"));

  await acme.expect(200, "DELETE", "organizations/acme");
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 0, more: false });
  context.mock.timers.tick(GRACE_MS - 1);
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 0, more: false });
  assert.equal(api.databases.size, 1);
  context.mock.timers.tick(1);
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 1, more: false });

  assert.equal(api.databases.size, 0);
  // The operator's own log says that it was.
  assert.deepEqual(traces(api, ids), { audit_entries: 1 });
  assert.deepEqual(api.rows("SELECT organization_id, action, subject_id, subject_name FROM audit_entries"), [[DEFAULT_ORGANIZATION, "organization.purge", ids[0], ids[0]]]);
  assert.deepEqual(api.calls.slice(-2), ["identity.forget", "routing.reload null"]);
  assert.deepEqual(api.rows("SELECT id FROM organizations ORDER BY id"), [[DEFAULT_ORGANIZATION], ["org_ada"], ["org_eve"]]);
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM users"), [[2]]);
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 0, more: false });
});

test("a purge that fails half way is finished by the next, and the others do not wait for it", async (context) => {
  const logged = context.mock.method(console, "error", () => undefined);
  const { api, ids } = await full();
  const eve = api.as({ kind: "user", id: "usr_eve", session: "ses_1", email: "eve@example.com", name: "" });
  await eve.expect(201, "POST", "organizations", { name: "empty" });
  api.db.sqlite.run("UPDATE organizations SET deletion_at = 1 WHERE name = 'acme'; UPDATE organizations SET deletion_at = 2 WHERE name = 'empty'");
  api.failures.set("databases.delete", new HostError("unavailable", "disk"));
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 1, more: true });
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM organizations WHERE name = 'empty'"), [[0]]);
  assert.equal(logged.mock.calls.length, 1);

  api.failures.clear();
  api.db.meanwhile = {
    before: "DELETE FROM artifacts",
    run: () => {
      throw new HostError("unavailable", "disk");
    },
  };
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 0, more: true });
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM workers"), [[1]], "a batch is done whole or not at all");
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 1, more: false });
  assert.equal(traces(api, ids)["workers"], undefined);
});

test("two purges at once delete an organization once", async (context) => {
  const logged = context.mock.method(console, "error", () => undefined);
  const { api } = await full();
  api.db.sqlite.run("UPDATE organizations SET deletion_at = 1 WHERE name = 'acme'");
  const answers = await Promise.all([api.call("POST", "admin/purge"), api.call("POST", "admin/purge")]);
  assert.deepEqual(answers.map(({ status, json }) => [status, json["organizations"]]).sort(), [[200, 0], [200, 1]]);
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM audit_entries WHERE action = 'organization.purge'"), [[1]]);
  assert.equal(logged.mock.calls.length, 0);
});

test("one call deletes ten organizations, and says that there is more", async () => {
  const api = new Api();
  for (let i = 0; i < 11; i += 1) {
    api.db.sqlite.run(`INSERT INTO organizations (id, name, created_at, updated_at, deletion_at) VALUES ('org_${i}', 'o${i}', 1, 1, 1)`);
  }
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 10, more: true });
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 1, more: false });
});

test("records of many invocations are deleted in pieces", async () => {
  const { api, ids } = await full();
  for (let i = 0; i < 2500; i += 1) record(api, ids[3] ?? "");
  record(api, "wrk_other");
  api.db.sqlite.run("UPDATE organizations SET deletion_at = 1 WHERE name = 'acme'");
  assert.deepEqual(await api.expect(200, "POST", "admin/purge"), { organizations: 1, more: false });
  assert.deepEqual(api.rows("SELECT worker_id FROM executions"), [["wrk_other"]]);
});

test("only the operator purges", async () => {
  const api = new Api();
  for (const caller of [api.user("ada"), api.as({ kind: "service", id: "key_1", organization: DEFAULT_ORGANIZATION } as const)]) {
    await caller.refused(403, "forbidden", "POST", "admin/purge");
  }
});

test("a name that an organization had is free after it is gone", async () => {
  const { api, acme } = await full();
  const taken = async (): Promise<Json> => (await acme.call("POST", "organizations", { name: "acme" })).json;
  api.db.sqlite.run("UPDATE organizations SET deletion_at = 1 WHERE name = 'acme'");
  assert.equal((await taken())["code"], "conflict");
  await api.expect(200, "POST", "admin/purge");
  assert.equal((await taken())["name"], "acme");
});
