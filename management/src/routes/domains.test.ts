import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, type Json } from "../testing/api.ts";
import { HostError } from "../testing/sqlite.ts";

interface Claim {
  name: string;
  value: string;
}

async function claim(api: Api, name: string, worker = "hello"): Promise<Claim> {
  return (await api.expect(201, "POST", "domains", { name, worker }))["challenge"] as Claim;
}

test("a claim is proven by its record, and only then does the host hear of it", async () => {
  const api = new Api();
  const worker = await api.worker("hello", 1);
  api.calls.length = 0;
  const made = await api.expect(201, "POST", "domains", { name: "Www.Example.com", worker: "hello" });
  const { name, value } = made["challenge"] as Claim;
  assert.deepEqual([made["name"], made["worker"], made["verified"], made["verified_at"]], ["www.example.com", "hello", false, null]);
  assert.equal(name, "_ouro-challenge.www.example.com");
  assert.match(value, /^[0-9a-f]{32}$/);
  assert.deepEqual(api.calls, []);
  const { message } = await api.refused(422, "unprocessable", "POST", "domains/www.example.com/verify");
  assert.match(message, /^`www.example.com` is not verified: .*_ouro-challenge\.www\.example\.com/);
  api.records.set(name, value);
  const verified = await api.expect(200, "POST", "domains/WWW.example.com/verify");
  assert.equal(verified["verified"], true);
  assert.equal(api.calls.at(-1), `routing.reload ${String(worker["id"])}`);
  api.records.clear();
  assert.deepEqual(await api.expect(200, "POST", "domains/www.example.com/verify"), verified, "once is enough");
});

test("a claim that nobody has proven does not keep the owner out", async () => {
  const api = new Api();
  const [ada, eve] = [api.user("ada"), api.user("eve")];
  for (const [who, worker] of [[ada, "of-ada"], [eve, "of-eve"]] as const) await who.expect(201, "POST", "workers", { name: worker });
  await claim(eve, "example.com", "of-eve");
  const proof = await claim(ada, "example.com", "of-ada");
  api.records.set(proof.name, proof.value);
  await eve.refused(422, "unprocessable", "POST", "domains/example.com/verify");
  await ada.expect(200, "POST", "domains/example.com/verify");
  await eve.refused(409, "conflict", "POST", "domains/example.com/verify");
  await eve.expect(204, "DELETE", "domains/example.com");
  await eve.refused(409, "conflict", "POST", "domains", { name: "example.com", worker: "of-eve" });
  await eve.refused(404, "not_found", "GET", "domains/example.com");
  assert.equal((await ada.expect(200, "GET", "domains/example.com"))["verified"], true);
});

test("of two proofs at once, one counts", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  const proof = await claim(api, "example.com");
  api.records.set(proof.name, proof.value);
  const other = `INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('org_other', 'other', 1, 1);
    INSERT INTO domains (name, worker_id, organization_id, token, verified_at, created_at)
      SELECT 'example.com', id, 'org_other', 't', 1, 1 FROM workers`;
  api.db.meanwhile = { before: "UPDATE domains", run: () => void api.db.sqlite.run(other) };
  await api.refused(409, "conflict", "POST", "domains/example.com/verify");
  assert.equal((await api.expect(200, "GET", "domains/example.com"))["verified"], false);
});

test("names below the base domain, and what is no domain name, are refused", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  for (const name of ["localhost", "hello.localhost", "a.b.localhost", "example", "a..com", "-a.com", "a_b.com", "1.2.3.4", "*.example.com", "example.com:80", "ex ample.com", `${"a".repeat(64)}.com`, `${"a.".repeat(130)}com`]) {
    const { issues } = await api.refused(400, "invalid_request", "POST", "domains", { name, worker: "hello" });
    assert.deepEqual(Object.keys(issues), ["name"], name);
  }
  for (const name of ["notlocalhost.com", "xn--bcher-kva.example", "localhost.example", "1.example"]) await claim(api, name);
});

test("a domain leads to a worker of the organization, not to the API", async () => {
  const api = new Api();
  api.installManagement();
  await api.refused(404, "not_found", "POST", "domains", { name: "example.com", worker: "nobody" });
  const { issues } = await api.refused(400, "invalid_request", "POST", "domains", { name: "example.com", worker: "management" });
  assert.deepEqual(Object.keys(issues), ["worker"]);
});

test("where the operator asks for no proof, a claim is verified at once", async () => {
  const api = new Api();
  api.proofOfDomains = false;
  const worker = await api.worker("hello", 1);
  const made = await api.expect(201, "POST", "domains", { name: "example.com", worker: "hello" });
  assert.equal(made["verified"], true);
  assert.equal(api.calls.at(-1), `routing.reload ${String(worker["id"])}`);
});

test("a DNS server that does not answer is no proof to the contrary", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  await claim(api, "example.com");
  api.failures.set("domains.check", new HostError("unavailable", "no answer within 5 s"));
  await api.refused(503, "unavailable", "POST", "domains/example.com/verify");
});

test("domains are listed newest first and given up", async () => {
  const api = new Api();
  const worker = await api.worker("hello", 1);
  for (const name of ["a.example", "b.example", "c.example"]) await claim(api, name);
  const pages = await api.pages("domains", 2);
  assert.deepEqual(pages.map((page) => page.map((domain) => domain["name"])), [["c.example", "b.example"], ["a.example"]]);
  api.db.sqlite.run("UPDATE domains SET verified_at = 1 WHERE name = 'b.example'");
  await api.expect(204, "DELETE", "domains/B.example");
  assert.equal(api.calls.at(-1), `routing.reload ${String(worker["id"])}`);
  await api.refused(404, "not_found", "DELETE", "domains/b.example");
  await api.expect(204, "DELETE", "workers/hello");
  assert.deepEqual((await api.expect(200, "GET", "domains"))["items"], [], "they go with the worker");
});

test("changes of domains are in the log, without the token", async () => {
  const api = new Api();
  await api.worker("hello", 1);
  const { name, value } = await claim(api, "example.com");
  api.records.set(name, value);
  await api.expect(200, "POST", "domains/example.com/verify");
  await api.expect(204, "DELETE", "domains/example.com");
  const entries = api.rows("SELECT action, before, after FROM audit_entries WHERE subject_name = 'example.com' ORDER BY sequence");
  assert.deepEqual(entries.map(([action]) => action), ["domain.create", "domain.verify", "domain.delete"]);
  assert.deepEqual(JSON.parse(String(entries[2]?.[1])) as Json, { worker: "hello", verified: true });
  assert.ok(!JSON.stringify(entries).includes(value));
});
