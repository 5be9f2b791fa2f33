/** HMAC (Web Cryptography 31). */
import { native } from "../../host";
import { type Algorithm, HMAC_KEY, type Params } from "./algorithm";
import { checkAlg, type JsonWebKey } from "./jwk";
import { checkUsages, createKey, failed, invalidData, type KeyUsage } from "./key";
import { generateSecret, readSecret, writeSecret } from "./secret";

const USAGES: readonly KeyUsage[] = ["sign", "verify"];
/** No key is this long in earnest. */
const KEY_BITS_MAX = 1 << 23;

export const hmac: Algorithm = {
  name: "HMAC",
  params: { generateKey: HMAC_KEY, importKey: HMAC_KEY, keyLength: HMAC_KEY },

  generateKey(params, extractable, usages) {
    checkUsages("HMAC", usages, USAGES);
    const length = params.length ?? blockBits(params.hash!);
    if (length === 0 || length > KEY_BITS_MAX) throw failed(`a key for HMAC has 1 to ${KEY_BITS_MAX} bits, not ${length}`);
    return generateSecret(length, { name: "HMAC", hash: { name: params.hash! }, length }, extractable, usages);
  },

  importKey(format, source, params, extractable, usages) {
    const data = readSecret(format, source, params, extractable, usages, USAGES, "sig");
    if (format === "jwk") checkAlg(source as JsonWebKey, jwkName(params.hash!));
    const given = data.length * 8;
    if (given === 0) throw invalidData("a key for HMAC cannot be empty");
    const length = params.length ?? given;
    if (length > given || length <= given - 8) throw invalidData(`the key has ${given} bits, not ${length}`);
    // A key whose length is no multiple of 8 ends in bits that do not count.
    if (length % 8 !== 0) data[data.length - 1]! &= 0xff << (8 - (length % 8));
    return createKey({ type: "secret", extractable, algorithm: { name: "HMAC", hash: { name: params.hash! }, length }, usages, data });
  },

  exportKey: (format, key) => writeSecret(format, key, jwkName(key.algorithm.hash!.name)),
  sign: (_params, key, data) => native.hmac(key.algorithm.hash!.name, key.data, data),
  verify: (_params, key, signature, data) => native.timingSafeEqual(native.hmac(key.algorithm.hash!.name, key.data, data), signature),

  keyLength(params: Params) {
    if (params.length === 0) throw new TypeError("the length of a key for HMAC must be over 0 bits");
    return params.length ?? blockBits(params.hash!);
  },
};

const blockBits = (hash: string): number => (hash === "SHA-1" || hash === "SHA-256" ? 512 : 1024);
const jwkName = (hash: string): string => hash.replace("SHA-", "HS");
