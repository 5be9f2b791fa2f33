/** AES-GCM, AES-CBC and AES-CTR (Web Cryptography 27 to 29). */
import { native } from "../../host";
import { isBufferSource, viewOf } from "../bytes";
import { DOMException } from "../dom-exception";
import type { Algorithm } from "./algorithm";
import { checkUsages, createKey, type CryptoKey, invalid, type KeyUsage, keyData, type Params, readJwk, writeJwk } from "./key";

type Mode = "AES-GCM" | "AES-CBC" | "AES-CTR";
type Cipher = typeof native.aesEncrypt;
type Apply = (cipher: Cipher, params: Params, key: Uint8Array, data: Uint8Array) => Uint8Array;

const KEY_USAGES: readonly KeyUsage[] = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
const BLOCK_BYTES = 16;

function aes(mode: Mode, apply: Apply): Algorithm {
  const run = (cipher: Cipher, params: Params, key: CryptoKey, data: Uint8Array): Uint8Array => {
    try {
      return apply(cipher, params, keyData(key), data);
    } catch (error) {
      if (error instanceof DOMException || error instanceof TypeError) throw error;
      throw failed("the operation failed");
    }
  };
  return {
    generateKey(params, extractable, usages) {
      checkUsages(mode, usages, KEY_USAGES);
      const data = new Uint8Array(keyBits(params) / 8);
      native.randomFill(data);
      return createKey(data, { name: mode, length: data.length * 8 }, extractable, usages);
    },

    importKey(format, source, _params, extractable, usages) {
      checkUsages(mode, usages, KEY_USAGES);
      const data = format === "raw" ? (source as Uint8Array) : readJwk(source as object, null, "enc", extractable, usages);
      const bits = data.length * 8;
      if (!isKeyLength(bits)) throw invalid(`a key for ${mode} has 128, 192 or 256 bits, not ${bits}`);
      const alg = format === "jwk" ? (source as { alg?: string }).alg : undefined;
      if (alg !== undefined && alg !== jwkName(mode, bits)) throw invalid(`the \`alg\` of the JWK must be \`${jwkName(mode, bits)}\``);
      return createKey(data, { name: mode, length: bits }, extractable, usages);
    },

    exportJwk: (key) => writeJwk(key, jwkName(mode, key.algorithm.length!)),
    encrypt: (params, key, data) => run(native.aesEncrypt, params, key, data),
    decrypt: (params, key, data) => run(native.aesDecrypt, params, key, data),
    keyBits,
  };
}

export const aesGcm = aes("AES-GCM", (cipher, params, key, data) => {
  const tagBits = params["tagLength"] === undefined ? 128 : Number(params["tagLength"]);
  if (![32, 64, 96, 104, 112, 120, 128].includes(tagBits)) throw failed(`a tag has 32, 64, 96, 104, 112, 120 or 128 bits, not ${tagBits}`);
  if (cipher === native.aesDecrypt && data.length < tagBits / 8) throw failed("the data is shorter than its tag");
  const additional = params["additionalData"] === undefined ? null : bytesOf(params, "additionalData");
  return cipher("AES-GCM", key, bytesOf(params, "iv"), data, additional, tagBits);
});

export const aesCbc = aes("AES-CBC", (cipher, params, key, data) => cipher("AES-CBC", key, blockOf(params, "iv"), data, null, 0));

export const aesCtr = aes("AES-CTR", (cipher, params, key, data) => {
  const counter = blockOf(params, "counter");
  const bits = Number(params["length"]);
  if (!(bits >= 1 && bits <= 128)) throw failed(`the counter has 1 to 128 bits, not ${String(params["length"])}`);
  const before = blocksBeforeWrap(counter, bits);
  const blocks = BigInt(Math.ceil(data.length / BLOCK_BYTES));
  if (blocks > 1n << BigInt(bits)) throw failed("the data is longer than the counter can count");
  if (blocks <= before) return cipher("AES-CTR", key, counter, data, null, 0);
  // The counter wraps in its own bits; the engine's would carry into the nonce.
  const split = Number(before) * BLOCK_BYTES;
  const out = new Uint8Array(data.length);
  out.set(cipher("AES-CTR", key, counter, data.subarray(0, split), null, 0));
  out.set(cipher("AES-CTR", key, withoutCount(counter, bits), data.subarray(split), null, 0), split);
  return out;
});

function blocksBeforeWrap(counter: Uint8Array, bits: number): bigint {
  return (1n << BigInt(bits)) - (numberOf(counter) & ((1n << BigInt(bits)) - 1n));
}

function withoutCount(counter: Uint8Array, bits: number): Uint8Array {
  let nonce = (numberOf(counter) >> BigInt(bits)) << BigInt(bits);
  const block = new Uint8Array(BLOCK_BYTES);
  for (let i = BLOCK_BYTES - 1; i >= 0; i--) {
    block[i] = Number(nonce & 255n);
    nonce >>= 8n;
  }
  return block;
}

function numberOf(block: Uint8Array): bigint {
  return block.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(params: Params, name: string): Uint8Array {
  const value = params[name];
  if (!isBufferSource(value)) throw new TypeError(`${params.name} needs \`${name}\` as an ArrayBuffer or a view`);
  return viewOf(value);
}

function blockOf(params: Params, name: string): Uint8Array {
  const block = bytesOf(params, name);
  if (block.length !== BLOCK_BYTES) throw failed(`\`${name}\` has ${BLOCK_BYTES} bytes, not ${block.length}`);
  return block;
}

function keyBits(params: Params): number {
  const bits = Number(params["length"]);
  if (!isKeyLength(bits)) throw failed(`an AES key has 128, 192 or 256 bits, not ${String(params["length"])}`);
  return bits;
}

function isKeyLength(bits: number): boolean {
  return bits === 128 || bits === 192 || bits === 256;
}

/** Such as `A256GCM`. */
function jwkName(mode: Mode, bits: number): string {
  return `A${bits}${mode.slice(4)}`;
}

function failed(message: string): DOMException {
  return new DOMException(message, "OperationError");
}
