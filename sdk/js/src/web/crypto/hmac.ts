/** HMAC (Web Cryptography 31). */
import { native } from "../../host";
import type { Algorithm } from "./algorithm";
import { blockBits, checkUsages, createKey, hashOf, invalid, keyData, type Params, readJwk, writeJwk } from "./key";
import { DOMException } from "../dom-exception";

const NAME = "HMAC";

export const hmac: Algorithm = {
  generateKey(params, extractable, usages) {
    const hash = hashOf(params);
    checkUsages(NAME, usages, ["sign", "verify"]);
    const bits = keyBits(params, hash);
    const data = new Uint8Array(Math.ceil(bits / 8));
    native.randomFill(data);
    return createKey(data, { name: NAME, hash: { name: hash }, length: bits }, extractable, usages);
  },

  importKey(format, source, params, extractable, usages) {
    const hash = hashOf(params);
    checkUsages(NAME, usages, ["sign", "verify"]);
    const data = format === "raw" ? (source as Uint8Array) : readJwk(source as object, jwkName(hash), "sig", extractable, usages);
    if (data.length === 0) throw invalid("a key for HMAC cannot be empty");
    const bits = params["length"] === undefined ? data.length * 8 : Number(params["length"]);
    if (Math.ceil(bits / 8) !== data.length) throw invalid(`the key has ${data.length * 8} bits, not ${bits}`);
    return createKey(data, { name: NAME, hash: { name: hash }, length: bits }, extractable, usages);
  },

  exportJwk: (key) => writeJwk(key, jwkName(key.algorithm.hash!.name)),

  sign: (key, data) => native.hmac(key.algorithm.hash!.name, keyData(key), data),

  verify: (key, signature, data) => native.timingSafeEqual(native.hmac(key.algorithm.hash!.name, keyData(key), data), signature),

  keyBits: (params) => keyBits(params, hashOf(params)),
};

function keyBits(params: Params, hash: string): number {
  if (params["length"] === undefined) return blockBits(hash);
  const bits = Number(params["length"]);
  if (!(bits > 0)) throw new DOMException("the length of a key for HMAC must be over 0 bits", "OperationError");
  return bits;
}

function jwkName(hash: string): string {
  return hash.replace("SHA-", "HS");
}
