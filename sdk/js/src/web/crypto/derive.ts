/** HKDF and PBKDF2 (Web Cryptography 32 and 33): keys that only other keys are made of. */
import { native } from "../../host";
import { type Algorithm, type Dictionary, HKDF, hashBytes, type Params, PBKDF2 } from "./algorithm";
import { DOMException } from "../dom-exception";
import { attempt, checkUsages, createKey, failed, notSupported } from "./key";

/** RFC 5869 2.3. */
const HKDF_BLOCKS_MAX = 255;

type Derive = (params: Params, secret: Uint8Array, bytes: number) => Uint8Array;

function derivation(name: string, own: Dictionary, derive: Derive): Algorithm {
  return {
    name,
    params: { deriveBits: own },
    keyLength: () => null,

    importKey(format, source, params, extractable, usages) {
      if (format !== "raw") throw notSupported(`the key format \`${format}\` for ${name}`);
      checkUsages(name, usages, ["deriveKey", "deriveBits"]);
      if (extractable) throw new DOMException(`a key for ${name} is never extractable`, "SyntaxError");
      return createKey({ type: "secret", extractable, algorithm: { name: params.name }, usages, data: (source as Uint8Array).slice() });
    },

    deriveBits(params, key, bits) {
      if (bits === null || bits % 8 !== 0) throw failed(`${name} derives a multiple of 8 bits, not ${bits}`);
      return attempt(() => derive(params, key.data, bits / 8));
    },
  };
}

export const hkdf = derivation("HKDF", HKDF, ({ hash, salt, info }, secret, bytes) => {
  if (bytes > HKDF_BLOCKS_MAX * hashBytes(hash!)) throw failed(`HKDF gives ${HKDF_BLOCKS_MAX * hashBytes(hash!)} bytes at most, not ${bytes}`);
  return native.hkdf(hash!, secret, salt!, info!, bytes);
});

export const pbkdf2 = derivation("PBKDF2", PBKDF2, ({ hash, salt, iterations }, secret, bytes) => {
  if (iterations === 0) throw failed("PBKDF2 needs at least 1 iteration");
  return bytes === 0 ? new Uint8Array(0) : native.pbkdf2(hash!, secret, salt!, iterations!, bytes);
});
