/** The privileged `identity` binding: what proves who somebody is. */
import { native } from "./host";

export type TokenKind = "access" | "refresh" | "anon";

export class Identity {
  /** argon2id, as a PHC string. */
  async hashPassword(password: string): Promise<string> {
    return native.identityHashPassword!(password);
  }

  async verifyPassword(password: string, hash: string): Promise<boolean> {
    return native.identityVerifyPassword!(password, hash);
  }

  /** A signed JWT of the claims; the host adds `iss`, `aud`, `iat` and `exp`. */
  async issue(kind: TokenKind, claims: Record<string, unknown>, lifetimeSeconds: number): Promise<string> {
    return native.identityIssue!(kind, JSON.stringify(claims), lifetimeSeconds);
  }

  /** The claims of a token that is good now; `null` for any other. */
  async verify(kind: TokenKind, token: string): Promise<Record<string, unknown> | null> {
    const claims = native.identityVerify!(kind, token);
    return claims == null ? null : (JSON.parse(claims) as Record<string, unknown>);
  }

  /** Keys and sessions are looked up anew. */
  async forget(): Promise<void> {
    native.identityForget!();
  }
}
