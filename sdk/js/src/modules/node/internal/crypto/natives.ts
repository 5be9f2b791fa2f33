/** The natives that `node:crypto` stands on: those of Web Crypto, and incremental forms of them (src/native.ts says what each does). */
import internal from "ouro:internal";

type Bytes = Uint8Array;
export type KeyKind = "rsa" | "P-256" | "P-384" | "P-521" | "Ed25519" | "X25519";
export type SignScheme = "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "ECDSA" | "ECDSA-DER" | "Ed25519";

interface NativeHash {
  update(data: Bytes): void;
  digest(): Bytes;
  copy(): NativeHash;
}
interface NativeCipher {
  additional(data: Bytes): void;
  update(data: Bytes): Bytes;
  finish(padding: boolean, tag: Bytes | null): Bytes;
  tag(): Bytes;
}
interface NativeKey {
  kind: KeyKind;
  isPrivate: boolean;
  der: Bytes;
}

interface CryptoNatives {
  createHash(hash: string, key?: Bytes): NativeHash | null;
  createCipher(mode: string, encrypt: boolean, key: Bytes, iv: Bytes): NativeCipher | null;
  scrypt(password: Bytes, salt: Bytes, n: number, r: number, p: number, length: number): Bytes;
  generateKeys(kind: KeyKind, modulusBits: number, publicExponent: Bytes): [Bytes, Bytes];
  importKey(format: string, kind: KeyKind | null, parts: Bytes[]): NativeKey;
  exportKey(format: string, key: NativeKey): Bytes[];
  sign(scheme: SignScheme, hash: string, key: Bytes, data: Bytes, saltLength: number): Bytes;
  verify(scheme: SignScheme, hash: string, key: Bytes, data: Bytes, signature: Bytes, saltLength: number): boolean;
  rsaEncrypt(padding: string, hash: string, key: Bytes, data: Bytes, label: Bytes): Bytes;
  rsaDecrypt(padding: string, hash: string, key: Bytes, data: Bytes, label: Bytes): Bytes;
  deriveSecret(privateKey: Bytes, publicKey: Bytes): Bytes;
}

export const native = internal.native as typeof internal.native & CryptoNatives;

/** What stands behind a CryptoKey that may be exported; null for anything else. */
export const { cryptoKeyData } = internal as { cryptoKeyData?: (key: object) => { secret: Bytes | null; isPrivate: boolean; der: Bytes } | null };
