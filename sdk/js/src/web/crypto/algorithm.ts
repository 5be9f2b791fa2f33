/** What `subtle` asks of an algorithm. Absent operations are not supported by it. */
import type { CryptoKey, JsonWebKey, KeyUsage, Params } from "./key";

export type Format = "raw" | "jwk";

export interface Algorithm {
  generateKey?(params: Params, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey;
  importKey?(format: Format, data: Uint8Array | JsonWebKey, params: Params, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey;
  exportJwk?(key: CryptoKey): JsonWebKey;
  sign?(key: CryptoKey, data: Uint8Array): Uint8Array;
  verify?(key: CryptoKey, signature: Uint8Array, data: Uint8Array): boolean;
  encrypt?(params: Params, key: CryptoKey, data: Uint8Array): Uint8Array;
  decrypt?(params: Params, key: CryptoKey, data: Uint8Array): Uint8Array;
  deriveBits?(params: Params, key: CryptoKey, bits: number): Uint8Array;
  /** Bits of a key that `deriveKey` makes; null where any length will do. */
  keyBits?(params: Params): number | null;
}
