/** The `database` binding: Cloudflare's D1 client API over the host's SQL. */
import { shape } from "./expose";
import type { NativeDatabase, NativeResultSet, SqlValue } from "./native";
import { isBufferSource, viewOf } from "./web/bytes";
import { rejected, then } from "./web/streams/promises";

export interface D1Meta {
  served_by: string;
  duration: number;
  changes: number;
  last_row_id: number;
  changed_db: boolean;
  size_after: number;
  rows_read: number;
  rows_written: number;
}

export interface D1Result<T = Record<string, unknown>> {
  success: true;
  meta: D1Meta;
  results: T[];
}

type Row = Record<string, unknown>;

export class D1Database {
  declare _open: () => NativeDatabase;
  declare _connection: NativeDatabase | null;

  constructor(open: () => NativeDatabase) {
    this._open = open;
    this._connection = null;
  }

  prepare(sql: string): D1PreparedStatement {
    return new D1PreparedStatement(this, String(sql), []);
  }

  /** Runs the statements in order in one transaction. */
  async batch<T = Row>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]> {
    if (!Array.isArray(statements)) throw failure("D1_ERROR", "`batch` takes an array of prepared statements");
    if (statements.length === 0) return [];
    return this._query(() => statements.map(toNative), (sets) => sets.map((set) => resultOf<T>(set)));
  }

  /** Runs any number of statements without parameters, stopping at the first error. */
  async exec(sql: string): Promise<{ count: number; duration: number }> {
    try {
      const { count, durationMs } = this._native().exec(String(sql));
      return { count, duration: durationMs };
    } catch (error) {
      throw sqlFailure("D1_EXEC_ERROR", error);
    }
  }

  /** Every session sees its own writes at once: there is one copy of the database. */
  withSession(_constraintOrBookmark?: string): D1DatabaseSession {
    return new D1DatabaseSession(this);
  }

  async dump(): Promise<ArrayBuffer> {
    throw failure("D1_ERROR", "`dump` is not supported");
  }

  /** Answers with what `use` makes of the results. Not an async function: each of them costs a read some microseconds. */
  _query<R>(statements: () => { sql: string; params: SqlValue[] }[], use: (sets: NativeResultSet[]) => R): Promise<R> {
    try {
      return then(this._native().query(statements()), use, failedQuery);
    } catch (error) {
      return rejected(sqlFailure("D1_ERROR", error));
    }
  }

  _native(): NativeDatabase {
    return (this._connection ??= this._open());
  }
}

export class D1DatabaseSession {
  declare _database: D1Database;

  constructor(database: D1Database) {
    this._database = database;
  }

  prepare(sql: string): D1PreparedStatement {
    return this._database.prepare(sql);
  }

  batch<T = Row>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]> {
    return this._database.batch<T>(statements);
  }

  getBookmark(): string | null {
    return null;
  }
}

export class D1PreparedStatement {
  declare _database: D1Database;
  declare _sql: string;
  declare _params: SqlValue[];

  constructor(database: D1Database, sql: string, params: SqlValue[]) {
    this._database = database;
    this._sql = sql;
    this._params = params;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new D1PreparedStatement(this._database, this._sql, values.map(toSql));
  }

  first<T = Row>(column?: string): Promise<T | null> {
    return this._run((set) => {
      const row = set.rows[0];
      if (row === undefined) return null;
      if (column === undefined) return objectOf(set.columns, row) as T;
      const at = set.columns.lastIndexOf(column);
      if (at < 0) throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`, { cause: new Error("Column not found") });
      return fromSql(row[at]!) as T;
    });
  }

  all<T = Row>(): Promise<D1Result<T>> {
    return this._run(resultOf<T>);
  }

  run<T = Row>(): Promise<D1Result<T>> {
    return this._run(resultOf<T>);
  }

  raw<T = unknown[]>(options?: { columnNames?: boolean }): Promise<T[]> {
    return this._run((set) => {
      const rows: unknown[] = set.rows.map((row) => row.map(fromSql));
      if (options?.columnNames === true) rows.unshift(set.columns);
      return rows as T[];
    });
  }

  _run<R>(use: (set: NativeResultSet) => R): Promise<R> {
    return this._database._query(
      () => [toNative(this)],
      (sets) => use(sets[0]!),
    );
  }
}

function toNative(statement: D1PreparedStatement): { sql: string; params: SqlValue[] } {
  if (!(statement instanceof D1PreparedStatement)) throw failure("D1_ERROR", "`batch` takes prepared statements only");
  return { sql: statement._sql, params: statement._params };
}

/** Booleans are 0 and 1, buffers are blobs; an array of bytes is a blob too, as it came out of `all()`. */
export function toSql(value: unknown): SqlValue {
  switch (typeof value) {
    case "number":
    case "bigint":
    case "string":
      return value;
    case "boolean":
      return value ? 1 : 0;
    case "object":
      if (value === null) return null;
      if (isBufferSource(value)) return viewOf(value);
      if (Array.isArray(value) && value.every((byte) => typeof byte === "number" && byte >= 0 && byte < 256)) return Uint8Array.from(value as number[]);
  }
  throw failure("D1_TYPE_ERROR", `Type '${typeof value}' not supported for value '${String(value)}'`);
}

function fromSql(value: SqlValue): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? Array.from(value) : value;
}

function resultOf<T>(set: NativeResultSet): D1Result<T> {
  const { columns } = set;
  return { success: true, meta: metaOf(set.meta), results: set.rows.map((row) => objectOf(columns, row) as T) };
}

export function metaOf(meta: NativeResultSet["meta"]): D1Meta {
  return {
    served_by: "ouro",
    duration: meta.durationMs,
    changes: meta.changes,
    last_row_id: meta.lastRowId,
    changed_db: meta.changedDb,
    size_after: meta.sizeAfter,
    rows_read: meta.rowsRead,
    rows_written: meta.rowsWritten,
  };
}

function objectOf(columns: readonly string[], row: readonly SqlValue[]): Row {
  const object: Row = {};
  for (let i = 0; i < columns.length; i++) object[columns[i]!] = fromSql(row[i]!);
  return object;
}

/** SQLite's names for what went wrong stand at the end of D1's messages, where libraries look for them. */
const SQLITE_CODES: Record<string, string> = { sql: "SQLITE_ERROR", constraint: "SQLITE_CONSTRAINT", limit: "SQLITE_TOOBIG", timeout: "SQLITE_BUSY" };

function sqlFailure(prefix: string, thrown: unknown): Error {
  const { message, code } = thrown as { message: string; code?: string };
  const suffix = code === undefined ? undefined : SQLITE_CODES[code];
  const text = suffix === undefined || message.includes("SQLITE_") ? message : `${message}: ${suffix}`;
  return Object.assign(failure(prefix, text), { code });
}

function failedQuery(error: unknown): never {
  throw sqlFailure("D1_ERROR", error);
}

function failure(prefix: string, message: string): Error {
  return new Error(`${prefix}: ${message}`, { cause: new Error(message) });
}

shape("D1Database", D1Database);
shape("D1DatabaseSession", D1DatabaseSession);
shape("D1PreparedStatement", D1PreparedStatement);
