import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

test("a database is made, found by id and name, and deleted", async () => {
  const api = new Api();
  const made = await api.expect(201, "POST", "databases", { name: "main" });
  assert.match(String(made["id"]), /^db_[0-9a-f]{32}$/);
  for (const name of ["main", String(made["id"])]) assert.deepEqual(await api.expect(200, "GET", `databases/${name}`), made);
  await api.expect(204, "DELETE", "databases/main");
  assert.deepEqual(api.calls, [`databases.create ${String(made["id"])}`, `databases.delete ${String(made["id"])}`]);
  await api.refused(404, "not_found", "GET", "databases/main");
  await api.refused(404, "not_found", "DELETE", "databases/main");
});

test("a taken name is a conflict, also when it is taken meanwhile, and leaves no contents behind", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.refused(409, "conflict", "POST", "databases", { name: "main" });
  api.db.meanwhile = {
    before: "INSERT INTO databases",
    run: () => void api.db.sqlite.run("INSERT INTO databases VALUES ('db_other', 'org_00000000000000000000000000000000', 'second', 1)"),
  };
  await api.refused(409, "conflict", "POST", "databases", { name: "second" });
  assert.equal(api.databases.size, 1);
});

test("a name is refused where it could be an id or is none", async () => {
  for (const name of ["", "db_x", "a b", "-a", "../x", "x".repeat(64)]) {
    const { issues } = await new Api().refused(400, "invalid_request", "POST", "databases", { name });
    assert.deepEqual(Object.keys(issues), ["name"]);
  }
});

test("a database that cannot be made is not listed", async () => {
  const api = new Api();
  api.failures.set("databases.create", new HostError("unavailable", "disk full"));
  await api.refused(503, "unavailable", "POST", "databases", { name: "main" });
  assert.deepEqual((await api.expect(200, "GET", "databases"))["items"], []);
});

test("a database that cannot be deleted stays listed", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  api.failures.set("databases.delete", new HostError("unavailable", "disk full"));
  await api.refused(503, "unavailable", "DELETE", "databases/main");
  await api.expect(200, "GET", "databases/main");
});

test("a database of a live version is not deleted, of an old one it is", async () => {
  const api = new Api();
  await api.worker("hello", 0);
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.version("hello", { databases: { DB: "main" }, activate: true });
  assert.match((await api.refused(409, "conflict", "DELETE", "databases/main")).message, /live version of worker `hello`/);
  await api.version("hello", { activate: true });
  await api.expect(204, "DELETE", "databases/main");
});

test("a database that an environment names is not deleted", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  await api.expect(201, "POST", "environments", { name: "production", values: { DB: { kind: "database", value: "main" } } });
  assert.match((await api.refused(409, "conflict", "DELETE", "databases/main")).message, /environment `production`/);
  const { id } = await api.expect(201, "POST", "workers", { name: "hello", environment: "production" });
  assert.ok(id);
  await api.version("hello", { activate: true });
  assert.match((await api.refused(409, "conflict", "DELETE", "databases/main")).message, /worker `hello`/);
});

test("a statement answers with columns, rows and figures", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  const exec = (sql: string, params: unknown[] = []) => api.expect(200, "POST", "databases/main/exec", { sql, params });
  await exec("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d)");
  const written = await exec("INSERT INTO t VALUES (?, ?, ?, ?)", [true, "x", [1, 255], null]);
  assert.equal((written["meta"] as Record<string, unknown>)["changes"], 1);
  const read = await exec("SELECT a, b, c, d, 1.5 AS a FROM t WHERE b = ?1", ["x"]);
  assert.deepEqual([read["columns"], read["rows"], read["row_count"]], [["a", "b", "c", "d", "a"], [[1, "x", [1, 255], null, 1.5]], 1]);
  assert.deepEqual(Object.keys(read["meta"] as object), ["duration_ms", "changes", "last_row_id", "changed_db", "size_after_bytes", "rows_read", "rows_written"]);
  const empty = await exec("SELECT a FROM t WHERE b = 'nothing'");
  assert.deepEqual([empty["columns"], empty["rows"], empty["row_count"]], [["a"], [], 0]);
});

test("an integer that a number cannot hold is text", async () => {
  const api = new Api();
  const { id } = await api.expect(201, "POST", "databases", { name: "main" });
  const database = api.databases.get(String(id));
  assert.ok(database);
  database.execute = () => ({ columns: ["a", "b"], rows: [[9007199254740993n, 5n]], meta: { duration: 0, changes: 0, last_row_id: 0, changed_db: false, size_after: 0, rows_read: 1, rows_written: 0 } });
  assert.deepEqual((await api.expect(200, "POST", "databases/main/exec", { sql: "SELECT 1" }))["rows"], [["9007199254740993", 5]]);
});

test("what SQLite refuses is an error of the statement", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  const refused = async (sql: string): Promise<string> => (await api.refused(400, "sql_error", "POST", "databases/main/exec", { sql })).message;
  assert.match(await refused("SELEC 1"), /syntax error/);
  assert.match(await refused("SELECT * FROM absent"), /no such table: absent/);
  await api.expect(200, "POST", "databases/main/exec", { sql: "CREATE TABLE t (a UNIQUE NOT NULL)" });
  assert.match(await refused("INSERT INTO t VALUES (NULL)"), /NOT NULL/);
  await api.refused(404, "not_found", "POST", "databases/nothing/exec", { sql: "SELECT 1" });
});

for (const [code, status, shown] of [["limit", 413, "too_large"], ["timeout", 503, "unavailable"], ["unavailable", 503, "unavailable"]] as const) {
  test(`a statement that fails with ${code} is ${status}`, async () => {
    const api = new Api();
    const { id } = await api.expect(201, "POST", "databases", { name: "main" });
    const database = api.databases.get(String(id));
    assert.ok(database);
    database.failure = new HostError(code, "D1_ERROR: the reason: SQLITE_TOOBIG");
    assert.equal((await api.refused(status, shown, "POST", "databases/main/exec", { sql: "SELECT 1" })).message, "the reason");
  });
}

test("bad statements and parameters are named", async () => {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  const refusedAt = async (body: unknown): Promise<string[]> =>
    Object.keys((await api.refused(400, "invalid_request", "POST", "databases/main/exec", body)).issues);
  assert.deepEqual(await refusedAt({}), ["sql"]);
  assert.deepEqual(await refusedAt({ sql: "" }), ["sql"]);
  assert.deepEqual(await refusedAt({ sql: "SELECT ?", params: [{ a: 1 }] }), ["params.0"]);
  assert.deepEqual(await refusedAt({ sql: "SELECT ?", params: ["x", [256]] }), ["params.1"]);
});

test("databases are listed newest first, page by page", async () => {
  const api = new Api();
  for (const name of ["a", "b", "c"]) await api.expect(201, "POST", "databases", { name });
  api.db.sqlite.run("UPDATE databases SET created_at = unicode(name)");
  const names = (await api.pages("databases", 2)).map((page) => page.map((database) => database["name"]));
  assert.deepEqual(names, [["c", "b"], ["a"]]);
});
