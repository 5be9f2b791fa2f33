/** HKDF and PBKDF2 (Web Cryptography 32 and 33): keys that only other keys are made of. */
import { native } from "../../host";
import { isBufferSource, viewOf } from "../bytes";
import { DOMException } from "../dom-exception";
import type { Algorithm } from "./algorithm";
import { checkUsages, createKey, hashBytes, hashOf, keyData, notSupported, type Params } from "./key";

type Derive = (params: Params, secret: Uint8Array, length: number) => Uint8Array;

function derivation(name: string, derive: Derive): Algorithm {
  return {
    importKey(format, source, _params, extractable, usages) {
      if (format !== "raw") throw notSupported(`the format ${format} for ${name}`);
      checkUsages(name, usages, ["deriveKey", "deriveBits"]);
      if (extractable) throw new DOMException(`a key for ${name} cannot be extractable`, "SyntaxError");
      return createKey(source as Uint8Array, { name }, false, usages);
    },

    deriveBits(params, key, bits) {
      if (bits % 8 !== 0) throw failed(`${bits} bits are not whole bytes`);
      return bits === 0 ? new Uint8Array(0) : derive(params, keyData(key), bits / 8);
    },

    keyBits: () => null,
  };
}

export const hkdf = derivation("HKDF", (params, secret, length) => {
  const hash = hashOf(params);
  const lengthMax = 255 * hashBytes(hash);
  if (length > lengthMax) throw failed(`HKDF with ${hash} gives at most ${lengthMax} bytes, not ${length}`);
  return native.hkdf(hash, secret, bytesOf(params, "salt"), bytesOf(params, "info"), length);
});

export const pbkdf2 = derivation("PBKDF2", (params, secret, length) => {
  const iterations = Number(params["iterations"]);
  if (!(iterations >= 1)) throw failed("PBKDF2 needs at least 1 iteration");
  return native.pbkdf2(hashOf(params), secret, bytesOf(params, "salt"), iterations, length);
});

function bytesOf(params: Params, name: string): Uint8Array {
  const value = params[name];
  if (!isBufferSource(value)) throw new TypeError(`${params.name} needs \`${name}\` as an ArrayBuffer or a view`);
  return viewOf(value);
}

function failed(message: string): DOMException {
  return new DOMException(message, "OperationError");
}
