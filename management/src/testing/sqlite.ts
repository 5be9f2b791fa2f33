/** The database binding over real SQLite, in memory, as far as this API uses it. */
import initSqlJs, { type Database as Sqlite, type SqlValue as Raw } from "sql.js";

import type { CustomerDatabase, Meta, Result, SqlValue, Statement } from "../env.ts";

const engine = await initSqlJs();

/** What the host's bindings fail with. */
export class HostError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Rows {
  columns: string[];
  rows: SqlValue[][];
  meta: Meta;
}

type Param = SqlValue | boolean;

export class MemoryDatabase implements CustomerDatabase {
  readonly sqlite: Sqlite = new engine.Database();
  /** While set, every statement fails with it. */
  failure: HostError | undefined;
  /** Runs before the next statement that begins so: what another request does meanwhile. */
  meanwhile: { before: string; run: () => void } | undefined;

  constructor(schema = "") {
    this.sqlite.run("PRAGMA foreign_keys = ON");
    this.sqlite.run(schema);
  }

  prepare(sql: string): Statement {
    return new MemoryStatement(this, sql, []);
  }

  /** In one go, as the host runs it: nothing of another request comes between. */
  batch(statements: readonly Statement[]): Promise<Result<Record<string, unknown>>[]> {
    return new Promise((resolve) => {
      this.sqlite.run("BEGIN");
      try {
        const results = statements.map((statement) => (statement as MemoryStatement).execute<Record<string, unknown>>());
        this.sqlite.run("COMMIT");
        resolve(results);
      } catch (error) {
        this.sqlite.run("ROLLBACK");
        throw error;
      }
    });
  }

  query(sql: string, params: readonly Param[]): Promise<Rows> {
    return new Promise((resolve) => {
      resolve(this.execute(sql, params));
    });
  }

  execute(sql: string, params: readonly Param[]): Rows {
    if (this.failure !== undefined) throw this.failure;
    if (this.meanwhile !== undefined && sql.trim().startsWith(this.meanwhile.before)) {
      const { run } = this.meanwhile;
      this.meanwhile = undefined;
      run();
    }
    try {
      const statement = this.sqlite.prepare(sql);
      const columns = statement.getColumnNames();
      const rows: Raw[][] = [];
      statement.bind(params.map((param) => (typeof param === "bigint" ? Number(param) : typeof param === "boolean" ? Number(param) : param)));
      while (statement.step()) rows.push(statement.get());
      statement.free();
      const changes = /^\s*(?:INSERT|UPDATE|DELETE)/i.test(sql) ? this.sqlite.getRowsModified() : 0;
      return { columns, rows, meta: figures(rows.length, changes) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new HostError(message.includes("constraint failed") ? "constraint" : "sql", message);
    }
  }
}

class MemoryStatement implements Statement {
  readonly #database: MemoryDatabase;
  readonly #sql: string;
  readonly #params: readonly Param[];

  constructor(database: MemoryDatabase, sql: string, params: readonly Param[]) {
    this.#database = database;
    this.#sql = sql;
    this.#params = params;
  }

  bind(...params: readonly Param[]): Statement {
    return new MemoryStatement(this.#database, this.#sql, params);
  }

  async first<Row>(): Promise<Row | null> {
    return (await this.all<Row>()).results[0] ?? null;
  }

  async all<Row>(): Promise<Result<Row>> {
    await Promise.resolve();
    return this.execute<Row>();
  }

  execute<Row>(): Result<Row> {
    const { columns, rows, meta } = this.#database.execute(this.#sql, this.#params);
    const results = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])) as Row);
    return { results, meta };
  }

  run(): Promise<Result<Record<string, unknown>>> {
    return this.all();
  }
}

function figures(rowsRead: number, changes: number): Meta {
  return {
    duration: 0.1,
    changes,
    last_row_id: 0,
    changed_db: changes > 0,
    size_after: 8192,
    rows_read: rowsRead,
    rows_written: changes,
  };
}
