// itty-router
import { AutoRouter, json } from "itty-router";
export default async ({ equal }) => {
  const router = AutoRouter().get("/todos/:id", ({ params }) => ({ id: params.id })).get("*", () => json({ no: 1 }, { status: 404 }));
  equal(await (await router.fetch(new Request("https://x.y/todos/7"))).json(), { id: "7" });
  equal((await router.fetch(new Request("https://x.y/z"))).status, 404);
};
