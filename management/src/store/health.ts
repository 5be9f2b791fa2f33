import type { Database } from "../env.ts";

/** Fails where the database cannot be read. */
export async function ping(db: Database): Promise<void> {
  await db.prepare("SELECT 1 AS ok FROM workers LIMIT 1").all();
}
