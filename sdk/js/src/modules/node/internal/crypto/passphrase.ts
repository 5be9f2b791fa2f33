/** Private keys under a passphrase: PKCS #8 (RFC 5958 3), and PEM with `DEK-Info` (RFC 1421 4.6.1.3). */
import internal from "ouro:internal";
import { HEX } from "../encodings";
import { invalidArgType, invalidArgValue } from "../errors";
import { type Bytes, bytesOf, output } from "./bytes";
import { findCipher } from "./names";
import { toPem } from "./pem";

const { native } = internal;

/** Lengths of the vectors, for what PEM may be encrypted with. */
const VECTORS: ReadonlyMap<string, number> = new Map([["aes-128-cbc", 16], ["aes-192-cbc", 16], ["aes-256-cbc", 16], ["des-cbc", 8], ["des-ede3-cbc", 8]]);
/** What OpenSSL calls them as well. */
const ALIASES: ReadonlyMap<string, string> = new Map([["aes128", "aes-128-cbc"], ["aes192", "aes-192-cbc"], ["aes256", "aes-256-cbc"], ["des3", "des-ede3-cbc"]]);

export interface LockOptions {
  cipher?: unknown;
  passphrase?: unknown;
}

export const isLock = ({ cipher }: LockOptions): boolean => cipher !== undefined && cipher !== null;

/** Throws where a private key cannot be exported so. */
export function checkLock(name: string, { cipher, passphrase }: LockOptions): void {
  if (!isLock({ cipher }) && passphrase === undefined) return;
  if (cipher === undefined) throw invalidArgValue(`${name}.cipher`, cipher);
  if (typeof cipher !== "string") throw invalidArgType(`${name}.cipher`, "of type string", cipher);
  if (typeof passphrase !== "string" && !ArrayBuffer.isView(passphrase) && !(passphrase instanceof ArrayBuffer)) {
    throw invalidArgType(`${name}.passphrase`, "of type string or an instance of Uint8Array", passphrase);
  }
}

/** The vector stands in PEM alone. */
function locked(options: LockOptions, makesVector: boolean, der: Bytes): { cipher: string; vector: Bytes | null; bytes: Bytes } {
  const name = String(options.cipher);
  const cipher = ALIASES.get(name.toLowerCase()) ?? name.toLowerCase();
  const length = VECTORS.get(cipher);
  if (length === undefined && findCipher(name) === undefined) throw new Error(`Unknown cipher: ${name}`);
  const vector = makesVector ? new Uint8Array(length ?? 0) : null;
  if (vector !== null) native.randomFill(vector);
  try {
    return { cipher, vector, bytes: native.lockKey(cipher, vector, bytesOf("passphrase", options.passphrase), der) };
  } catch (cause) {
    throw new Error("Failed to export key", { cause });
  }
}

export const lockedDer = (options: LockOptions, der: Bytes): Bytes => locked(options, false, der).bytes;

export function lockedPem(options: LockOptions, label: string, der: Bytes): string {
  const { cipher, vector, bytes } = locked(options, true, der);
  const digits = String(output(vector!, "hex")).toUpperCase();
  return toPem(label, bytes, `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${cipher.toUpperCase()},${digits}\n\n`);
}

/** The headers of a block of PEM that tell how it is encrypted. */
const DEK = /^DEK-Info:[ \t]*([A-Za-z0-9-]+),([0-9A-Fa-f]+)\s*$/m;

export function unlockedPem(passphrase: Bytes, headers: string, bytes: Bytes): Bytes {
  const [, cipher, vector] = DEK.exec(headers) ?? [];
  if (cipher === undefined) throw new Error("no `DEK-Info`");
  return native.unlockKey(cipher.toLowerCase(), native.bufferEncode(vector!, HEX), passphrase, bytes);
}

export const unlockedDer = (passphrase: Bytes, bytes: Bytes): Bytes => native.unlockKey(null, null, passphrase, bytes);

/** PKCS #8 begins with a version, and with an algorithm where it is encrypted. */
export function isLockedDer(bytes: Bytes): boolean {
  const length = bytes[1] ?? 0;
  return bytes[0] === 0x30 && bytes[length < 0x80 ? 2 : 2 + (length & 0x7f)] === 0x30;
}
