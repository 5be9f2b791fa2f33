import { fake, host } from "../../../test/fake-native";
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { crypto } from "./crypto";
import { structuredClone } from "../structured-clone";
import type { CryptoKey } from "./key";

const { subtle } = crypto;
const node = webcrypto.subtle;
const data = new TextEncoder().encode("the quick brown fox".repeat(9));
const scope = globalThis as unknown as { crypto: { randomUUID(): string; getRandomValues<T>(view: T): T } };

test("randomUUID is of version 4", () => {
  assert.match(scope.crypto.randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("getRandomValues refuses floats and too many bytes", () => {
  assert.throws(() => scope.crypto.getRandomValues(new Float32Array(1)), { name: "TypeMismatchError" });
  assert.throws(() => scope.crypto.getRandomValues(new Uint8Array(65_537)), { name: "QuotaExceededError" });
});

test("randomness is refused at the top level", () => {
  host.building = true;
  try {
    assert.throws(() => fake.randomFill(new Uint8Array(1)), /not allowed at the top level/);
    assert.throws(() => scope.crypto.randomUUID(), /not allowed at the top level/);
  } finally {
    host.building = false;
  }
});

test("digests are those of Node", async () => {
  for (const name of ["SHA-1", "sha-256", "SHA-384", "SHA-512"]) {
    assert.deepEqual(new Uint8Array(await subtle.digest(name, data)), new Uint8Array(await node.digest(name, data)));
  }
  await assert.rejects(subtle.digest("SHA-3", data), { name: "NotSupportedError", message: /SHA-3/ });
});

test("HMAC signs and verifies as Node does, and goes through JWK", async () => {
  const raw = new Uint8Array(32).fill(7);
  const key = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" } as never, true, ["sign", "verify"]);
  const theirs = await node.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
  const signature = await subtle.sign("HMAC", key, data);
  assert.deepEqual(new Uint8Array(signature), new Uint8Array(await node.sign("HMAC", theirs, data)));
  assert.equal(await subtle.verify("HMAC", key, signature, data), true);
  assert.equal(await subtle.verify("HMAC", key, signature, data.subarray(1)), false);
  const jwk = await subtle.exportKey("jwk", key);
  assert.deepEqual({ ...jwk }, { kty: "oct", k: Buffer.from(raw).toString("base64url"), alg: "HS256", key_ops: ["sign", "verify"], ext: true });
  const again = await subtle.importKey("jwk", jwk as never, { name: "hmac", hash: { name: "sha-256" } } as never, false, ["verify"]);
  assert.equal(await subtle.verify({ name: "HMAC" }, again, signature, data), true);
  await assert.rejects(subtle.sign("HMAC", again, data), { name: "InvalidAccessError" });
  await assert.rejects(subtle.exportKey("raw", again), { name: "InvalidAccessError" });
});

test("AES encrypts and decrypts as Node does", async () => {
  const raw = new Uint8Array(32).fill(3);
  const cases = [
    { name: "AES-GCM", iv: new Uint8Array(12).fill(1), additionalData: new Uint8Array([1, 2]) },
    { name: "AES-CBC", iv: new Uint8Array(16).fill(1) },
    { name: "AES-CTR", counter: new Uint8Array(16).fill(9), length: 128 },
  ];
  for (const params of cases) {
    const mine = await subtle.importKey("raw", raw, params, false, ["encrypt", "decrypt"]);
    const theirs = await node.importKey("raw", raw, params, false, ["encrypt"]);
    const sealed = await subtle.encrypt(params, mine, data);
    assert.deepEqual(new Uint8Array(sealed), new Uint8Array(await node.encrypt(params as never, theirs, data)), params.name);
    assert.deepEqual(new Uint8Array(await subtle.decrypt(params, mine, sealed)), data);
  }
});

test("a changed AES-GCM message is an OperationError", async () => {
  const key = (await subtle.generateKey({ name: "AES-GCM", length: 256 } as never, false, ["encrypt", "decrypt"])) as CryptoKey;
  const params = { name: "AES-GCM", iv: new Uint8Array(12) };
  const sealed = new Uint8Array(await subtle.encrypt(params, key, data));
  sealed[0]! ^= 1;
  await assert.rejects(subtle.decrypt(params, key, sealed), { name: "OperationError" });
});

test("HKDF and PBKDF2 derive what Node derives", async () => {
  const salt = new Uint8Array(8);
  const cases = [
    { name: "HKDF", hash: "SHA-256", salt, info: new Uint8Array(3) },
    { name: "PBKDF2", hash: "SHA-512", salt, iterations: 10 },
  ];
  for (const params of cases) {
    const mine = await subtle.importKey("raw", data, params.name, false, ["deriveBits", "deriveKey"]);
    const theirs = await node.importKey("raw", data, params.name, false, ["deriveBits"]);
    assert.deepEqual(new Uint8Array(await subtle.deriveBits(params, mine, 256)), new Uint8Array(await node.deriveBits(params as never, theirs, 256)));
    const key = await subtle.deriveKey(params, mine, { name: "AES-GCM", length: 128 } as never, true, ["encrypt"]);
    assert.equal(((await subtle.exportKey("raw", key)) as ArrayBuffer).byteLength, 16);
  }
});

test("what is missing says which algorithm", async () => {
  await assert.rejects(subtle.generateKey({ name: "AES-CMAC" }, true, ["sign"]), { name: "NotSupportedError", message: /generateKey.*AES-CMAC/ });
  await assert.rejects(subtle.importKey("spki", data, { name: "HMAC", hash: "SHA-1" } as never, true, ["sign"]), { name: "NotSupportedError" });
});

test("usages that do not fit are refused", async () => {
  const hmac = { name: "HMAC", hash: "SHA-256" } as never;
  await assert.rejects(subtle.importKey("raw", data, hmac, true, ["encrypt"]), { name: "SyntaxError" });
  await assert.rejects(subtle.importKey("raw", data, hmac, true, []), { name: "SyntaxError" });
});

test("parameters are read in the order of the standard, and a key keeps its own", async () => {
  const read: string[] = [];
  const params = new Proxy({ name: "hmac", hash: "sha-256", length: 9 }, {
    get: (target, name) => (read.push(String(name)), Reflect.get(target, name)),
  });
  const key = await subtle.importKey("raw", new Uint8Array([1, 255]), params, true, ["verify", "sign", "verify"]);
  assert.deepEqual(read, ["name", "hash", "length"]);
  assert.deepEqual(key.usages, ["sign", "verify"]);
  assert.deepEqual(key.algorithm, { name: "HMAC", hash: { name: "SHA-256" }, length: 9 });
  assert.deepEqual(new Uint8Array((await subtle.exportKey("raw", key)) as ArrayBuffer), new Uint8Array([1, 128]));
  key.usages.length = 0;
  key.algorithm.name = "none";
  assert.equal((await subtle.sign("HMAC", key, data)).byteLength, 32);
});

test("a key survives structuredClone, and no other way makes one", async () => {
  const key = await subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const copy = structuredClone(key);
  assert.notEqual(copy, key);
  assert.deepEqual(new Uint8Array(await subtle.sign("HMAC", copy, data)), new Uint8Array(await subtle.sign("HMAC", key, data)));
  assert.throws(() => new (key.constructor as new () => unknown)(), TypeError);
  await assert.rejects(subtle.sign("HMAC", Object.create(key) as CryptoKey, data), TypeError);
});

test("a JWK that forbids what it is imported for is refused", async () => {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const jwk = { kty: "oct", k: "AAAA" };
  for (const wrong of [{ kty: "RSA" }, { k: "A" }, { use: "enc" }, { key_ops: ["verify"] }, { key_ops: ["sign", "sign"] }, { ext: false }, { alg: "HS512" }]) {
    await assert.rejects(subtle.importKey("jwk", { ...jwk, ...wrong }, hmac, true, ["sign"]), { name: "DataError" }, JSON.stringify(wrong));
  }
  await assert.rejects(subtle.importKey("jwk", new Uint8Array(1), hmac, true, ["sign"]), TypeError);
});

test("DigestStream hashes what is written to it", async () => {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  await writer.write("the quick ");
  await writer.write(new TextEncoder().encode("brown fox"));
  await writer.close();
  assert.deepEqual(new Uint8Array(await stream.digest), new Uint8Array(await node.digest("SHA-256", new TextEncoder().encode("the quick brown fox"))));
  assert.equal(stream.bytesWritten, 19n);
  const broken = new crypto.DigestStream("SHA-1");
  await assert.rejects(broken.getWriter().write(1), TypeError);
  await assert.rejects(broken.digest, TypeError);
});
