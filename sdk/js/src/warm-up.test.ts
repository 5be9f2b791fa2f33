import { host } from "../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import prelude from "./prelude";
import { Response } from "./web/response";

test("Hono's matcher is built at registration, without running a handler", () => {
  const matched: string[] = [];
  const app = {
    router: { match: (method: string, path: string) => matched.push(`${method} ${path}`) },
    fetch: () => new Response("ran"),
  };
  prelude.register({ default: app });
  assert.deepEqual(matched, ["GET /"]);
  assert.equal(host.outcome, null);
});

test("a router that throws does not stop the registration", () => {
  const router = {
    match(): never {
      throw new Error("no routes");
    },
  };
  prelude.register({ default: { router, fetch: () => new Response("ran") } });
  prelude.fetch("GET", "http://x/", null, []);
  assert.equal(host.outcome?.body, "ran");
});
