/** Ed25519 and X25519 (Web Cryptography 25 and 26), Ed448 and X448 (Secure Curves in Web Cryptography). */
import { native } from "../../host";
import { type Algorithm, ECDH, ED448, type Operations, type Params } from "./algorithm";
import { checkBoth, checkHalf, generatePair, type Halves, keyOf, needHalf, readKey, writeKey } from "./asymmetric";
import { agree, DERIVING } from "./ec";
import { checkAlg, checkJwk, type JsonWebKey, memberOf } from "./jwk";
import { attempt, invalidData, notSupported } from "./key";

type Signing = "Ed25519" | "Ed448";
type Agreeing = "X25519" | "X448";

function okp(name: Signing | Agreeing, halves: Halves, use: string, params: Algorithm["params"], operations: Partial<Operations>): Algorithm {
  const signs = use === "sig";
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
        if (signs) checkAlg(jwk, name, "EdDSA");
        parts = (["x", ...(isPrivate ? (["d"] as const) : [])] as const).map((member) => memberOf(jwk, member));
      }
      const key = readKey(format === "jwk" ? "parts" : format, name, parts);
      return keyOf(key, { name }, extractable, usages);
    },

    exportKey: (format, key) => writeKey(format, key, "OKP", ["x", "d"], { crv: name, ...(signs ? { alg: name } : {}) }),
  };
}

function signing(name: Signing, params: Algorithm["params"]): Algorithm {
  return okp(name, { private: ["sign"], public: ["verify"] }, "sig", params, {
    sign(params, key, data) {
      needHalf(key, "private");
      checkContext(params);
      return attempt(() => native.sign(name, "", key.data, data, 0));
    },
    verify(params, key, signature, data) {
      needHalf(key, "public");
      checkContext(params);
      return attempt(() => native.verify(name, "", key.data, data, signature, 0));
    },
  });
}

function checkContext({ name, context }: Params): void {
  if (context !== undefined && context.length > 0) throw notSupported(`${name} with a context`);
}

const agreeing = (name: Agreeing): Algorithm =>
  okp(name, DERIVING, "enc", { deriveBits: ECDH }, { deriveBits: (params, key, bits) => agree(key, params.public!, bits) });

export const ed25519 = signing("Ed25519", {});
export const ed448 = signing("Ed448", { sign: ED448, verify: ED448 });
export const x25519 = agreeing("X25519");
export const x448 = agreeing("X448");
