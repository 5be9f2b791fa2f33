import assert from "node:assert";
import crypto, { createCipheriv, createDecipheriv, createHash, createHmac, KeyObject, webcrypto } from "node:crypto";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const KEYS = [["rsa", { modulusLength: 2048 }], ["ec", { namedCurve: "P-256" }], ["ec", { namedCurve: "secp384r1" }], ["ed25519", {}], ["ed448", {}]];

const checks = {
  "hashes and codes"() {
    assert.equal(createHash("sha256").update("a").update(Buffer.from("bc")).digest("hex"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert.equal(createHash("md5").update("").digest("base64"), "1B2M2Y8AsgTpgAmY7PhCfg==");
    assert.equal(createHmac("SHA256", "key").update("The quick brown fox jumps over the lazy dog").digest("hex"), "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    const hash = createHash("sha1").update("a");
    assert.notEqual(hash.copy().update("b").digest("hex"), hash.digest("hex"));
    assert.throws(() => hash.digest(), { code: "ERR_CRYPTO_HASH_FINALIZED" });
    assert.throws(() => createHash("nothing"), /Digest method not supported/);
    assert.ok(crypto.getHashes().includes("sha512"));
  },
  async "a hash is a stream"() {
    const hash = createHash("sha256").setEncoding("hex");
    hash.end("abc");
    assert.equal(await text(hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  },
  "ciphers"() {
    for (const [name, key, iv] of [["aes-256-cbc", 32, 16], ["aes-128-ctr", 16, 16], ["aes-256-gcm", 32, 12], ["aes-192-cbc", 24, 16], ["aes-128-ecb", 16, 0]]) {
      const [k, v] = [Buffer.alloc(key, 7), iv === 0 ? null : Buffer.alloc(iv, 9)];
      const [cipher, decipher] = [createCipheriv(name, k, v), createDecipheriv(name, k, v)];
      const secret = cipher.update("hello wor", "utf8", "hex") + cipher.update("ld, hello world", "utf8", "hex") + cipher.final("hex");
      if (name.endsWith("gcm")) decipher.setAuthTag(cipher.getAuthTag());
      assert.equal(decipher.update(secret, "hex", "utf8") + decipher.final("utf8"), "hello world, hello world", name);
    }
    const cipher = createCipheriv("aes-128-cbc", Buffer.alloc(16), Buffer.alloc(16));
    assert.equal(cipher.update("", "utf8", "hex") + cipher.final("hex"), "0143db63ee66b0cdff9f69917680151e");
    const forged = createDecipheriv("aes-128-gcm", Buffer.alloc(16), Buffer.alloc(12)).setAuthTag(Buffer.alloc(16));
    forged.update("00", "hex");
    assert.throws(() => forged.final(), /unable to authenticate/);
    assert.throws(() => createCipheriv("aes-256-cbc", Buffer.alloc(3), Buffer.alloc(16)), { code: "ERR_CRYPTO_INVALID_KEYLEN" });
  },
  async "derived keys"() {
    assert.equal(crypto.pbkdf2Sync("password", "salt", 1, 20, "sha1").toString("hex"), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    assert.equal(crypto.scryptSync("", "", 16, { N: 16, r: 1, p: 1 }).toString("hex"), "77d6576238657b203b19ca42c18a0497");
    assert.equal(Buffer.from(crypto.hkdfSync("sha256", Buffer.alloc(22, 11), Buffer.from("000102030405060708090a0b0c", "hex"), Buffer.from("f0f1f2f3f4f5f6f7f8f9", "hex"), 42)).toString("hex").slice(0, 20), "3cb25f25faacd57a90434f64d0362f2a".slice(0, 20));
    assert.equal((await promisify(crypto.pbkdf2)("a", "b", 2, 9, "sha512")).length, 9);
  },
  "random numbers and comparing"() {
    assert.equal(crypto.randomBytes(7).length, 7);
    for (let i = 0; i < 50; i++) assert.ok([3, 4, 5].includes(crypto.randomInt(3, 6)));
    assert.match(crypto.randomUUID(), /^[0-9a-f-]{36}$/);
    assert.ok(crypto.timingSafeEqual(Buffer.from("a"), Buffer.from("a")));
    assert.throws(() => crypto.timingSafeEqual(Buffer.alloc(1), Buffer.alloc(2)), RangeError);
  },
  "signatures by every kind of key, in every form"() {
    for (const [type, options] of KEYS) {
      const { publicKey, privateKey } = crypto.generateKeyPairSync(type, options);
      const hash = type.startsWith("ed") ? null : "sha256";
      const signature = crypto.sign(hash, Buffer.from("message"), privateKey);
      const pem = publicKey.export({ type: "spki", format: "pem" });
      assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n/);
      assert.ok(crypto.verify(hash, Buffer.from("message"), pem, signature), type);
      assert.ok(!crypto.verify(hash, Buffer.from("other"), pem, signature), type);
      const again = crypto.createPrivateKey({ key: privateKey.export({ format: "jwk" }), format: "jwk" });
      assert.ok(again.equals(crypto.createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }))), type);
      assert.equal(crypto.createPublicKey(privateKey.export({ type: "pkcs8", format: "pem" })).asymmetricKeyType, type);
      if (hash !== null) assert.ok(crypto.createVerify("RSA-SHA256").update("mess").update("age").verify(publicKey, crypto.createSign("SHA256").update("message").sign(privateKey, "base64"), "base64"));
    }
  },
  "signatures with RSA-PSS, with salts of every length"() {
    const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: AUTO, RSA_PSS_SALTLEN_DIGEST: DIGEST } = crypto.constants;
    const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    const verified = (signed, verifies) =>
      crypto.verify("sha256", Buffer.from("a"), { key: publicKey, padding, saltLength: verifies }, crypto.sign("sha256", Buffer.from("a"), { key: privateKey, padding, saltLength: signed }));
    // Signed with the longest salt, 222 bytes here, and verified with whichever there is.
    for (const signed of [undefined, AUTO, DIGEST, 0, 32, 222]) for (const verifies of [undefined, AUTO]) assert.ok(verified(signed, verifies), `${signed} ${verifies}`);
    for (const [signed, verifies] of [[DIGEST, DIGEST], [32, DIGEST], [undefined, 222], [AUTO, 222]]) assert.ok(verified(signed, verifies), `${signed} ${verifies}`);
    for (const [signed, verifies] of [[undefined, DIGEST], [DIGEST, 20], [0, DIGEST]]) assert.ok(!verified(signed, verifies), `${signed} ${verifies}`);
    const signature = crypto.createSign("sha256").update("a").sign({ key: privateKey, padding });
    assert.ok(crypto.createVerify("sha256").update("a").verify({ key: publicKey, padding }, signature));
    assert.throws(() => verified(-3), { code: "ERR_INVALID_ARG_VALUE" });
  },
  "secrets are shared and messages encrypted"() {
    const [a, b] = [crypto.createECDH("prime256v1"), crypto.createECDH("prime256v1")];
    a.generateKeys();
    assert.deepEqual(a.computeSecret(b.generateKeys("hex"), "hex"), b.computeSecret(a.getPublicKey()));
    const [x, y] = [crypto.generateKeyPairSync("x25519"), crypto.generateKeyPairSync("x25519")];
    assert.deepEqual(crypto.diffieHellman({ privateKey: x.privateKey, publicKey: y.publicKey }), crypto.diffieHellman({ privateKey: y.privateKey, publicKey: x.publicKey }));
    const rsa = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    assert.equal(String(crypto.privateDecrypt(rsa.privateKey, crypto.publicEncrypt(rsa.publicKey, Buffer.from("secret")))), "secret");
  },
  "both sides of Diffie-Hellman share one secret"() {
    const [a, b] = [crypto.getDiffieHellman("modp14"), crypto.createDiffieHellman(crypto.getDiffieHellman("modp14").getPrime("hex"), "hex", 2)];
    a.generateKeys();
    assert.deepEqual(a.computeSecret(b.generateKeys("base64"), "base64"), b.computeSecret(a.getPublicKey()));
    assert.equal(b.setPrivateKey("05", "hex").generateKeys("hex"), "20");
    assert.equal(b.computeSecret("03", "hex").readUInt8(255), 243);
    assert.throws(() => a.computeSecret("01", "hex"), { name: "RangeError", message: /too small/ });
    assert.throws(() => crypto.getDiffieHellman("modp2"), /Only groups/);
    assert.equal(a.verifyError, 0);
    const own = crypto.createDiffieHellman(256, 5);
    assert.deepEqual([own.getPrime().length, own.getGenerator("hex"), own.verifyError], [32, "05", 0]);
    for (const options of [{ group: "modp15" }, { prime: own.getPrime(), generator: 5 }, { primeLength: 256 }]) {
      const x = crypto.generateKeyPairSync("dh", options);
      const y = crypto.generateKeyPairSync("dh", options.primeLength === undefined ? options : { group: "modp14" });
      const shared = (m, n) => crypto.diffieHellman({ privateKey: m.privateKey, publicKey: n.publicKey });
      if (options.primeLength === undefined) assert.deepEqual(shared(x, y), shared(y, x));
      else assert.throws(() => shared(x, y), /Failed to derive/);
      assert.ok(crypto.createPublicKey(x.privateKey).equals(x.publicKey));
      assert.throws(() => crypto.sign("sha256", Buffer.from("a"), x.privateKey), /share secrets/);
    }
  },
  "what a shared secret is made of may be given in any form"() {
    const [a, b] = [crypto.generateKeyPairSync("x25519"), crypto.generateKeyPairSync("x25519")];
    const secret = crypto.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey });
    const [own, other] = [a.privateKey.export({ type: "pkcs8", format: "pem" }), b.publicKey.export({ type: "spki", format: "pem" })];
    const der = { key: b.publicKey.export({ type: "spki", format: "der" }), format: "der", type: "spki" };
    for (const [privateKey, publicKey] of [[a.privateKey, b.privateKey], [own, other], [{ key: own }, Buffer.from(other)], [b.privateKey, a.publicKey], [a.privateKey, der]]) {
      assert.deepEqual(crypto.diffieHellman({ privateKey, publicKey }), secret);
    }
    const [m, n] = [crypto.generateKeyPairSync("dh", { group: "modp14" }), crypto.generateKeyPairSync("dh", { group: "modp14" })];
    assert.deepEqual(crypto.diffieHellman({ privateKey: m.privateKey, publicKey: n.privateKey }), crypto.diffieHellman({ privateKey: n.privateKey, publicKey: m.publicKey }));
    for (const wrong of [undefined, null, 5, crypto.createSecretKey(Buffer.from("a"))]) assert.throws(() => crypto.diffieHellman({ privateKey: a.privateKey, publicKey: wrong }), { code: "ERR_INVALID_ARG_TYPE" });
    assert.throws(() => crypto.diffieHellman({ privateKey: a.publicKey, publicKey: b.publicKey }), { code: "ERR_INVALID_ARG_TYPE" });
  },
  async "primes"() {
    assert.ok(crypto.checkPrimeSync(2n ** 521n - 1n, { checks: 20 }));
    assert.ok(!crypto.checkPrimeSync(2n ** 523n - 1n));
    const [generate, check] = [promisify(crypto.generatePrime), promisify(crypto.checkPrime)];
    assert.ok(await check(await generate(128)));
    const safe = await generate(96, { safe: true, bigint: true, add: 12n, rem: 11n });
    assert.ok(safe % 12n === 11n && (await check(safe)) && (await check((safe - 1n) / 2n)));
    assert.throws(() => crypto.generatePrimeSync(4, { safe: true }), { message: "Error while generating prime" });
    assert.throws(() => crypto.generatePrimeSync(32, { add: 9n, rem: 3n }), { message: "Invalid values for add and rem" });
  },
  "private keys under a passphrase"() {
    const [passphrase, cipher] = ["pässphrase", "aes-256-cbc"];
    for (const [type, options] of [...KEYS, ["x25519", {}], ["x448", {}]]) {
      const { privateKey } = crypto.generateKeyPairSync(type, options);
      const forms = [["pkcs8", "pem"], ["pkcs8", "der"], ...(type === "rsa" ? [["pkcs1", "pem"]] : type === "ec" ? [["sec1", "pem"]] : [])];
      for (const [type, format] of forms) {
        const key = privateKey.export({ type, format, cipher, passphrase });
        assert.ok(crypto.createPrivateKey({ key, format, type, passphrase }).equals(privateKey), `${type} ${format}`);
        assert.ok(crypto.createPrivateKey({ key, format, type, passphrase: Buffer.from(passphrase) }).equals(privateKey));
        for (const wrong of [undefined, "", "passphrase"]) assert.throws(() => crypto.createPrivateKey({ key, format, type, passphrase: wrong }), { message: "Failed to parse private key" });
      }
    }
    const privateKeyEncoding = { type: "pkcs8", format: "pem", cipher: "des-ede3-cbc", passphrase };
    const { publicKey, privateKey: key } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256", publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding });
    assert.ok(crypto.verify("sha256", Buffer.from("a"), publicKey, crypto.sign("sha256", Buffer.from("a"), { key, passphrase })));
    assert.throws(() => crypto.generateKeyPairSync("ed25519", { privateKeyEncoding: { type: "pkcs8", format: "pem", cipher } }), { code: "ERR_INVALID_ARG_TYPE" });
  },
  async "keys of Web Crypto are taken"() {
    const key = await webcrypto.subtle.importKey("raw", Buffer.from("key"), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    assert.equal(KeyObject.from(key).symmetricKeySize, 3);
    assert.equal(createHmac("sha256", key).update("a").digest("hex"), createHmac("sha256", "key").update("a").digest("hex"));
    assert.equal(webcrypto, globalThis.crypto);
  },
};
