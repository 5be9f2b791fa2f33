import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, digestOf, REQUEST_ID, type Json } from "../testing/api.ts";

function limited(quotas: Record<string, number | null>): { api: Api; ada: Api } {
  const api = new Api();
  Object.assign(api.env, { QUOTAS: { ...api.env.QUOTAS, ...quotas } });
  return { api, ada: api.user("ada") };
}

const exceeded = (quota: string, limit: number, used: number): Json => ({
  code: "quota_exceeded",
  message: `the quota \`${quota}\` is ${limit}, and ${used} is in use`,
  request_id: REQUEST_ID,
  quota,
  limit,
  used,
});

const THINGS: [string, string, (i: number) => Json][] = [
  ["workers", "workers", (i) => ({ name: `w${i}` })],
  ["environments", "environments", (i) => ({ name: `e${i}` })],
  ["databases", "databases", (i) => ({ name: `d${i}` })],
  ["keys", "keys", (i) => ({ name: `k${i}`, kind: "service" })],
  ["invitations", "organizations/ada/invitations", () => ({ role: "member" })],
  ["issuers", "organizations/ada/issuers", (i) => ({ issuer: `https://i${i}.example`, audience: "a" })],
];

for (const [quota, path, body] of THINGS) {
  test(`no more ${quota} than the quota, also of many requests at once, and no entry for what is refused`, async () => {
    const { api, ada } = limited({ [quota]: 2 });
    const answers = await Promise.all([0, 1, 2, 3].map((i) => ada.call("POST", path, body(i))));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 403, 403]);
    assert.deepEqual(answers.find(({ status }) => status === 403)?.json, exceeded(quota, 2, 2));
    assert.deepEqual(api.rows("SELECT COUNT(*) FROM audit_entries"), [[2]]);
    assert.deepEqual(api.rows("SELECT COUNT(*) FROM guards"), [[0]]);
    if (quota === "databases") assert.equal(api.databases.size, 2);
    assert.equal((await api.user("eve").call("POST", path.replace("ada", "eve"), body(9))).status, 201, "another organization has its own");
  });
}

test("an invitation that was accepted or has expired makes room, and one that is refused deletes none", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_700_000_000_000 });
  const { api, ada } = limited({ invitations: 1 });
  const invite = async (): Promise<{ status: number; token: unknown }> => {
    const { status, json } = await ada.call("POST", "organizations/ada/invitations", { role: "member" });
    return { status, token: json["token"] };
  };
  const { token } = await invite();
  assert.equal((await invite()).status, 403);
  await api.user("eve").expect(200, "POST", "invitations/accept", { token });
  assert.equal((await invite()).status, 201);
  context.mock.timers.tick(7 * 86_400_000 - 1);
  assert.equal((await invite()).status, 403);
  context.mock.timers.tick(1);
  assert.equal((await invite()).status, 201);
  assert.equal(((await ada.expect(200, "GET", "organizations/ada/invitations"))["items"] as Json[]).length, 2);
});

test("a revoked key makes room", async () => {
  const { ada } = limited({ keys: 1 });
  const { id } = await ada.expect(201, "POST", "keys", { name: "k", kind: "service" });
  await ada.expect(403, "POST", "keys", { name: "k", kind: "service" });
  await ada.expect(204, "DELETE", `keys/${String(id)}`);
  await ada.expect(201, "POST", "keys", { name: "k", kind: "service" });
});

test("no more members than the quota; who is one already takes no room", async () => {
  const { api, ada } = limited({ members: 2 });
  const [eve, mallory] = [api.user("eve"), api.user("mallory")];
  const invited = async (): Promise<Json> => ({ token: (await ada.expect(201, "POST", "organizations/ada/invitations", { role: "member" }))["token"] });
  const bodies = [await invited(), await invited()];
  const answers = await Promise.all([eve, mallory].map((each, i) => each.call("POST", "invitations/accept", bodies[i])));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403]);
  assert.deepEqual(answers.find(({ status }) => status === 403)?.json, exceeded("members", 2, 2));
  await ada.expect(200, "POST", "invitations/accept", await invited());
  assert.deepEqual(api.rows("SELECT COUNT(*) FROM invitations WHERE accepted_at IS NULL"), [[1]]);
});

test("a user owns no more organizations than the quota, at once too; the operator makes any number", async () => {
  const { api, ada } = limited({ organizations_per_user: 2 });
  const answers = await Promise.all(["a", "b", "c"].map((name) => ada.call("POST", "organizations", { name })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 403, 403]);
  assert.deepEqual(answers.find(({ status }) => status === 403)?.json, exceeded("organizations_per_user", 2, 2));
  await ada.expect(200, "DELETE", `organizations/${String(answers.find(({ status }) => status === 201)?.json["name"])}`);
  await ada.expect(403, "POST", "organizations", { name: "d" });
  for (const name of ["e", "f", "g"]) await api.expect(201, "POST", "organizations", { name, owner: "usr_ada" });
});

