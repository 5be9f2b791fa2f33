import assert from "node:assert/strict";
import { test } from "node:test";

import { Api } from "../testing/api.ts";

async function apiWithTables(): Promise<Api> {
  const api = new Api();
  await api.expect(201, "POST", "databases", { name: "main" });
  const exec = (sql: string): Promise<unknown> => api.expect(200, "POST", "databases/main/exec", { sql });
  await exec("CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL DEFAULT 'none', extra)");
  await exec("CREATE TABLE \"it's\" (a INT, b INT, PRIMARY KEY (b, a))");
  await exec("CREATE VIEW long_notes AS SELECT text FROM notes WHERE length(text) > 10");
  return api;
}

test("tables and views are listed by name, SQLite's own are not", async () => {
  const api = await apiWithTables();
  const items = [
    { name: "it's", kind: "table" },
    { name: "long_notes", kind: "view" },
    { name: "notes", kind: "table" },
  ];
  assert.deepEqual(await api.expect(200, "GET", "databases/main/tables"), { items });
});

test("columns are in the order of the table, with what they were declared as", async () => {
  const api = await apiWithTables();
  const { items } = await api.expect(200, "GET", "databases/main/tables/notes/columns");
  assert.deepEqual(items, [
    { name: "id", type: "INTEGER", nullable: true, default: null, primary_key: 1 },
    { name: "text", type: "TEXT", nullable: false, default: "'none'", primary_key: 0 },
    { name: "extra", type: "", nullable: true, default: null, primary_key: 0 },
  ]);
});

test("the name of a table is a value, whatever stands in it", async () => {
  const api = await apiWithTables();
  const { items } = await api.expect(200, "GET", "databases/main/tables/it's/columns");
  assert.deepEqual((items as { primary_key: number }[]).map((column) => column.primary_key), [2, 1]);
  const { message } = await api.refused(404, "not_found", "GET", `databases/main/tables/${encodeURIComponent("x'); DROP TABLE notes; --")}/columns`);
  assert.match(message, /^no table `x'\)/);
  assert.equal(((await api.expect(200, "GET", "databases/main/tables"))["items"] as unknown[]).length, 3);
});
