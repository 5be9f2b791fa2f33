import assert from "node:assert/strict";
import { test } from "node:test";

import { pageRequest, toPage } from "./page.ts";
import { Api } from "./testing/api.ts";

const numbered = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 - i);

test("a page without more behind it has no cursor", () => {
  const request = pageRequest({ limit: "3" });
  assert.deepEqual(toPage(numbered(3), request, (n) => ({ key: n, id: "a" }), String), { items: ["100", "99", "98"], next: null });
});

test("the cursor of a page leads behind its last item", () => {
  const page = toPage(numbered(4), pageRequest({ limit: "3" }), (n) => ({ key: n, id: "wrk_a" }), String);
  assert.deepEqual(page.items, ["100", "99", "98"]);
  assert.deepEqual(pageRequest({ cursor: page.next ?? "" }).after, { key: 98, id: "wrk_a" });
});

test("50 items are the default, and 1 to 100 are accepted", async () => {
  assert.equal(pageRequest({}).limit, 50);
  const api = new Api();
  for (const limit of ["1", "100"]) await api.expect(200, "GET", `workers?limit=${limit}`);
  for (const limit of ["0", "101", "-1", "1.5", "x", ""]) {
    const { issues } = await api.refused(400, "invalid_request", "GET", `workers?limit=${limit}`);
    assert.equal(issues["limit"], "expected a number from 1 to 100");
  }
});

test("a made-up cursor is refused", async () => {
  for (const cursor of ["x", "1", "1.A", "1.a' OR 1=1", "9999999999999999.a"]) {
    const { issues } = await new Api().refused(400, "invalid_request", "GET", `workers?cursor=${encodeURIComponent(cursor)}`);
    assert.equal(issues["cursor"], "not a cursor of this API");
  }
});
