/** Keys that are bytes and nothing else: import, export, generation. */
import { native } from "../../host";
import type { Format, Params } from "./algorithm";
import { checkJwk, type JsonWebKey, memberOf, toBase64Url, writeJwk } from "./jwk";
import { checkUsages, createKey, type CryptoKey, type KeyAlgorithm, type KeyUsage, needUsages, notSupported, type Slots } from "./key";

export function generateSecret(bits: number, algorithm: KeyAlgorithm, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey {
  needUsages(usages);
  const data = new Uint8Array(Math.ceil(bits / 8));
  native.randomFill(data);
  return createKey({ type: "secret", extractable, algorithm, usages, data });
}

/** The bytes of a key that is imported, after the checks that all have in common. */
export function readSecret(
  format: Format,
  source: Uint8Array | JsonWebKey,
  params: Params,
  extractable: boolean,
  usages: readonly KeyUsage[],
  allowed: readonly KeyUsage[],
  use: string,
): Uint8Array {
  checkUsages(params.name, usages, allowed);
  if (format === "raw") return (source as Uint8Array).slice();
  if (format !== "jwk") throw notSupported(`the key format \`${format}\` for ${params.name}`);
  checkJwk(source as JsonWebKey, "oct", use, extractable, usages);
  return memberOf(source as JsonWebKey, "k");
}

/** `alg` names the algorithm in a JWK. */
export function writeSecret(format: Format, key: Slots, alg: string): Uint8Array | JsonWebKey {
  if (format === "raw") return key.data.slice();
  if (format !== "jwk") throw notSupported(`the key format \`${format}\` for ${key.algorithm.name}`);
  return writeJwk(key, "oct", { alg, k: toBase64Url(key.data) });
}
