// tweetnacl
import nacl from "tweetnacl";
export default async ({ equal }) => { const k = nacl.sign.keyPair(); const m = new Uint8Array([1, 2]); equal([nacl.sign.detached.verify(m, nacl.sign.detached(m, k.secretKey), k.publicKey), nacl.secretbox.open(nacl.secretbox(m, new Uint8Array(24), new Uint8Array(32)), new Uint8Array(24), new Uint8Array(32)).length], [true, 2]); };
