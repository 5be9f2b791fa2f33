/** AES-CTR, AES-CBC, AES-GCM and AES-KW (Web Cryptography 27 to 30). */
import { native } from "../../host";
import { AES_CBC, AES_CTR, AES_GCM, AES_KEY, type Algorithm, type Dictionary, type Params } from "./algorithm";
import { checkAlg, type JsonWebKey } from "./jwk";
import { attempt, checkUsages, createKey, failed, invalidData, type KeyUsage, type Slots } from "./key";
import { generateSecret, readSecret, writeSecret } from "./secret";

type Name = "AES-CTR" | "AES-CBC" | "AES-GCM" | "AES-KW";
/** Vector, additional data, and the bits of tag or counter, after their checks. */
type Prepare = (params: Params, data: Uint8Array | null) => readonly [Uint8Array, Uint8Array | null, number];

const BLOCK_BYTES = 16;
const KEY_BITS = [128, 192, 256];
const TAG_BITS = [32, 64, 96, 104, 112, 120, 128];
const NONE = new Uint8Array(0);

function aes(name: Name, own: Dictionary, prepare: Prepare): Algorithm {
  const wraps: KeyUsage[] = ["wrapKey", "unwrapKey"];
  const allowed: KeyUsage[] = name === "AES-KW" ? wraps : ["encrypt", "decrypt", ...wraps];
  const jwkName = (bits: number): string => `A${bits}${name.slice(4)}`;
  const run = (encrypt: boolean) => (params: Params, key: Slots, data: Uint8Array): Uint8Array => {
    const [iv, additional, bits] = prepare(params, encrypt ? null : data);
    const cipher = encrypt ? native.aesEncrypt : native.aesDecrypt;
    return attempt(() => cipher(name, key.data, iv, data, additional, bits));
  };
  const keyLength = ({ length }: Params): number => {
    if (!KEY_BITS.includes(length!)) throw failed(`an AES key has 128, 192 or 256 bits, not ${length}`);
    return length!;
  };
  return {
    name,
    params: { generateKey: AES_KEY, keyLength: AES_KEY, encrypt: own, decrypt: own },
    keyLength,

    generateKey(params, extractable, usages) {
      checkUsages(name, usages, allowed);
      const length = keyLength(params);
      return generateSecret(length, { name, length }, extractable, usages);
    },

    importKey(format, source, params, extractable, usages) {
      const data = readSecret(format, source, params, extractable, usages, allowed, "enc");
      const length = data.length * 8;
      if (!KEY_BITS.includes(length)) throw invalidData(`an AES key has 128, 192 or 256 bits, not ${length}`);
      if (format === "jwk") checkAlg(source as JsonWebKey, jwkName(length));
      return createKey({ type: "secret", extractable, algorithm: { name, length }, usages, data });
    },

    exportKey: (format, key) => writeSecret(format, key, jwkName(key.algorithm.length!)),

    ...(name === "AES-KW" ? { wrapKey: run(true), unwrapKey: run(false) } : { encrypt: run(true), decrypt: run(false) }),
  };
}

export const aesGcm = aes("AES-GCM", AES_GCM, ({ iv, additionalData, tagLength = 128 }, sealed) => {
  if (!TAG_BITS.includes(tagLength)) throw failed(`a tag has 32, 64, 96, 104, 112, 120 or 128 bits, not ${tagLength}`);
  if (sealed !== null && sealed.length < tagLength / 8) throw failed("the data is shorter than its tag");
  return [iv!, additionalData ?? null, tagLength];
});

export const aesCbc = aes("AES-CBC", AES_CBC, ({ iv }) => [block(iv!, "iv"), null, 0]);

export const aesCtr = aes("AES-CTR", AES_CTR, ({ counter, length }) => {
  if (!(length! >= 1 && length! <= 128)) throw failed(`the counter has 1 to 128 bits, not ${length}`);
  return [block(counter!, "counter"), null, length!];
});

export const aesKw = aes("AES-KW", [], () => [NONE, null, 0]);

function block(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length !== BLOCK_BYTES) throw failed(`\`${name}\` has ${BLOCK_BYTES} bytes, not ${bytes.length}`);
  return bytes;
}
