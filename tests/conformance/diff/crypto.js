// Web Crypto.
//// random-uuid-shape
return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID());
//// random-values
const v = crypto.getRandomValues(new Uint8Array(32)); return [v.length, v.some((x) => x !== 0)];
//// random-values-too-many
crypto.getRandomValues(new Uint8Array(65537));
//// random-values-float
crypto.getRandomValues(new Float32Array(1));
//// digests
const d = new TextEncoder().encode("abc"); return Promise.all(["SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5"].map((a) => crypto.subtle.digest(a, d)));
//// digest-unknown
await crypto.subtle.digest("SHA-7", new Uint8Array());
//// hmac
const k = await crypto.subtle.importKey("raw", new TextEncoder().encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]); const s = await crypto.subtle.sign("HMAC", k, new TextEncoder().encode("data")); return [s, await crypto.subtle.verify("HMAC", k, s, new TextEncoder().encode("data")), k.type, k.extractable, k.algorithm, k.usages];
//// export-not-extractable
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt"]); await crypto.subtle.exportKey("raw", k);
//// wrong-usage
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["decrypt"]); await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, k, new Uint8Array(1));
//// aes-gcm
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["encrypt", "decrypt"]); const a = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: new Uint8Array([1]) }; const c = await crypto.subtle.encrypt(a, k, new Uint8Array([1, 2, 3])); return [c, await crypto.subtle.decrypt(a, k, c)];
//// aes-gcm-tampered
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["encrypt", "decrypt"]); const a = { name: "AES-GCM", iv: new Uint8Array(12) }; const c = new Uint8Array(await crypto.subtle.encrypt(a, k, new Uint8Array([1]))); c[0] ^= 1; await crypto.subtle.decrypt(a, k, c);
//// aes-cbc-and-ctr
const out = []; for (const [name, p] of [["AES-CBC", { iv: new Uint8Array(16) }], ["AES-CTR", { counter: new Uint8Array(16), length: 64 }]]) { const k = await crypto.subtle.importKey("raw", new Uint8Array(32), name, true, ["encrypt"]); out.push(await crypto.subtle.encrypt({ name, ...p }, k, new Uint8Array(20))); } return out;
//// aes-kw
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-KW", true, ["wrapKey", "unwrapKey"]); const x = await crypto.subtle.importKey("raw", new Uint8Array(32).fill(7), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]); return crypto.subtle.wrapKey("raw", x, k, "AES-KW");
//// pbkdf2
const k = await crypto.subtle.importKey("raw", new TextEncoder().encode("pw"), "PBKDF2", false, ["deriveBits"]); return crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(8), iterations: 1000 }, k, 128);
//// hkdf
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "HKDF", false, ["deriveBits", "deriveKey"]); return crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt: new Uint8Array(4), info: new Uint8Array(4) }, k, 256);
//// ecdsa-round-trip
const k = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]); const s = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, k.privateKey, new Uint8Array(3)); const jwk = await crypto.subtle.exportKey("jwk", k.publicKey); return [s.byteLength, await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, k.publicKey, s, new Uint8Array(3)), Object.keys(jwk).sort(), jwk.kty, jwk.crv];
//// ecdh-agree
const g = () => crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-384" }, true, ["deriveBits"]); const [a, b] = [await g(), await g()]; const d = (x, y) => crypto.subtle.deriveBits({ name: "ECDH", public: y.publicKey }, x.privateKey, 384); const [x, y] = [new Uint8Array(await d(a, b)), new Uint8Array(await d(b, a))]; return x.every((v, i) => v === y[i]);
//// rsa-sign
const k = await crypto.subtle.generateKey({ name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign", "verify"]); const s = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", k.privateKey, new Uint8Array(3)); return [s.byteLength, await crypto.subtle.verify("RSASSA-PKCS1-v1_5", k.publicKey, s, new Uint8Array(3)), k.publicKey.algorithm];
//// ed25519
const k = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }, "Ed25519", false, ["sign"]); return crypto.subtle.sign("Ed25519", k, new TextEncoder().encode("x"));
//// x25519
const k = await crypto.subtle.generateKey("X25519", true, ["deriveBits"]); return [(await crypto.subtle.exportKey("raw", k.publicKey)).byteLength, k.privateKey.type];
//// jwk-of-aes
const k = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["encrypt"]); return crypto.subtle.exportKey("jwk", k);
//// import-bad-key-length
await crypto.subtle.importKey("raw", new Uint8Array(5), "AES-GCM", true, ["encrypt"]);
//// import-no-usages
await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, []);
//// import-unknown-algorithm
await crypto.subtle.importKey("raw", new Uint8Array(16), "NOPE", true, ["encrypt"]);
//// timing-safe-equal
return [crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([1])), crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([2]))];
//// timing-safe-equal-lengths
crypto.subtle.timingSafeEqual(new Uint8Array(1), new Uint8Array(2));
//// digest-stream
const s = new crypto.DigestStream("SHA-256"); await new Response("abc").body.pipeTo(s); return s.digest;
//// crypto-key-constructor
new CryptoKey();
