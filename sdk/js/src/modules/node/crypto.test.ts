// Asymmetric keys are tested in the engine, which has them: tests/e2e.
import { fake } from "../../../test/fake-native";
import assert from "node:assert/strict";
import node from "node:crypto";
import { test } from "node:test";
import "../../web/crypto/crypto";
import ours from "./crypto";

const text = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value);

test("hashes and codes are Node's", () => {
  for (const name of ["md5", "sha1", "SHA256", "sha384", "RSA-SHA512"]) {
    assert.equal(ours.createHash(name).update("a").update(Buffer.from("b")).digest("hex"), node.createHash(name).update("ab").digest("hex"));
    assert.equal(ours.createHmac(name, "key").update("é", "latin1").digest("base64url"), node.createHmac(name, "key").update("é", "latin1").digest("base64url"));
  }
  const hash = ours.createHash("sha256").update("a");
  const copy = hash.copy();
  assert.notEqual(hash.update("b").digest("hex"), copy.digest("hex"));
  assert.throws(() => hash.digest(), { code: "ERR_CRYPTO_HASH_FINALIZED" });
  assert.throws(() => ours.createHash("nothing"), /Digest method not supported/);
});

test("a hash is a stream", async () => {
  const hash = ours.createHash("sha256") as unknown as NodeJS.ReadWriteStream;
  hash.end("abc");
  const chunks: Buffer[] = [];
  for await (const chunk of hash) chunks.push(Buffer.from(chunk));
  assert.equal(Buffer.concat(chunks).toString("hex"), node.createHash("sha256").update("abc").digest("hex"));
});

test("keys are derived as by Node", async () => {
  assert.equal(text(ours.pbkdf2Sync("pw", "salt", 10, 20, "sha256")), text(node.pbkdf2Sync("pw", "salt", 10, 20, "sha256")));
  assert.equal(text(new Uint8Array(ours.hkdfSync("sha256", "key", "salt", "info", 42))), text(new Uint8Array(node.hkdfSync("sha256", "key", "salt", "info", 42))));
  const later = await new Promise((resolve) => ours.pbkdf2("pw", "salt", 3, 8, "sha1", (_: unknown, key: unknown) => resolve(text(key))));
  assert.equal(later, text(node.pbkdf2Sync("pw", "salt", 3, 8, "sha1")));
});

test("random numbers stay in their range", () => {
  for (let i = 0; i < 100; i++) assert.ok([3, 4, 5].includes(ours.randomInt(3, 6) as number));
  assert.equal(ours.randomBytes(7)!.length, 7);
  assert.ok(ours.randomFillSync(new Uint8Array(64), 32).subarray(0, 32).every((byte) => byte === 0));
  assert.throws(() => ours.timingSafeEqual(Buffer.alloc(1), Buffer.alloc(2)), RangeError);
  assert.ok(ours.timingSafeEqual(Buffer.from("a"), Buffer.from("a")));
});

test("the length of a tag is what was demanded", () => {
  const [key, iv, mode] = [Buffer.alloc(16, 1), Buffer.alloc(12, 2), "aes-128-gcm"];
  const sealed = (length?: number) => {
    const cipher = ours.createCipheriv(mode, key, iv, { authTagLength: length! });
    return [Buffer.concat([cipher.update("hello") as Buffer, cipher.final() as Buffer]), cipher.getAuthTag() as Buffer] as const;
  };
  const opened = (secret: Buffer, tag: Uint8Array, length?: number) => {
    const decipher = ours.createDecipheriv(mode, key, iv, { authTagLength: length! });
    decipher.setAuthTag(tag);
    return String(decipher.update(secret, undefined, "utf8")) + String(decipher.final("utf8"));
  };
  const [secret, tag] = sealed();
  for (const length of [undefined, 4, 8, 12, 13, 14, 15, 16]) {
    assert.equal(sealed(length)[1].toString("hex"), tag.subarray(0, length).toString("hex"));
    assert.equal(opened(secret, tag.subarray(0, length), length), "hello");
  }
  const invalid = (create: () => unknown, code = "ERR_CRYPTO_INVALID_AUTH_TAG") => assert.throws(create, { code });
  invalid(() => opened(secret, tag.subarray(0, 4), 16));
  invalid(() => opened(secret, tag, 12));
  invalid(() => opened(secret, tag.subarray(0, 5)));
  for (const length of [0, 3, 5, 11, 17]) {
    invalid(() => node.createCipheriv(mode, key, iv, { authTagLength: length } as object));
    invalid(() => sealed(length));
    invalid(() => opened(secret, tag, length));
  }
  for (const length of [-1, 1.5, "16"]) invalid(() => sealed(length as number), "ERR_INVALID_ARG_VALUE");
  assert.equal(String(ours.createCipheriv("aes-128-cbc", key, Buffer.alloc(16), { authTagLength: 3 }).final("hex")).length, 32);
  invalid(() => ours.createDecipheriv(mode, key, iv).setAuthTag(tag).setAuthTag(tag), "ERR_CRYPTO_INVALID_STATE");
});

