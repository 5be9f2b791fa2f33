/** ECDSA and ECDH on the curves of NIST (Web Cryptography 23 and 24). */
import { native } from "../../host";
import { type Algorithm, CURVE, ECDH, HASHED, type Operations } from "./algorithm";
import { checkBoth, checkHalf, generatePair, type Halves, keyOf, needHalf, readKey, writeKey } from "./asymmetric";
import { checkAlg, checkJwk, type JsonWebKey, memberOf } from "./jwk";
import { attempt, invalidData, noAccess, notSupported, failed, type Slots } from "./key";

type Curve = "P-256" | "P-384" | "P-521";
const JWK_NAMES: Record<Curve, string> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" };

const isCurve = (name: string): name is Curve => Object.hasOwn(JWK_NAMES, name);

function ec(name: string, halves: Halves, use: string, params: Algorithm["params"], operations: Partial<Operations>): Algorithm {
  return {
    name,
    params: { generateKey: CURVE, importKey: CURVE, ...params },
    ...operations,

    generateKey(given, extractable, usages) {
      checkBoth(name, usages, halves);
      const namedCurve = given.namedCurve!;
      if (!isCurve(namedCurve)) throw notSupported(`the curve \`${namedCurve}\``);
      return generatePair(namedCurve, { name, namedCurve }, extractable, usages, halves);
    },

    importKey(format, source, given, extractable, usages) {
      const namedCurve = given.namedCurve!;
      const isPrivate = checkHalf(name, format, source, usages, halves);
      if (!isCurve(namedCurve)) throw invalidData(`\`${namedCurve}\` is not a known curve`);
      let parts = [source as Uint8Array];
      if (format === "jwk") {
        const jwk = source as JsonWebKey;
        checkJwk(jwk, "EC", use, extractable, usages);
        if (jwk.crv !== namedCurve) throw invalidData(`the \`crv\` of the JWK must be \`${namedCurve}\``);
        if (name === "ECDSA") checkAlg(jwk, JWK_NAMES[namedCurve]);
        parts = (["x", "y", ...(isPrivate ? (["d"] as const) : [])] as const).map((member) => memberOf(jwk, member));
      }
      const key = readKey(format === "jwk" ? "parts" : format, namedCurve, parts);
      return keyOf(key, { name, namedCurve }, extractable, usages);
    },

    exportKey: (format, key) => writeKey(format, key, "EC", ["x", "y", "d"], { crv: key.algorithm.namedCurve! }),
  };
}

export const ecdsa = ec("ECDSA", { private: ["sign"], public: ["verify"] }, "sig", { sign: HASHED, verify: HASHED }, {
  sign({ hash }, key, data) {
    needHalf(key, "private");
    return attempt(() => native.sign("ECDSA", hash!, key.data, native.digest(hash!, data), 0));
  },
  verify({ hash }, key, signature, data) {
    needHalf(key, "public");
    return attempt(() => native.verify("ECDSA", hash!, key.data, native.digest(hash!, data), signature, 0));
  },
});

export const DERIVING: Halves = { private: ["deriveKey", "deriveBits"], public: [] };

export const ecdh = ec("ECDH", DERIVING, "enc", { deriveBits: ECDH }, { deriveBits: (params, key, bits) => agree(key, params.public!, bits) });

/** The first bits of the shared secret; all of it for a null length (Web Cryptography 24.4.2, derive bits). */
export function agree(own: Slots, other: Slots, bits: number | null): Uint8Array {
  needHalf(own, "private");
  needHalf(other, "public");
  if (own.algorithm.name !== other.algorithm.name || own.kind !== other.kind) {
    throw noAccess("the public key is not of the private key's algorithm and curve");
  }
  const secret = attempt(() => native.deriveSecret(own.data, other.data));
  if (bits === null) return secret;
  if (bits > secret.length * 8) throw failed(`the secret has ${secret.length * 8} bits, fewer than ${bits}`);
  const part = secret.slice(0, Math.ceil(bits / 8));
  if (bits % 8 !== 0) part[part.length - 1]! &= 0xff << (8 - (bits % 8));
  return part;
}
