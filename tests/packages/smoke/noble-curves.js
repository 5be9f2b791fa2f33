// @noble/curves
import { secp256k1 } from "@noble/curves/secp256k1.js";
export default async ({ equal }) => { const secret = new Uint8Array(32).fill(7); const message = new Uint8Array(32).fill(1); equal(secp256k1.verify(secp256k1.sign(message, secret), message, secp256k1.getPublicKey(secret)), true); };
