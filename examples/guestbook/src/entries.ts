/** The only SQL. Every instance serves one request, so the table is made sure of right before it is used. */

export interface Entry {
  id: number;
  name: string;
  text: string;
  created_at: string;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))
)`;

export async function addEntry(db: D1Database, entry: { name: string; text: string }): Promise<Entry> {
  const insert = "INSERT INTO entries (name, text) VALUES (?, ?) RETURNING *";
  const rows = await run(db, db.prepare(insert).bind(entry.name, entry.text));
  const added = rows[0];
  if (added === undefined) throw new Error("the insert returned no row");
  return added;
}

/** The newest first. */
export function listEntries(db: D1Database, limit: number): Promise<Entry[]> {
  return run(db, db.prepare("SELECT * FROM entries ORDER BY id DESC LIMIT ?").bind(limit));
}

/** One transaction: the table, if need be, and the statement. */
async function run(db: D1Database, statement: D1PreparedStatement): Promise<Entry[]> {
  const results = await db.batch<Entry>([db.prepare(SCHEMA), statement]);
  return results[1]?.results ?? [];
}
