/** Subresource Integrity: does a body have one of the digests that were asked for? */
import { native } from "../host";
import { btoa } from "./base64";

/** From weak to strong. */
const ALGORITHMS = ["sha256", "sha384", "sha512"];

/** SRI 3.3.4, "do bytes match metadataList". Only the strongest algorithm that is named counts; metadata without a known one match all. */
export function matchesIntegrity(bytes: Uint8Array, metadata: string): boolean {
  let strongest = -1;
  let digests: string[] = [];
  for (const token of metadata.split(/[\t\n\f\r ]+/)) {
    const [, algorithm, digest] = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?.*)?$/i.exec(token) ?? [];
    if (digest === undefined) continue;
    const strength = ALGORITHMS.indexOf(algorithm!.toLowerCase());
    if (strength < strongest) continue;
    if (strength > strongest) digests = [];
    strongest = strength;
    digests.push(digest.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, ""));
  }
  if (strongest < 0) return true;
  const actual = native.digest(`SHA-${ALGORITHMS[strongest]!.slice(3)}`, bytes);
  return digests.includes(btoa(String.fromCharCode(...actual)).replace(/=+$/, ""));
}
