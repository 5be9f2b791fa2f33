import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { atob, btoa } from "./base64";

test("every length goes there and back", () => {
  for (let length = 0; length < 20; length++) {
    const text = String.fromCharCode(...Array.from({ length }, (_, i) => (i * 37) & 255));
    assert.equal(btoa(text), Buffer.from(text, "latin1").toString("base64"));
    assert.equal(atob(btoa(text)), text);
  }
});

test("decoding forgives white space and missing padding, nothing else", () => {
  assert.equal(atob(" Y W\nI "), "ab");
  for (const bad of ["a", "YQ=", "Y===", "Y Q = =x", "é", "YQ=="[0]! + "=Q="]) assert.throws(() => atob(bad), { name: "InvalidCharacterError" });
  assert.throws(() => btoa("\u0100"), { name: "InvalidCharacterError" });
});
