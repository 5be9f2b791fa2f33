/** What one organization has is not there for another: by id, by name, in lists and as a reference in a body. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { allRoutes } from "./app.ts";
import { Api, digestOf, type Json } from "./testing/api.ts";

interface Owned {
  ada: Api;
  eve: Api;
  /** Name and id of each of Ada's resources, by what stands in a path. */
  things: Record<string, Json>;
}

async function owned(): Promise<Owned> {
  const api = new Api();
  const [ada, eve] = [api.user("ada"), api.user("eve")];
  await ada.expect(201, "POST", "databases", { name: "main" });
  await ada.expect(201, "POST", "environments", { name: "production" });
  await ada.expect(201, "POST", "workers", { name: "hello" });
  api.artifacts.add(digestOf("a"));
  await ada.expect(200, "PUT", `artifacts/${digestOf("a")}`);
  const key = await ada.expect(201, "POST", "keys", { name: "deploys", kind: "service" });
  const invitation = await ada.expect(201, "POST", "organizations/ada/invitations", { role: "member" });
  const version = await ada.expect(201, "POST", "workers/hello/versions", { component: digestOf("a"), activate: true });
  const things = {
    database: await ada.expect(200, "GET", "databases/main"),
    environment: await ada.expect(200, "GET", "environments/production"),
    worker: await ada.expect(200, "GET", "workers/hello"),
    version,
    cron: await ada.expect(201, "POST", "workers/hello/crons", { expression: "0 9 * * *" }),
    key,
    invitation,
    organization: await ada.expect(200, "GET", "organizations/ada"),
    user: { id: "usr_ada" },
  };
  return { ada, eve, things };
}

/** Paths with Ada's things in them, once by id and once by name. */
function pathsOf(path: string, things: Record<string, Json>): string[] {
  const filled = (field: "id" | "name"): string =>
    path.replace(/:(\w+)/g, (_, name: string) => String(things[name]?.[field] ?? things[name]?.["id"] ?? "x"));
  return [...new Set([filled("id"), filled("name")])];
}

const BODIES: Record<string, Json> = {
  createVersion: { component: digestOf("a") },
  createDeployment: { version: "1" },
  execDatabase: { sql: "SELECT 1" },
  createWorkerCron: { expression: "0 9 * * *" },
  createInvitation: { role: "admin" },
  createIssuer: { issuer: "https://evil.example", audience: "a" },
  transferOrganization: { user: "usr_eve" },
  updateMember: { role: "owner" },
};

/** All that is stored. */
function stored(api: Api): string {
  const tables = api.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
  return JSON.stringify(tables.map(([table]) => api.rows(`SELECT * FROM ${String(table)}`)));
}

for (const route of allRoutes) {
  if (!/:(worker|environment|database|cron|organization|key)\b/.test(route.path) || route.access === "operator") continue;
  for (const method of route.methods.map((each) => each.toUpperCase())) {
    test(`${method} ${route.path} does not find what belongs to another organization`, async () => {
      const { ada, eve, things } = await owned();
      const body = route.body === undefined ? undefined : (BODIES[route.id] ?? {});
      for (const path of pathsOf(route.path, things)) {
        const before = stored(ada);
        const service = eve.as({ kind: "service", id: "key_eve", organization: "org_eve" });
        for (const caller of [eve, service]) await caller.refused(404, "not_found", method, path, body);
        assert.equal(stored(ada), before);
      }
    });
  }
}

test("lists hold one organization's things alone", async () => {
  const { eve } = await owned();
  for (const path of ["workers", "environments", "databases", "crons", "keys", "usage"]) {
    assert.deepEqual((await eve.expect(200, "GET", path))["items"], [], path);
  }
});

test("who is not told of an organization is not told of its name either", async () => {
  const { eve, things } = await owned();
  const list = JSON.stringify(await eve.expect(200, "GET", "organizations"));
  assert.ok(list.includes("org_eve") && !list.includes("org_ada"));
  const missing = await eve.refused(404, "not_found", "GET", "organizations/nowhere");
  const hidden = await eve.refused(404, "not_found", "GET", `organizations/${String(things["organization"]?.["name"])}`);
  assert.equal(hidden.message.replace("`ada`", "`nowhere`"), missing.message);
});

test("a key, a token and an invitation are nowhere but in the answer that made them", async () => {
  const { ada, things } = await owned();
  const secrets = [String(things["key"]?.["key"]), String(things["invitation"]?.["token"])];
  const random = secrets.map((secret) => secret.slice(-36));
  const reading = allRoutes.filter((route) => route.methods.includes("get") && route.access !== "open" && route.access !== "operator");
  for (const route of reading) {
    for (const path of pathsOf(route.path, things)) {
      const { json } = await ada.call("GET", path);
      for (const secret of random) assert.ok(!JSON.stringify(json).includes(secret), path);
    }
  }
  for (const secret of random) assert.ok(!stored(ada).includes(secret));
  const { message } = await ada.refused(404, "not_found", "POST", "invitations/accept", { token: `${secrets[1]}x` });
  assert.ok(!message.includes(secrets[1] ?? "x"));
});

