import { FakeBody, host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { fetch } from "./fetch";
import { matchesIntegrity } from "./integrity";

const ABC = Buffer.from("abc");
const SHA256 = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
const OTHER512 = `sha512-${"A".repeat(86)}==`;

test("one of the strongest digests must match", () => {
  assert.equal(matchesIntegrity(ABC, SHA256), true);
  assert.equal(matchesIntegrity(ABC, SHA256.replaceAll("+", "-").replaceAll("/", "_").replace("=", "")), true);
  assert.equal(matchesIntegrity(ABC, `${OTHER512} ${SHA256}`), false);
  assert.equal(matchesIntegrity(ABC, `sha256-AAAA ${SHA256}?option`), true);
  assert.equal(matchesIntegrity(ABC, "md5-x nonsense"), true);
});

test("fetch gives nothing of a body that does not match", async () => {
  host.fetch = () => ({ status: 200, statusText: "OK", headers: [], body: new FakeBody("abc") });
  assert.equal(await (await fetch("http://x/", { integrity: SHA256 })).text(), "abc");
  await assert.rejects(fetch("http://x/", { integrity: OTHER512 }), TypeError);
});
