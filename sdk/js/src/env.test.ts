import "../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnv, importableEnv, withEnv } from "./env";

test("`withEnv` replaces the environment while its function runs, and for nobody else", () => {
  createEnv(["NAME", "text", "outer"]);
  assert.equal(withEnv({ NAME: "inner" }, () => importableEnv["NAME"]), "inner");
  assert.equal(withEnv({ NAME: "inner" }, () => withEnv({ NAME: "innermost" }, () => importableEnv["NAME"])), "innermost");
  assert.throws(() => withEnv({}, () => { throw new RangeError("x"); }), RangeError);
  assert.equal(importableEnv["NAME"], "outer");
});
