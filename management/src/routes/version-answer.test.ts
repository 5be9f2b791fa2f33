import assert from "node:assert/strict";
import { test } from "node:test";

import { headerRule } from "./version-answer.ts";

const takes = (path: string): boolean => headerRule.safeParse({ path }).success;

test("patterns of paths have at most one star, and none in a segment with a name", () => {
  for (const path of ["/", "/*", "/a/*", "/a*b", "/:page/*", "https://a.example/*", "https://a.example/:x"]) assert.ok(takes(path), path);
  for (const path of ["", "a", "/a b", "/*a*", "/**", "/a/*/*", "/:a:b", "/:a*", "http://a/", "/a\n", `/${"a".repeat(2000)}`]) assert.ok(!takes(path), path);
});

test("a long pattern is refused", () => {
  // Where both halves around a star may take the same letters, this never ends.
  assert.ok(!takes(`/${"a".repeat(1_000_000)} `));
});
