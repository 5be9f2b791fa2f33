import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, type Json } from "../testing/api.ts";

const path = "organizations/ada/issuers";
const issuer = "https://login.example/realms/a";

test("an issuer is added, listed and removed, and the host looks anew", async () => {
  const api = new Api();
  const ada = api.user("ada");
  const made = await ada.expect(201, "POST", path, { issuer, audience: "shop" });
  assert.deepEqual((await ada.expect(200, "GET", path))["items"], [made]);
  assert.deepEqual([made["issuer"], made["audience"]], [issuer, "shop"]);
  await ada.refused(409, "conflict", "POST", path, { issuer, audience: "other" });
  await ada.refused(404, "not_found", "DELETE", `${path}?issuer=https://other.example`);
  await ada.expect(204, "DELETE", `${path}?issuer=${encodeURIComponent(issuer)}`);
  assert.deepEqual((await ada.expect(200, "GET", path))["items"], []);
  assert.deepEqual(api.calls, ["identity.forget", "identity.forget"]);
  assert.deepEqual(api.rows("SELECT action FROM audit_entries ORDER BY sequence"), [["issuer.create"], ["issuer.delete"]]);
});

test("an issuer is an https URL without user info, query and fragment", async () => {
  const ada = new Api().user("ada");
  const bad = ["", "http://a.example", "https://", "https://u@a.example", "https://u:p@a.example", "https://@a.example", "https://a.example?x", "https://a.example/?",
    "https://a.example#", "https://a.example/ b", "https://a.example\r\nx", " https://a.example", "HTTPS://a.example", "https://a\\b", "file:///etc", "https://é.example", "https://[", "x".repeat(501)];
  for (const text of bad) {
    assert.ok((await ada.refused(400, "invalid_request", "POST", path, { issuer: text, audience: "a" })).issues["issuer"], JSON.stringify(text));
  }
  for (const text of ["https://a.example", "https://a.example/", "https://a.example:8443/x/@y"]) await ada.expect(201, "POST", path, { issuer: text, audience: "a" });
  assert.ok((await ada.refused(400, "invalid_request", "POST", path, { issuer, audience: "" })).issues["audience"]);
});

test("each organization has its own", async () => {
  const api = new Api();
  const [ada, eve] = [api.user("ada"), api.user("eve")];
  await ada.expect(201, "POST", path, { issuer, audience: "a" });
  await eve.expect(201, "POST", "organizations/eve/issuers", { issuer, audience: "e" });
  await eve.expect(204, "DELETE", `organizations/eve/issuers?issuer=${issuer}`);
  assert.deepEqual(((await ada.expect(200, "GET", path))["items"] as Json[]).map(({ audience }) => audience), ["a"]);
});
