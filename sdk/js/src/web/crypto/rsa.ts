/** RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP (Web Cryptography 20 to 22). */
import { native } from "../../host";
import { type Algorithm, HASHED, type Operations, type Params, RSA_KEY, RSA_OAEP, RSA_PSS } from "./algorithm";
import { checkBoth, checkHalf, generatePair, type Halves, keyOf, needHalf, partsOf, readKey, writeKey } from "./asymmetric";
import { checkAlg, checkJwk, type JsonWebKey, memberOf } from "./jwk";
import { attempt, failed, type KeyAlgorithm, notSupported, type Slots, slotsOf } from "./key";

const PUBLIC = ["n", "e"] as const;
const NUMBERS = [...PUBLIC, "d", "p", "q", "dp", "dq", "qi"] as const;
const NONE = new Uint8Array(0);

function rsa(name: string, halves: Halves, use: string, jwkName: (hash: string) => string, params: Algorithm["params"], operations: Partial<Operations>): Algorithm {
  return {
    name,
    params: { generateKey: RSA_KEY, importKey: HASHED, ...params },
    ...operations,

    generateKey({ modulusLength, publicExponent, hash }, extractable, usages) {
      checkBoth(name, usages, halves);
      checkModulus(modulusLength!);
      const exponent = toNumber(publicExponent!);
      if (exponent !== 3 && exponent !== 65_537) throw failed(`the public exponent must be 3 or 65537, not ${exponent}`);
      const algorithm = { name, modulusLength: modulusLength!, publicExponent: publicExponent!, hash: { name: hash! } };
      return generatePair("rsa", algorithm, extractable, usages, halves);
    },

    importKey(format, source, { hash }, extractable, usages) {
      if (format === "raw") throw notSupported(`the key format \`raw\` for ${name}`);
      const isPrivate = checkHalf(name, format, source, usages, halves);
      let parts = [source as Uint8Array];
      if (format === "jwk") {
        const jwk = source as JsonWebKey;
        checkJwk(jwk, "RSA", use, extractable, usages);
        checkAlg(jwk, jwkName(hash!));
        if (jwk.oth !== undefined) throw notSupported("an RSA key with more than two primes");
        parts = (isPrivate ? NUMBERS : PUBLIC).map((member) => memberOf(jwk, member));
      }
      const key = readKey(format === "jwk" ? "parts" : format, "rsa", parts);
      const algorithm: KeyAlgorithm = { name, modulusLength: 0, publicExponent: NONE, hash: { name: hash! } };
      const made = keyOf(key, algorithm, extractable, usages);
      const [n, e] = partsOf(slotsOf(made)!);
      algorithm.modulusLength = bitsOf(n!);
      algorithm.publicExponent = e!;
      return made;
    },

    exportKey: (format, key) => writeKey(format, key, "RSA", NUMBERS, { alg: jwkName(key.algorithm.hash!.name) }),
  };
}

const SIGNING: Halves = { private: ["sign"], public: ["verify"] };
const SEALING: Halves = { private: ["decrypt", "unwrapKey"], public: ["encrypt", "wrapKey"] };

/** No modulus has room for as many bytes; the host has a meaning of its own for the largest number. */
const SALT_BYTES_TOO_MANY = 0xffff;

function signing(name: "RSASSA-PKCS1-v1_5" | "RSA-PSS"): Partial<Operations> {
  const saltOf = ({ saltLength = 0 }: Params): number => Math.min(saltLength, SALT_BYTES_TOO_MANY);
  const digestOf = (key: Slots, data: Uint8Array): Uint8Array => native.digest(key.algorithm.hash!.name, data);
  return {
    sign(params, key, data) {
      needHalf(key, "private");
      return attempt(() => native.sign(name, key.algorithm.hash!.name, key.data, digestOf(key, data), saltOf(params)));
    },
    verify(params, key, signature, data) {
      needHalf(key, "public");
      return attempt(() => native.verify(name, key.algorithm.hash!.name, key.data, digestOf(key, data), signature, saltOf(params)));
    },
  };
}

export const rsaPkcs1 = rsa("RSASSA-PKCS1-v1_5", SIGNING, "sig", (hash) => hash.replace("SHA-", "RS"), {}, signing("RSASSA-PKCS1-v1_5"));
export const rsaPss = rsa("RSA-PSS", SIGNING, "sig", (hash) => hash.replace("SHA-", "PS"), { sign: RSA_PSS, verify: RSA_PSS }, signing("RSA-PSS"));
export const rsaOaep = rsa(
  "RSA-OAEP",
  SEALING,
  "enc",
  (hash) => (hash === "SHA-1" ? "RSA-OAEP" : hash.replace("SHA", "RSA-OAEP")),
  { encrypt: RSA_OAEP, decrypt: RSA_OAEP },
  {
    encrypt({ label }, key, data) {
      needHalf(key, "public");
      return attempt(() => native.rsaEncrypt("OAEP", key.algorithm.hash!.name, key.data, data, label ?? NONE));
    },
    decrypt({ label }, key, data) {
      needHalf(key, "private");
      return attempt(() => native.rsaDecrypt("OAEP", key.algorithm.hash!.name, key.data, data, label ?? NONE));
    },
  },
);

/** What the host makes; said before it is asked, because the check of the usages comes after this one. */
function checkModulus(bits: number): void {
  if (bits < 1024 || bits > 4096 || bits % 128 !== 0) throw failed(`a modulus has 1024 to 4096 bits, a multiple of 128, not ${bits}`);
}

function toNumber(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function bitsOf(number: Uint8Array): number {
  return number.length === 0 ? 0 : number.length * 8 - Math.clz32(number[0]!) + 24;
}
