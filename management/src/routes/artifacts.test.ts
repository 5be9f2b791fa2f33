import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, digestOf } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

test("missing artifacts are named", async () => {
  const api = new Api();
  api.upload(digestOf("a"));
  const body = { digests: [digestOf("a"), digestOf("b")] };
  assert.deepEqual(await api.expect(200, "POST", "artifacts/missing", body), { missing: [digestOf("b")] });
  assert.deepEqual(await api.expect(200, "POST", "artifacts/missing", { digests: [] }), { missing: [] });
});

test("what is not a digest is named by its place", async () => {
  const api = new Api();
  const { issues } = await api.refused(400, "invalid_request", "POST", "artifacts/missing", { digests: [digestOf("a"), digestOf("A"), "x"] });
  assert.deepEqual(Object.keys(issues), ["digests.1", "digests.2"]);
  await api.refused(400, "invalid_request", "PUT", `artifacts/${digestOf("A")}`);
  assert.deepEqual(api.calls, []);
});

test("at most 20,000 digests are asked for at once", async () => {
  const digests = Array.from({ length: 20_001 }, () => digestOf("a"));
  const { issues } = await new Api().refused(400, "invalid_request", "POST", "artifacts/missing", { digests });
  assert.deepEqual(issues, { digests: "expected at most 20000 items" });
  await new Api().expect(200, "POST", "artifacts/missing", { digests: digests.slice(1) });
});

test("an upload's body is handed on unread", async () => {
  const api = new Api();
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
  const answer = await api.request("PUT", `/api/v1/artifacts/${digestOf("a")}`, { body, ...{ duplex: "half" } });
  assert.deepEqual([answer.status, answer.json], [200, { digest: digestOf("a"), size: 7 }]);
  assert.ok(api.stored instanceof ReadableStream);
  assert.equal(pulled, 0);
});

test("an empty artifact is stored", async () => {
  const api = new Api();
  await api.expect(200, "PUT", `artifacts/${digestOf("e")}`);
  assert.equal(api.stored, null);
});

const failures = [
  ["digest-mismatch", 400, "invalid_request"],
  ["invalid-digest", 400, "invalid_request"],
  ["truncated", 400, "invalid_request"],
  ["too-large", 413, "too_large"],
  ["unavailable", 503, "unavailable"],
] as const;

for (const [code, status, shown] of failures) {
  test(`an upload that fails with ${code} is ${status}`, async () => {
    const api = new Api();
    api.failures.set("artifacts.put", new HostError(code, "the reason"));
    const { message, issues } = await api.refused(status, shown, "PUT", `artifacts/${digestOf("a")}`);
    assert.match(JSON.stringify([message, issues]), /the reason/);
  });
}

test("an unreachable store is 503 when asked what is missing", async () => {
  const api = new Api();
  api.upload(digestOf("a"));
  api.failures.set("artifacts.missing", new HostError("unavailable", "store"));
  await api.refused(503, "unavailable", "POST", "artifacts/missing", { digests: [digestOf("a")] });
});
