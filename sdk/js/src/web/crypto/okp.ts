/** Ed25519 and X25519 (Web Cryptography 25 and 26). */
import { native } from "../../host";
import { type Algorithm, ECDH, type Operations } from "./algorithm";
import { checkBoth, checkHalf, generatePair, type Halves, keyOf, needHalf, readKey, writeKey } from "./asymmetric";
import { agree, DERIVING } from "./ec";
import { checkAlg, checkJwk, type JsonWebKey, memberOf } from "./jwk";
import { attempt, invalidData } from "./key";

function okp(name: "Ed25519" | "X25519", halves: Halves, use: string, params: Algorithm["params"], operations: Partial<Operations>): Algorithm {
  return {
    name,
    params,
    ...operations,

    generateKey(_params, extractable, usages) {
      checkBoth(name, usages, halves);
      return generatePair(name, { name }, extractable, usages, halves);
    },

    importKey(format, source, _params, extractable, usages) {
      const isPrivate = checkHalf(name, format, source, usages, halves);
      let parts = [source as Uint8Array];
      if (format === "jwk") {
        const jwk = source as JsonWebKey;
        checkJwk(jwk, "OKP", use, extractable, usages);
        if (jwk.crv !== name) throw invalidData(`the \`crv\` of the JWK must be \`${name}\``);
        if (name === "Ed25519") checkAlg(jwk, "Ed25519", "EdDSA");
        parts = (["x", ...(isPrivate ? (["d"] as const) : [])] as const).map((member) => memberOf(jwk, member));
      }
      const key = readKey(format === "jwk" ? "parts" : format, name, parts);
      return keyOf(key, { name }, extractable, usages);
    },

    exportKey: (format, key) => writeKey(format, key, "OKP", ["x", "d"], { crv: name, ...(name === "Ed25519" ? { alg: name } : {}) }),
  };
}

export const ed25519 = okp("Ed25519", { private: ["sign"], public: ["verify"] }, "sig", {}, {
  sign(_params, key, data) {
    needHalf(key, "private");
    return attempt(() => native.sign("Ed25519", "", key.data, data, 0));
  },
  verify(_params, key, signature, data) {
    needHalf(key, "public");
    return attempt(() => native.verify("Ed25519", "", key.data, data, signature, 0));
  },
});

export const x25519 = okp("X25519", DERIVING, "enc", { deriveBits: ECDH }, { deriveBits: (params, key, bits) => agree(key, params.public!, bits) });
