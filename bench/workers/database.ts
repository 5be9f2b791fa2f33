/** A read by primary key, from a table that `POST /` makes. */
interface Database {
  exec(sql: string): Promise<unknown>;
  prepare(sql: string): { bind(...values: unknown[]): { first(): Promise<unknown> } };
}

const ROWS = 1000;

const seed = [
  "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL)",
  "DELETE FROM users",
  `WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ${ROWS}) INSERT INTO users SELECT id, 'user ' || id, 'user' || id || '@example.com' FROM ids`,
];

export default {
  async fetch(request: Request, { DB }: { DB: Database }): Promise<Response> {
    if (request.method === "POST") {
      for (const statement of seed) await DB.exec(statement);
      return new Response("seeded\n", { status: 201 });
    }
    const id = Number(new URL(request.url).pathname.slice(1));
    const user = await DB.prepare("SELECT id, name, email FROM users WHERE id = ?").bind(id).first();
    return user === null ? new Response("no such user\n", { status: 404 }) : Response.json(user);
  },
};
