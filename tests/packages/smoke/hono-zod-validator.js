// @hono/zod-validator
import { zValidator } from "@hono/zod-validator"; import { Hono } from "hono"; import { z } from "zod";
export default async ({ equal }) => {
  const app = new Hono().post("/", zValidator("json", z.object({ n: z.number() })), (c) => c.json(c.req.valid("json")));
  const post = (body) => app.request("/", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  equal([(await post({ n: "x" })).status, await (await post({ n: 1 })).json()], [400, { n: 1 }]);
};
