/** The privileged `databases` binding: every worker's database, by id. */
import { D1Database, type D1Meta, metaOf, toSql } from "./database";
import { native } from "./host";
import type { SqlValue } from "./native";

export class Databases {
  async create(id: string): Promise<void> {
    native.databasesCreate!(id);
  }

  /** Deletes the database and everything in it. Deleting an absent one succeeds. */
  async delete(id: string): Promise<void> {
    native.databasesDelete!(id);
  }

  open(id: string): CustomerDatabase {
    return new CustomerDatabase(() => native.databasesOpen!(id));
  }
}

/** The D1 client, and one method that keeps the columns of an empty answer and the values as they are stored. */
class CustomerDatabase extends D1Database {
  query(sql: string, params: readonly unknown[]): Promise<{ columns: string[]; rows: SqlValue[][]; meta: D1Meta }> {
    return this._query(
      () => [{ sql, params: params.map(toSql) }],
      ([set]) => ({ columns: set!.columns, rows: set!.rows, meta: metaOf(set!.meta) }),
    );
  }
}
