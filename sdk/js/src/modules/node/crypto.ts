/** `node:crypto`. */
import { absent } from "./internal/absent";
import { constants } from "./internal/crypto/constants";
import { Cipheriv, createCipheriv, createDecipheriv, Decipheriv } from "./internal/crypto/cipher";
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from "./internal/crypto/derive";
import { createDiffieHellman, createDiffieHellmanGroup, DiffieHellman, DiffieHellmanGroup, getDiffieHellman } from "./internal/crypto/diffie-hellman";
import { createHash, createHmac, Hash, hash, Hmac } from "./internal/crypto/hash";
import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from "./internal/crypto/key-object";
import { createECDH, diffieHellman, ECDH, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, privateDecrypt, publicEncrypt } from "./internal/crypto/keys";
import { cipherNames, type CipherInfo, findCipher, hashNames } from "./internal/crypto/names";
import { checkPrime, checkPrimeSync, generatePrime, generatePrimeSync } from "./internal/crypto/prime";
import { getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, subtle, timingSafeEqual, webcrypto } from "./internal/crypto/random";
import { createSign, createVerify, Sign, sign, Verify, verify } from "./internal/crypto/sign";

export {
  constants, Cipheriv, createCipheriv, createDecipheriv, Decipheriv, hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync, createHash, createHmac, Hash, hash, Hmac, createPrivateKey,
  createPublicKey, createSecretKey, KeyObject, createECDH, diffieHellman, ECDH, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, privateDecrypt, publicEncrypt,
  getRandomValues, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, subtle, timingSafeEqual, webcrypto, createSign, createVerify, Sign, sign, Verify, verify,
  createDiffieHellman, createDiffieHellmanGroup, DiffieHellman, DiffieHellmanGroup, getDiffieHellman, generatePrime, generatePrimeSync, checkPrime, checkPrimeSync,
};
export { randomBytes as rng, randomBytes as pseudoRandomBytes, randomBytes as prng };

export const getHashes = (): string[] => [...hashNames];
export const getCiphers = (): string[] => [...cipherNames];
export const getCurves = (): string[] => ["prime256v1", "secp384r1", "secp521r1"];
export const getCipherInfo = (name: string): CipherInfo | undefined => findCipher(name);
export const getFips = (): number => 0;
export const setFips = (): void => {};
export const setEngine = (): void => {};
export const secureHeapUsed = (): object => ({ total: 0, min: 0, used: 0, utilization: 0 });

const missing = (name: string) => (): never => absent("node:crypto", name);
export const privateEncrypt = missing("privateEncrypt");
export const publicDecrypt = missing("publicDecrypt");
class Absent {
  constructor() {
    absent("node:crypto", new.target.name);
  }
}
export class X509Certificate extends Absent {}
export class Certificate extends Absent {}

const whole = {
  constants, Cipheriv, createCipheriv, createDecipheriv, Decipheriv, hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync, createHash, createHmac, Hash, hash, Hmac, createPrivateKey,
  createPublicKey, createSecretKey, KeyObject, createECDH, diffieHellman, ECDH, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync, privateDecrypt, publicEncrypt,
  getRandomValues, randomBytes, rng: randomBytes, pseudoRandomBytes: randomBytes, prng: randomBytes, randomFill, randomFillSync, randomInt, randomUUID, subtle, timingSafeEqual, webcrypto,
  createSign, createVerify, Sign, sign, Verify, verify, getHashes, getCiphers, getCurves, getCipherInfo, getFips, setFips, setEngine, secureHeapUsed, createDiffieHellman,
  createDiffieHellmanGroup, getDiffieHellman, privateEncrypt, publicDecrypt, generatePrime, generatePrimeSync, checkPrime, checkPrimeSync, X509Certificate, Certificate, DiffieHellman,
  DiffieHellmanGroup, fips: false,
};
export default whole;