test("RSA-PSS is signed with the longest salt and verified with any, unless a worker says otherwise", (t) => {
  const salts: number[] = [];
  t.mock.method(fake, "importKey", (_format: string, _kind: unknown, [der]: Uint8Array[]) => ({ kind: "rsa", isPrivate: true, der }));
  t.mock.method(fake, "exportKey", (_format: string, { der }: { der: Uint8Array }) => [der]);
  t.mock.method(fake, "sign", (...args: unknown[]) => (salts.push(args[4] as number), new Uint8Array(1)));
  t.mock.method(fake, "verify", (...args: unknown[]) => (salts.push(args[5] as number), true));
  const key = { key: Buffer.from("key"), format: "der", type: "pkcs8", padding: ours.constants.RSA_PKCS1_PSS_PADDING };
  const { RSA_PSS_SALTLEN_AUTO: auto, RSA_PSS_SALTLEN_DIGEST: digest, RSA_PSS_SALTLEN_MAX_SIGN: max } = ours.constants;
  for (const saltLength of [undefined, auto, max, digest, 0, 20]) {
    ours.sign("sha256", Buffer.from("a"), { ...key, saltLength });
    ours.verify("sha256", Buffer.from("a"), { ...key, saltLength }, Buffer.from("b"));
  }
  const any = 2 ** 32 - 1;
  assert.deepEqual(salts, [any, any, any, any, any, any, 32, 32, 0, 0, 20, 20]);
  for (const saltLength of [-3, 1.5, 2 ** 31]) assert.throws(() => ours.sign("sha256", Buffer.from("a"), { ...key, saltLength }), { code: "ERR_INVALID_ARG_VALUE" });
});

test("PEM tells in its headers how a key is encrypted", (t) => {
  const der = Uint8Array.from({ length: 100 }, (_, i) => i);
  const asked: unknown[] = [];
  t.mock.method(fake, "importKey", (format: string, _kind: unknown, [bytes]: Uint8Array[]) => ({ kind: "rsa", isPrivate: true, der: bytes, format }));
  t.mock.method(fake, "exportKey", (_format: string, key: { der: Uint8Array }) => [key.der]);
  t.mock.method(fake, "lockKey", (cipher: string, vector: Uint8Array | null, passphrase: Uint8Array, bytes: Uint8Array) => (asked.push([cipher, vector?.length, text(passphrase)]), bytes.slice().reverse()));
  t.mock.method(fake, "unlockKey", (cipher: string | null, vector: Uint8Array | null, passphrase: Uint8Array, bytes: Uint8Array) => (asked.push([cipher, vector?.length, text(passphrase)]), bytes.slice().reverse()));
  const key = ours.createPrivateKey({ key: der, format: "der" });
  const pem = key.export({ type: "pkcs1", format: "pem", cipher: "AES-256-CBC", passphrase: "a" }) as string;
  assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,[0-9A-F]{32}\n\n[A-Za-z0-9+/=\n]+\n-----END RSA PRIVATE KEY-----\n$/);
  for (const given of [pem, pem.replaceAll("\n", "\r\n"), Buffer.from(pem)]) assert.ok(ours.createPrivateKey({ key: given, passphrase: "a" }).equals(key));
  assert.deepEqual(asked, Array(4).fill(["aes-256-cbc", 16, "61"]));
  asked.length = 0;
  const whole = key.export({ type: "pkcs8", format: "pem", cipher: "des-ede3-cbc", passphrase: Buffer.from("b") }) as string;
  assert.match(whole, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n[A-Za-z0-9+/]/);
  assert.ok(ours.createPrivateKey({ key: whole, passphrase: "b" }).equals(key));
  assert.deepEqual(asked, [["des-ede3-cbc", undefined, "62"], [null, undefined, "62"]]);
  for (const broken of [pem.replace(/DEK-Info.*\n/, ""), pem.replace("DEK-Info: AES", "DEK-Info AES")]) {
    assert.throws(() => ours.createPrivateKey({ key: broken, passphrase: "a" }), { message: "Failed to parse private key" });
  }
  assert.throws(() => ours.createPrivateKey(pem), { message: "Failed to parse private key" });
  assert.throws(() => key.export({ type: "pkcs8", format: "pem", passphrase: "a" }), { code: "ERR_INVALID_ARG_VALUE" });
});

test("numbers of Diffie-Hellman are kept as they are, without leading zeros", (t) => {
  t.mock.method(fake, "generateNumbers", (_prime: Uint8Array, _generator: Uint8Array, own: Uint8Array | null) => [own ?? new Uint8Array([4]), new Uint8Array([16])]);
  const prime = Buffer.from([0, 23]);
  const it = ours.createDiffieHellman(prime, 5);
  prime.fill(0);
  assert.deepEqual([it.getPrime("hex"), it.getGenerator("hex")], ["17", "05"]);
  const given = Buffer.from([0, 9]);
  it.setPublicKey(given);
  given.fill(0);
  assert.equal(it.getPublicKey("hex"), "09");
  (it.getPublicKey() as Uint8Array).fill(1);
  assert.equal(it.getPublicKey("hex"), "09");
  assert.equal(it.generateKeys("hex"), "10");
  assert.equal(it.getPrivateKey("hex"), "04");
  assert.deepEqual(Object.keys(it), []);
  class Own extends ours.DiffieHellman {}
  assert.ok(new Own(Buffer.from([23]), 5) instanceof ours.DiffieHellman);
});

