/** What RSA, the curves of NIST and curve 25519 have in common: keys of two halves, held as DER, which the host reads. */
import { native } from "../../host";
import type { KeyKind, NativeKey } from "../../native";
import type { Format } from "./algorithm";
import { type JsonWebKey, toMembers, writeJwk } from "./jwk";
import { attempt, checkUsages, createKey, type CryptoKey, type CryptoKeyPair, type KeyAlgorithm, type KeyUsage, needUsages, noAccess, notSupported, type Slots } from "./key";

/** Which half is used for what. */
export interface Halves {
  readonly private: readonly KeyUsage[];
  readonly public: readonly KeyUsage[];
}

export function checkBoth(name: string, usages: readonly KeyUsage[], halves: Halves): void {
  checkUsages(name, usages, [...halves.private, ...halves.public]);
}

/** Makes a pair, once it is known that its private half is of use. */
export function generatePair(
  kind: KeyKind,
  algorithm: KeyAlgorithm,
  extractable: boolean,
  usages: readonly KeyUsage[],
  halves: Halves,
): CryptoKeyPair {
  const own = (half: "private" | "public"): KeyUsage[] => usages.filter((usage) => halves[half].includes(usage));
  needUsages(own("private"));
  const { modulusLength = 0, publicExponent = new Uint8Array(0) } = algorithm;
  const [privateDer, publicDer] = attempt(() => native.generateKeys(kind, modulusLength, publicExponent));
  return {
    publicKey: createKey({ type: "public", extractable: true, algorithm, usages: own("public"), data: publicDer, kind }),
    privateKey: createKey({ type: "private", extractable, algorithm, usages: own("private"), data: privateDer, kind }),
  };
}

/** Whether what is imported is the private half; refuses usages of the other one. */
export function checkHalf(name: string, format: Format, source: Uint8Array | JsonWebKey, usages: readonly KeyUsage[], halves: Halves): boolean {
  const isPrivate = format === "pkcs8" || (format === "jwk" && (source as JsonWebKey).d !== undefined);
  checkUsages(name, usages, isPrivate ? halves.private : halves.public);
  return isPrivate;
}

/** Reads a key, and checks that it is one. */
export function readKey(format: "raw" | "spki" | "pkcs8" | "parts", kind: KeyKind, parts: Uint8Array[]): NativeKey {
  return attempt(() => native.importKey(format, kind, parts));
}

export function keyOf(key: NativeKey, algorithm: KeyAlgorithm, extractable: boolean, usages: readonly KeyUsage[]): CryptoKey {
  return createKey({ type: key.isPrivate ? "private" : "public", extractable, algorithm, usages, data: key.der, kind: key.kind });
}

export function partsOf(key: Slots): Uint8Array[] {
  return attempt(() => native.exportKey("parts", nativeKey(key)));
}

const nativeKey = (key: Slots): NativeKey => ({ kind: key.kind!, isPrivate: key.type === "private", der: key.data });

/** `names` are those of a JWK's numbers, in the order of `parts`. */
export function writeKey(
  format: Format,
  key: Slots,
  kty: string,
  names: readonly ("n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi" | "x" | "y")[],
  extra: JsonWebKey,
): Uint8Array | JsonWebKey {
  if (format === "jwk") return writeJwk(key, kty, { ...extra, ...toMembers(names, partsOf(key)) });
  const half = format === "pkcs8" ? "private" : "public";
  if (format === "raw" && kty === "RSA") throw notSupported(`the key format \`raw\` for ${key.algorithm.name}`);
  if (key.type !== half) throw noAccess(`a ${key.type} key has no form \`${format}\``);
  return format === "raw" ? attempt(() => native.exportKey("raw", nativeKey(key)))[0]! : key.data.slice();
}

/** Refuses the other half. */
export function needHalf(key: Slots, half: "private" | "public"): void {
  if (key.type !== half) throw noAccess(`a ${half} key is needed, not a ${key.type} one`);
}
