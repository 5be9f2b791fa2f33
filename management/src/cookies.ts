/** The cookies of a session. Scripts do not see them, and other sites' pages do not send them with what changes anything. */
import type { Env } from "./env.ts";

export const ACCESS_COOKIE = "ouro_access";
export const REFRESH_COOKIE = "ouro_refresh";

/** `Set-Cookie` (RFC 6265 4.1). Without `Domain`: workers below the base domain are not sent it. */
export function setCookie(env: Env, name: string, value: string, path: string, seconds: number): string {
  const secure = env.PUBLIC_URL.startsWith("https:") ? "; Secure" : "";
  return `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

export function readCookie(request: Request, name: string): string | null {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = pair.trim().split("=");
    if (key === name) return value.join("=");
  }
  return null;
}
