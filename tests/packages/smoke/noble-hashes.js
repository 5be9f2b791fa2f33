// @noble/hashes
import { blake3 } from "@noble/hashes/blake3.js"; import { sha256 } from "@noble/hashes/sha2.js"; import { bytesToHex } from "@noble/hashes/utils.js";
export default async ({ equal }) => { const data = new TextEncoder().encode("abc"); equal([bytesToHex(sha256(data)).slice(0, 8), bytesToHex(blake3(data)).slice(0, 8)], ["ba7816bf", "6437b3ac"]); };
