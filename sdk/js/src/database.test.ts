import "../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { D1Database } from "./database";
import type { NativeDatabase, NativeResultSet, SqlValue } from "./native";

const meta = { durationMs: 1.5, changes: 2, lastRowId: 3, changedDb: true, sizeAfter: 4, rowsRead: 5, rowsWritten: 6 };
const set = (columns: string[], ...rows: SqlValue[][]): NativeResultSet => ({ columns, rows, meta });

type Statements = Parameters<NativeDatabase["query"]>[0];

function database(...sets: NativeResultSet[]): { db: D1Database; seen: Statements[] } {
  const seen: Statements[] = [];
  const query = async (statements: Statements): Promise<NativeResultSet[]> => {
    seen.push(statements);
    return sets;
  };
  return { db: new D1Database(() => ({ query, exec: () => ({ count: 2, durationMs: 1 }) })), seen };
}

test("all gives rows as objects, with D1's meta", async () => {
  const { db, seen } = database(set(["id", "blob"], [1, new Uint8Array([1, 2])], [2n, null]));
  const result = await db.prepare("SELECT ?").bind(7).all();
  assert.deepEqual(result, {
    success: true,
    meta: { served_by: "ouro", duration: 1.5, changes: 2, last_row_id: 3, changed_db: true, size_after: 4, rows_read: 5, rows_written: 6 },
    results: [{ id: 1, blob: [1, 2] }, { id: 2, blob: null }],
  });
  assert.deepEqual(seen, [[{ sql: "SELECT ?", params: [7] }]]);
});

test("first gives a row, a column, or null", async () => {
  const { db } = database(set(["a", "b"], [1, null]));
  assert.deepEqual(await db.prepare("").first(), { a: 1, b: null });
  assert.equal(await db.prepare("").first("a"), 1);
  assert.equal(await db.prepare("").first("b"), null);
  await assert.rejects(db.prepare("").first("c"), /D1_COLUMN_NOTFOUND/);
  assert.equal(await database(set(["a"])).db.prepare("").first("a"), null);
});

test("raw gives arrays, with the names of the columns if asked", async () => {
  const { db } = database(set(["a", "a"], [1, 2]));
  assert.deepEqual(await db.prepare("").raw(), [[1, 2]]);
  assert.deepEqual(await db.prepare("").raw({ columnNames: true }), [["a", "a"], [1, 2]]);
});

test("bind turns booleans and buffers into SQL values and refuses the rest", async () => {
  const { db, seen } = database(set([]));
  await db.prepare("").bind(true, false, null, "s", 1.5, new Uint8Array([1]).buffer, new Uint16Array([1]), [1, 255]).run();
  assert.deepEqual(seen[0]?.[0]?.params, [1, 0, null, "s", 1.5, new Uint8Array([1]), new Uint8Array([1, 0]), new Uint8Array([1, 255])]);
  assert.throws(() => db.prepare("").bind(undefined), { message: "D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'" });
  assert.throws(() => db.prepare("").bind({}), /D1_TYPE_ERROR: Type 'object'/);
});

test("a prepared statement can be bound many times", () => {
  const statement = database(set([])).db.prepare("x");
  assert.notEqual(statement.bind(1), statement.bind(2));
  assert.deepEqual(statement._params, []);
});

test("batch sends all statements at once", async () => {
  const { db, seen } = database(set(["a"], [1]), set(["b"], [2]));
  const results = await db.batch([db.prepare("one").bind(1), db.prepare("two")]);
  assert.deepEqual(results.map((result) => result.results), [[{ a: 1 }], [{ b: 2 }]]);
  assert.equal(seen.length, 1);
  assert.deepEqual(await db.batch([]), []);
});

test("exec counts, sessions answer themselves, dump is refused", async () => {
  const { db } = database(set(["a"], [1]));
  assert.deepEqual(await db.exec("a; b"), { count: 2, duration: 1 });
  const session = db.withSession("first-primary");
  assert.equal(await session.prepare("").first("a"), 1);
  assert.equal(session.getBookmark(), null);
  await assert.rejects(db.dump(), /`dump` is not supported/);
});

test("errors are D1's, with their cause and the code of the binding", async () => {
  const failing = (): never => {
    throw Object.assign(new Error("UNIQUE constraint failed: t.a"), { code: "constraint" });
  };
  const db = new D1Database(() => ({ query: async () => failing(), exec: failing }));
  await assert.rejects(db.prepare("").run(), (error: Error & { code: string }) => {
    assert.equal(error.message, "D1_ERROR: UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT");
    assert.equal((error.cause as Error).message, "UNIQUE constraint failed: t.a: SQLITE_CONSTRAINT");
    assert.equal(error.code, "constraint");
    return true;
  });
  await assert.rejects(db.exec("x"), /^Error: D1_EXEC_ERROR: UNIQUE/);
});
