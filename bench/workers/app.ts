/** A Hono and zod application of 22 routes: what an ordinary JSON API costs. */
import { Hono } from "hono";
import { z } from "zod";

const order = z.object({
  id: z.number().int().positive(),
  customer: z.object({ name: z.string().min(1).max(80), email: z.email() }),
  lines: z.array(z.object({ sku: z.string(), quantity: z.number().int().min(1), price: z.number() })).max(50),
  note: z.string().optional(),
});

const app = new Hono();

app.use("*", async (c, next) => {
  await next();
  c.header("x-app", "bench");
});

for (const resource of ["users", "teams", "projects", "invoices", "files", "tags"]) {
  app.get(`/${resource}`, (c) => c.json({ resource, items: [] }));
  app.get(`/${resource}/:id`, (c) => c.json({ resource, id: c.req.param("id"), verbose: c.req.query("verbose") === "1" }));
  app.delete(`/${resource}/:id`, (c) => c.body(null, 204));
}

app.get("/", (c) => c.text("ok"));
app.get("/health", (c) => c.json({ ok: true }));
app.get("/search/:index/:query", (c) => c.json(c.req.param()));
app.post("/orders", async (c) => {
  const parsed = order.safeParse(await c.req.json());
  if (!parsed.success) return c.json({ issues: parsed.error.issues }, 400);
  const total = parsed.data.lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  return c.json({ id: parsed.data.id, total }, 201);
});

export default app;
