// jose
import * as jose from "jose";
export default async ({ equal }) => {
  for (const alg of ["HS256", "ES256", "RS256", "PS256", "EdDSA"]) {
    const keys = alg === "HS256" ? null : await jose.generateKeyPair(alg, { extractable: true });
    const secret = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
    const token = await new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg }).setExpirationTime("1h").sign(keys?.privateKey ?? secret);
    equal((await jose.jwtVerify(token, keys?.publicKey ?? secret)).payload.a, 1);
  }
  const { publicKey, privateKey } = await jose.generateKeyPair("RSA-OAEP-256");
  const sealed = await new jose.CompactEncrypt(new TextEncoder().encode("secret")).setProtectedHeader({ alg: "RSA-OAEP-256", enc: "A256GCM" }).encrypt(publicKey);
  equal(new TextDecoder().decode((await jose.compactDecrypt(sealed, privateKey)).plaintext), "secret");
};
