/** Web Cryptography, messages, clones and the clocks. */

const id: `${string}-${string}-${string}-${string}-${string}` = crypto.randomUUID();
const random: Uint32Array = crypto.getRandomValues(new Uint32Array(1));
// @ts-expect-error integers alone
crypto.getRandomValues(new Float64Array(1));

const { subtle } = crypto;
const data = new TextEncoder().encode("a");
const digest: ArrayBuffer = await subtle.digest("SHA-256", data);
const pair: CryptoKeyPair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const edwards: CryptoKeyPair = await subtle.generateKey("Ed25519", false, ["sign", "verify"]);
const key: CryptoKey = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
const rsa: CryptoKeyPair = await subtle.generateKey(
  { name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
  false,
  ["sign", "verify"],
);
const hmac = await subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
const jwk: JsonWebKey = await subtle.exportKey("jwk", pair.publicKey);
await subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
// @ts-expect-error a JWK is no buffer
await subtle.importKey("jwk", data, "HMAC", false, ["sign"]);
// @ts-expect-error there is no such usage
await subtle.importKey("raw", data, "HKDF", false, ["derive"]);
const signature: ArrayBuffer = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data);
const valid: boolean = await subtle.verify("Ed25519", edwards.publicKey, signature, data);
const sealed: ArrayBuffer = await subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12), additionalData: data, tagLength: 128 }, key, data);
const derived: CryptoKey = await subtle.deriveKey(
  { name: "PBKDF2", hash: "SHA-256", salt: data, iterations: 1 },
  hmac,
  { name: "AES-CBC", length: 128 },
  false,
  ["encrypt"],
);
const bits: ArrayBuffer = await subtle.deriveBits({ name: "X25519", public: pair.publicKey }, key);
const same: boolean = subtle.timingSafeEqual(digest, signature);
const [firstUsage] = key.usages;
const usage: "decrypt" | "deriveBits" | "deriveKey" | "encrypt" | "sign" | "unwrapKey" | "verify" | "wrapKey" | undefined = firstUsage;
// @ts-expect-error read-only
key.extractable = true;

const stream = new crypto.DigestStream("SHA-256");
await new Blob(["a"]).stream().pipeTo(stream);
const hashed: ArrayBuffer = await stream.digest;
const written: bigint = stream.bytesWritten;

const copy: { a: Date } = structuredClone({ a: new Date() }, { transfer: [new ArrayBuffer(1), new ReadableStream()] });
// @ts-expect-error nothing that could be transferred
structuredClone({}, { transfer: [{}] });
const { port1, port2 } = new MessageChannel();
port2.onmessage = ({ data: message, ports }) => console.log(message, ports.length);
port1.postMessage({ a: 1 }, [new ArrayBuffer(1)]);
port1.postMessage("a", { transfer: [port2] });
port1.close();

performance.mark("a", { detail: { b: 1 } });
const measure: PerformanceMeasure = performance.measure("b", { start: "a", duration: 1 });
const duration: number = measure.duration + performance.now() + performance.timeOrigin;
const observer = new PerformanceObserver((list, self) => console.log(list.getEntriesByType("mark").length, self === observer));
observer.observe({ type: "mark", buffered: true });
const supported: readonly string[] = PerformanceObserver.supportedEntryTypes;
// @ts-expect-error of pages
performance.getEntries()[0]?.transferSize;

export { bits, copy, derived, duration, hashed, id, random, rsa, same, sealed, supported, usage, valid, written };
