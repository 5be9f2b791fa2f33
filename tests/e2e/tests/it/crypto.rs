//! `crypto.subtle` with every algorithm, in a worker on the host.

use ouro_test_harness::{Deploy, TestServer};
use serde_json::json;

async fn deployed(name: &str, source: &str) -> TestServer {
    let server = TestServer::shared().await;
    server.deploy(name, source).await;
    server
}

#[tokio::test]
async fn every_algorithm_signs_and_verifies() {
    let source = r#"
        const data = new TextEncoder().encode("what is signed");
        const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
        const cases = [
            [{ name: "RSASSA-PKCS1-v1_5", ...rsa }, {}],
            [{ name: "RSA-PSS", ...rsa }, { saltLength: 32 }],
            [{ name: "ECDSA", namedCurve: "P-256" }, { hash: "SHA-256" }],
            [{ name: "ECDSA", namedCurve: "P-384" }, { hash: "SHA-512" }],
            [{ name: "ECDSA", namedCurve: "P-521" }, { hash: "SHA-1" }],
            [{ name: "Ed25519" }, {}],
            [{ name: "Ed448" }, {}],
        ];
        export default { async fetch() {
            const answers = [];
            for (const [made, used] of cases) {
                const params = { name: made.name, ...used };
                const { privateKey, publicKey } = await crypto.subtle.generateKey(made, true, ["sign", "verify"]);
                const signature = await crypto.subtle.sign(params, privateKey, data);
                const right = await crypto.subtle.verify(params, publicKey, signature, data);
                const wrong = await crypto.subtle.verify(params, publicKey, signature, data.slice(1));
                // Another copy of the key, by way of its JWK.
                const jwk = await crypto.subtle.exportKey("jwk", publicKey);
                const copy = await crypto.subtle.importKey("jwk", jwk, made, true, ["verify"]);
                const again = await crypto.subtle.verify(params, copy, signature, data);
                answers.push([made.name, signature.byteLength, right, wrong, again, jwk.kty]);
            }
            return Response.json(answers);
        } };
    "#;
    let server = deployed("crypto-signs", source).await;
    let expected = json!([
        ["RSASSA-PKCS1-v1_5", 256, true, false, true, "RSA"],
        ["RSA-PSS", 256, true, false, true, "RSA"],
        ["ECDSA", 64, true, false, true, "EC"],
        ["ECDSA", 96, true, false, true, "EC"],
        ["ECDSA", 132, true, false, true, "EC"],
        ["Ed25519", 64, true, false, true, "OKP"],
        ["Ed448", 114, true, false, true, "OKP"],
    ]);
    let answer = server.get("crypto-signs", "/").await.expect(200).json();
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn every_cipher_opens_what_it_sealed_and_wraps_keys() {
    let source = r#"
        const { subtle } = crypto;
        const data = new TextEncoder().encode("what is sealed".repeat(9));
        const text = (buffer) => new TextDecoder().decode(buffer);
        // The last 4 bits count, and wrap.
        const counter = new Uint8Array(16).fill(0xff);
        const ciphers = [
            { name: "AES-CBC", iv: new Uint8Array(16) },
            { name: "AES-CTR", counter, length: 4 },
            ...[32, 64, 96, 128].map((tagLength) => ({ name: "AES-GCM", iv: new Uint8Array(7), tagLength })),
        ];
        async function sealed(params, length) {
            const key = await subtle.generateKey({ name: params.name, length }, true, ["encrypt", "decrypt", "wrapKey"]);
            const other = await subtle.encrypt(params, key, data);
            return text(await subtle.decrypt(params, key, other)) === text(data);
        }
        export default { async fetch() {
            const opened = [];
            for (const params of ciphers) for (const length of [128, 192, 256]) opened.push(await sealed(params, length));

            const rsa = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
            const pair = await subtle.generateKey(rsa, false, ["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
            const inner = await subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
            const wrapped = await subtle.wrapKey("raw", inner, pair.publicKey, { name: "RSA-OAEP", label: new Uint8Array(2) });
            const unwrapped = await subtle.unwrapKey("raw", wrapped, pair.privateKey, { name: "RSA-OAEP", label: new Uint8Array(2) }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
            const same = (await subtle.exportKey("jwk", unwrapped)).k === (await subtle.exportKey("jwk", inner)).k;

            // RFC 3394 4.1.
            const bytes = (from, count) => Uint8Array.from({ length: count }, (_, i) => from(i));
            const kek = await subtle.importKey("raw", bytes((i) => i, 16), "AES-KW", false, ["wrapKey"]);
            const key = await subtle.importKey("raw", bytes((i) => i * 17, 16), "AES-GCM", true, ["encrypt"]);
            const hex = [...new Uint8Array(await subtle.wrapKey("raw", key, kek, "AES-KW"))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

            const changed = await subtle.decrypt({ name: "RSA-OAEP" }, pair.privateKey, wrapped).catch((error) => error.name);
            return Response.json({ opened: [...new Set(opened)], count: opened.length, same, hex, changed });
        } };
    "#;
    let server = deployed("crypto-seals", source).await;
    let expected = json!({
        "opened": [true],
        "count": 18,
        "same": true,
        "hex": "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
        "changed": "OperationError",
    });
    let answer = server.get("crypto-seals", "/").await.expect(200).json();
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn secrets_are_derived_and_shared() {
    let source = r#"
        const { subtle } = crypto;
        async function shared(algorithm) {
            const [a, b] = await Promise.all([0, 1].map(() => subtle.generateKey(algorithm, false, ["deriveBits", "deriveKey"])));
            const one = await subtle.deriveBits({ name: algorithm.name, public: b.publicKey }, a.privateKey, null);
            const key = await subtle.deriveKey({ name: algorithm.name, public: a.publicKey }, b.privateKey, { name: "AES-GCM", length: 256 }, true, ["encrypt"]);
            const two = await subtle.exportKey("raw", key);
            return subtle.timingSafeEqual(one.slice(0, 32), two) && one.byteLength;
        }
        export default { async fetch() {
            const bits = [];
            for (const namedCurve of ["P-256", "P-384", "P-521"]) bits.push(await shared({ name: "ECDH", namedCurve }));
            bits.push(await shared({ name: "X25519" }));
            // RFC 6070 2.
            const password = await subtle.importKey("raw", new TextEncoder().encode("password"), "PBKDF2", false, ["deriveBits"]);
            const salt = new TextEncoder().encode("salt");
            const derived = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt, iterations: 4096 }, password, 32);
            const tooMany = await subtle.deriveBits({ name: "PBKDF2", hash: "SHA-1", salt, iterations: 4e9 }, password, 32).catch((error) => error.name);
            return Response.json([bits, [...new Uint8Array(derived)], tooMany]);
        } };
    "#;
    let server = deployed("crypto-derives", source).await;
    let expected = json!([
        [32, 48, 66, 32],
        [0x4b, 0x00, 0x79, 0x01],
        "NotSupportedError"
    ]);
    let answer = server.get("crypto-derives", "/").await.expect(200).json();
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn time_in_the_host_counts_as_the_invocations() {
    let source = r#"
        export default { async fetch() {
            const password = await crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]);
            const params = { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: 1_000_000 };
            for (;;) await crypto.subtle.deriveBits(params, password, 512);
        } };
    "#;
    let server = TestServer::shared().await;
    let deploy = Deploy::default().field("limits", json!({ "cpu_ms": 300 }));
    server.deploy_with("crypto-loops", source, deploy).await;
    let answer = server.get("crypto-loops", "/").await.expect(503);
    assert_eq!(answer.json()["code"], "exceeded_cpu");
}