test("a body cannot refer to what belongs to another organization", async () => {
  const { eve, things } = await owned();
  await eve.expect(201, "POST", "workers", { name: "evil" });
  await eve.refused(404, "not_found", "POST", "crons", { worker_id: things["worker"]?.["id"], expression: "0 9 * * *" });
  for (const field of ["id", "name"] as const) {
    const [environment, database, worker] = [things["environment"]?.[field], things["database"]?.[field], things["worker"]?.[field]];
    await eve.refused(400, "invalid_request", "PATCH", "workers/evil", { environment });
    await eve.refused(400, "invalid_request", "POST", "environments", { name: "mine", values: { DB: { kind: "database", value: database } } });
    await eve.expect(200, "PUT", `artifacts/${digestOf("b")}`);
    await eve.refused(400, "invalid_request", "POST", "workers/evil/versions", { component: digestOf("b"), databases: { DB: database } });
    await eve.refused(400, "invalid_request", "POST", "workers/evil/versions", { component: digestOf("b"), services: { S: { worker } } });
  }
});

test("an artifact that another organization uploaded is missing, and no version is made of it", async () => {
  const { ada, eve } = await owned();
  const digests = [digestOf("a")];
  assert.deepEqual(await ada.expect(200, "POST", "artifacts/missing", { digests }), { missing: [] });
  assert.deepEqual(await eve.expect(200, "POST", "artifacts/missing", { digests }), { missing: digests });
  await eve.expect(201, "POST", "workers", { name: "evil" });
  await eve.refused(422, "unprocessable", "POST", "workers/evil/versions", { component: digestOf("a") });
});

test("names of environments and databases are an organization's own, those of workers the platform's", async () => {
  const { eve } = await owned();
  await eve.expect(201, "POST", "databases", { name: "main" });
  await eve.expect(201, "POST", "environments", { name: "production" });
  await eve.refused(409, "conflict", "POST", "workers", { name: "hello" });
});

test("the management worker is the operator's alone, also for the owner of its organization", async () => {
  const api = new Api();
  api.installManagement();
  const ada = api.user("ada");
  api.join("org_00000000000000000000000000000000", "ada", "owner");
  const headers = { "x-ouro-organization": "default" };
  assert.equal((await ada.request("GET", "/api/v1/workers/management", { headers })).status, 404);
  assert.deepEqual((await ada.request("GET", "/api/v1/workers", { headers })).json["items"], []);
  assert.equal((await ada.request("POST", "/api/v1/workers/management/rollback", { headers })).status, 404);
  const key = api.as({ kind: "service", id: "key_1", organization: "org_00000000000000000000000000000000" });
  await key.refused(404, "not_found", "GET", "workers/management");
  await api.expect(200, "GET", "workers/management");
});

test("a key is of its own organization, whatever the header names", async () => {
  const { ada, eve } = await owned();
  const key = eve.as({ kind: "key", id: "key_1", organization: "org_eve", scopes: ["workers:read"] });
  assert.deepEqual((await key.expect(200, "GET", "workers"))["items"], []);
  for (const name of ["ada", "org_ada"]) {
    const answer = await key.request("GET", "/api/v1/workers", { headers: { "x-ouro-organization": name } });
    assert.equal(answer.status, 404, name);
  }
  assert.equal((await ada.request("GET", "/api/v1/workers", { headers: { "x-ouro-organization": "org_ada" } })).status, 200);
});

test("every change has an entry in the log, with who made it, and none a secret", async () => {
  const { ada } = await owned();
  const values = { TOKEN: { kind: "secret", value: "canary-1" }, MODE: { kind: "var", value: "canary-2" } };
  await ada.expect(200, "PATCH", "environments/production", { values });
  await ada.expect(200, "PATCH", "workers/hello", { description: "new", auth: "key", environment: "production" });
  await ada.expect(201, "POST", "workers/hello/versions", { component: digestOf("a"), secrets: { S: "canary-3" } });
  await ada.expect(204, "DELETE", "workers/hello");
  const entries = ada.rows("SELECT action, actor_kind, actor_id, organization_id, subject_name, request_id FROM audit_entries ORDER BY sequence");
  assert.deepEqual(
    entries.map(([action]) => action),
    [
      ...["database.create", "environment.create", "worker.create", "key.create", "invitation.create", "version.create", "worker.deploy", "cron.create"],
      ...["environment.update", "worker.update", "version.create", "worker.delete"],
    ],
  );
  for (const entry of entries) assert.deepEqual(entry.slice(1, 4), ["user", "usr_ada", "org_ada"]);
  const [[before, after] = []] = ada.rows("SELECT before, after FROM audit_entries WHERE action = 'worker.update'");
  assert.deepEqual(JSON.parse(String(before)), { description: "", environment_id: null, auth: "public" });
  assert.equal((JSON.parse(String(after)) as Json)["auth"], "key");
  assert.doesNotMatch(JSON.stringify(ada.rows("SELECT * FROM audit_entries")), /canary/);
});

test("a change that fails has no entry", async () => {
  const { eve } = await owned();
  await eve.refused(409, "conflict", "POST", "workers", { name: "hello" });
  assert.deepEqual(eve.rows("SELECT * FROM audit_entries WHERE actor_id = 'usr_eve'"), []);
});

test("entries of the log cannot be changed, nor deleted while their organization is there", async () => {
  const { ada } = await owned();
  for (const sql of ["UPDATE audit_entries SET actor_id = 'x'", "DELETE FROM audit_entries"]) {
    assert.throws(() => ada.db.sqlite.run(sql), /append-only/);
  }
  ada.db.sqlite.run("DELETE FROM workers; DELETE FROM organizations WHERE id = 'org_ada'; DELETE FROM audit_entries WHERE organization_id = 'org_ada'");
  assert.deepEqual(ada.rows("SELECT * FROM audit_entries"), []);
});
