/** A guestbook: the page is an asset, the entries are rows, the API is Hono with zod. */
import { Hono } from "hono";
import { z } from "zod";

import { addEntry, listEntries } from "./entries.ts";

/** What `ouro.toml` grants. */
interface Env {
  DB: D1Database;
  GREETING: string;
}

const entry = z.object({
  name: z.string().trim().min(1).max(60),
  text: z.string().trim().min(1).max(500),
});

const page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });

const app = new Hono<{ Bindings: Env }>();

app.get("/api/greeting", (c) => c.json({ greeting: c.env.GREETING }));

app.get("/api/entries", async (c) => {
  const query = page.safeParse(c.req.query());
  if (!query.success) return c.json({ issues: query.error.issues }, 400);
  return c.json({ entries: await listEntries(c.env.DB, query.data.limit) });
});

app.post("/api/entries", async (c) => {
  const body = entry.safeParse(await c.req.json().catch(() => null));
  if (!body.success) return c.json({ issues: body.error.issues }, 400);
  const added = await addEntry(c.env.DB, body.data);
  console.log(`entry ${added.id} by ${added.name}`);
  return c.json(added, 201);
});

app.notFound((c) => c.json({ message: `nothing at ${c.req.path}` }, 404));

app.onError((error, c) => {
  console.error(error);
  return c.json({ message: "something went wrong" }, 500);
});

export default app;
