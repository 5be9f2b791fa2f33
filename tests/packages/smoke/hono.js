// hono
import { Hono } from "hono"; import { cors } from "hono/cors"; import { jwt, sign } from "hono/jwt"; import { stream } from "hono/streaming";
export default async ({ equal }) => {
  const app = new Hono().use(cors()).get("/u/:id", (c) => c.json({ id: c.req.param("id"), q: c.req.query("q") }));
  app.use("/in/*", jwt({ secret: "s", alg: "HS256" })).get("/in/x", (c) => c.text(c.get("jwtPayload").sub));
  app.get("/s", (c) => stream(c, async (s) => { await s.write("a"); await s.sleep(1); await s.write("b"); }));
  equal(await (await app.request("/u/5?q=1")).json(), { id: "5", q: "1" });
  equal((await app.request("/in/x")).status, 401);
  const token = await sign({ sub: "me" }, "s", "HS256");
  equal(await (await app.request("/in/x", { headers: { authorization: `Bearer ${token}` } })).text(), "me");
  equal(await (await app.request("/s")).text(), "ab");
};