test("artifacts over the quota are not recorded, and what says that it is too large is not stored", async () => {
  const { api, ada } = limited({ storage_bytes: 10 });
  const put = (digit: string, headers = {}): ReturnType<Api["request"]> => ada.request("PUT", `/api/v1/artifacts/${digestOf(digit)}`, { headers });
  assert.equal((await put("a")).status, 200);
  assert.deepEqual((await put("b")).json, exceeded("storage_bytes", 10, 7));
  assert.equal((await put("a")).status, 200, "again");
  const calls = api.calls.length;
  assert.equal((await put("c", { "content-length": "4" })).status, 403);
  assert.equal(api.calls.length, calls);
  assert.deepEqual(api.rows("SELECT digest FROM artifacts"), [[digestOf("a")]]);
});

test("limits and use are shown, of the day too", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: Date.parse("2030-01-31T12:00:00Z") });
  const { api, ada } = limited({ requests_per_day: 1000 });
  await ada.expect(201, "POST", "environments", { name: "a" });
  const today = Date.parse("2030-01-31") / 86_400_000;
  api.db.sqlite.run(`INSERT INTO usage VALUES ('org_ada', 'wrk_1', ${today}, 7, 1, 2500000), ('org_ada', 'wrk_2', ${today}, 5, 0, 0), ('org_ada', 'wrk_1', ${today - 1}, 90, 0, 9000000)`);
  const quotas = await ada.expect(200, "GET", "organizations/ada/quotas");
  assert.deepEqual(quotas["environments"], { limit: 100, used: 1, resets_at: null, overridden: false });
  assert.deepEqual(quotas["requests_per_day"], { limit: 1000, used: 12, resets_at: "2030-02-01T00:00:00.000Z", overridden: false });
  assert.deepEqual(quotas["cpu_seconds_per_day"], { limit: null, used: 2, resets_at: "2030-02-01T00:00:00.000Z", overridden: false });
  assert.deepEqual(quotas["database_bytes"], { limit: null, used: null, resets_at: null, overridden: false });
});

test("the operator sets a quota for one organization, with none as well, and takes it back", async () => {
  const { api, ada } = limited({ workers: 1 });
  const admin = "admin/organizations/ada/quotas";
  const add = async (name: string): Promise<number> => (await ada.call("POST", "workers", { name })).status;
  assert.deepEqual([await add("a"), await add("b")], [201, 403]);
  const set = await api.expect(200, "PUT", admin, { workers: 2 });
  assert.deepEqual(set["workers"], { limit: 2, used: 1, resets_at: null, overridden: true });
  assert.deepEqual([await add("b"), await add("c")], [201, 403]);
  await api.expect(200, "PUT", admin, { workers: null });
  assert.deepEqual([await add("c"), await add("d")], [201, 201]);
  await api.expect(200, "PUT", admin, { workers: 0, keys: 0 });
  assert.equal(await add("e"), 403);
  await api.expect(204, "DELETE", admin);
  assert.deepEqual((await ada.expect(200, "GET", "organizations/ada/quotas"))["workers"], { limit: 1, used: 4, resets_at: null, overridden: false });
  for (const caller of [ada, api.as({ kind: "service", id: "key_1", organization: "org_ada" })]) {
    await caller.refused(403, "forbidden", "PUT", admin, { workers: 1 });
    await caller.refused(403, "forbidden", "DELETE", admin);
  }
  for (const body of [{ workers: -1 }, { workers: 1.5 }, { workers: "1" }, { planets: 1 }, { organizations_per_user: 1 }]) {
    assert.deepEqual(Object.keys((await api.refused(400, "invalid_request", "PUT", admin, body)).issues), Object.keys(body));
  }
  await api.refused(404, "not_found", "PUT", "admin/organizations/nowhere/quotas", { workers: 1 });
});

test("the operator's own organization has no quotas but those that the operator sets", async () => {
  const api = new Api();
  Object.assign(api.env.QUOTAS, { workers: 1 });
  for (const name of ["a", "b", "c"]) await api.expect(201, "POST", "workers", { name });
  await api.expect(200, "PUT", "admin/organizations/default/quotas", { workers: 3 });
  assert.equal((await api.call("POST", "workers", { name: "d" })).json["code"], "quota_exceeded");
});