test("what is wrong with a group is asked once", (t) => {
  const asked = t.mock.method(fake, "checkGroup", () => 0);
  const it = ours.createDiffieHellman(Buffer.from([23]), 5);
  assert.equal(asked.mock.callCount(), 0);
  assert.deepEqual([it.verifyError, it.verifyError, asked.mock.callCount()], [0, 0, 1]);
});

test("names that every object has are unknown ones", (t) => {
  t.mock.method(fake, "exportKey", (_format: string, key: { der: Uint8Array }) => [key.der]);
  t.mock.method(fake, "importKey", (_format: string, _kind: unknown, [der]: Uint8Array[]) => ({ kind: "rsa", isPrivate: true, der }));
  const key = ours.createPrivateKey({ key: new Uint8Array([0x30, 1, 2]), format: "der" });
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.throws(() => ours.createDiffieHellmanGroup(name), /invalid group/);
    assert.throws(() => ours.getDiffieHellman(name), /invalid group/);
    assert.throws(() => ours.generateKeyPairSync("dh", { group: name }), { message: "Invalid or unsupported group" });
    assert.throws(() => ours.generateKeyPairSync("ec", { namedCurve: name }), { message: "Invalid EC curve name" });
    assert.throws(() => ours.createECDH(name), { code: "ERR_CRYPTO_INVALID_CURVE" });
    assert.throws(() => key.export({ type: "pkcs8", format: "pem", cipher: name, passphrase: "a" }), { message: `Unknown cipher: ${name}` });
    assert.throws(() => ours.createHash(name), { message: /Digest|digest/ });
    assert.equal(ours.getCipherInfo(name), undefined);
  }
});

test("ciphers of keys have the aliases of OpenSSL, and null is none", (t) => {
  t.mock.method(fake, "exportKey", (_format: string, key: { der: Uint8Array }) => [key.der]);
  t.mock.method(fake, "importKey", (_format: string, _kind: unknown, [der]: Uint8Array[]) => ({ kind: "rsa", isPrivate: true, der }));
  const lock = t.mock.method(fake, "lockKey", (cipher: string, _vector: unknown, _passphrase: unknown, der: Uint8Array) => (assert.ok(cipher), der));
  const key = ours.createPrivateKey({ key: new Uint8Array([0x30, 1, 2]), format: "der" });
  for (const [alias, name] of [["aes128", "AES-128-CBC"], ["AES192", "AES-192-CBC"], ["aes256", "AES-256-CBC"], ["des3", "DES-EDE3-CBC"]] as const) {
    const pem = key.export({ type: "pkcs1", format: "pem", cipher: alias, passphrase: "a" }) as string;
    assert.ok(pem.includes(`DEK-Info: ${name},`), pem);
  }
  assert.equal(lock.mock.callCount(), 4);
  assert.match(key.export({ type: "pkcs8", format: "pem", cipher: null }) as string, /BEGIN PRIVATE KEY/);
  assert.throws(() => key.export({ type: "pkcs8", format: "pem", cipher: null, passphrase: "a" }), { code: "ERR_INVALID_ARG_TYPE" });
});

test("what the host refuses of Diffie-Hellman has a code of Node.js", (t) => {
  const refuse = (): never => {
    throw Object.assign(new Error("too long"), { code: "data" });
  };
  t.mock.method(fake, "generateNumbers", refuse);
  const it = ours.createDiffieHellman(Buffer.from([23]), 5).setPrivateKey(Buffer.alloc(1025, 255));
  assert.throws(() => it.generateKeys(), { code: "ERR_CRYPTO_OPERATION_FAILED" });
  assert.throws(() => ours.generateKeyPairSync("dh", { primeLength: 9000 }), { name: "RangeError", code: "ERR_OUT_OF_RANGE" });
  assert.throws(() => ours.generateKeyPairSync("dh", {}), { name: "TypeError", code: "ERR_MISSING_OPTION", message: /is required$/ });
  assert.throws(() => ours.generatePrimeSync(4097, { safe: true }), { name: "RangeError" });
  assert.throws(() => ours.createDiffieHellman(4097), { name: "RangeError" });
});

test("keys of Diffie-Hellman of other groups are not equal", (t) => {
  t.mock.method(fake, "generateNumbers", (prime: Uint8Array) => [new Uint8Array([1]), new Uint8Array(prime.length > 1 ? [7] : [2, 7])]);
  const made = (prime: number[], generator: number): { equals(other: unknown): boolean } => ours.generateKeyPairSync("dh", { prime: Buffer.from(prime), generator }).publicKey as never;
  // The same bytes in all: 23, 5, 2 and 7.
  assert.ok(!made([23, 5], 2).equals(made([23], 5)));
  assert.ok(made([23, 5], 2).equals(made([23, 5], 2)));
});
