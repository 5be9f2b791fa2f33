/** Asymmetric keys as JSON (RFC 7517, RFC 7518 6, RFC 8037). */
import internal from "ouro:internal";
import { BASE64URL } from "../encodings";
import { coded } from "../errors";
import type { Bytes } from "./bytes";

const { native } = internal;

type NativeKey = ReturnType<typeof native.importKey>;
export type Jwk = Record<string, string | undefined>;

/** The parts of a private key in the engine's order; a public one has as many as stand before the first `d`. */
const RSA = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
const EC = ["x", "y", "d"];
const OKP = ["x", "d"];

const encode = (bytes: Bytes): string => native.bufferDecode(bytes, BASE64URL, 0, bytes.length);
const decode = (text: string): Bytes => native.bufferEncode(text, BASE64URL);

function namesOf(kind: string): string[] {
  return kind === "rsa" ? RSA : kind.startsWith("P-") ? EC : OKP;
}

export function toJwk(key: NativeKey): Jwk {
  const names = namesOf(key.kind);
  const jwk: Jwk = key.kind === "rsa" ? { kty: "RSA" } : { kty: names === EC ? "EC" : "OKP", crv: key.kind };
  native.exportKey("parts", key).forEach((part, i) => (jwk[names[i]!] = encode(part)));
  return jwk;
}

export function fromJwk(jwk: Jwk): NativeKey {
  const kind = jwk["kty"] === "RSA" ? "rsa" : jwk["crv"];
  const invalid = (): Error => coded(TypeError, "ERR_CRYPTO_INVALID_JWK", "Invalid JWK data");
  if (!["RSA", "EC", "OKP"].includes(jwk["kty"] ?? "") || kind === undefined) throw invalid();
  const names = namesOf(kind);
  const wanted = jwk["d"] === undefined ? names.slice(0, names.indexOf("d")) : names;
  const parts = wanted.map((name) => {
    if (typeof jwk[name] !== "string") throw invalid();
    return decode(jwk[name]);
  });
  try {
    return native.importKey("parts", kind as NativeKey["kind"], parts);
  } catch {
    throw invalid();
  }
}
