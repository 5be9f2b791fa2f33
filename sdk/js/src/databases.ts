/** The privileged `databases` binding: every worker's database, by id. */
import { D1Database } from "./database";
import { native } from "./host";

export class Databases {
  async create(id: string): Promise<void> {
    native.databasesCreate!(id);
  }

  /** Deletes the database and everything in it. Deleting an absent one succeeds. */
  async delete(id: string): Promise<void> {
    native.databasesDelete!(id);
  }

  open(id: string): D1Database {
    return new D1Database(() => native.databasesOpen!(id));
  }
}
