/** Rules of artifacts. */
import type { Env } from "../env.ts";
import { ApiError, hostCode, invalidField, messageOf } from "../errors.ts";

export async function missingArtifacts(env: Env, digests: readonly string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  return storeCall(env.ARTIFACTS.missing(digests));
}

export async function putArtifact(env: Env, digest: string, body: ReadableStream<Uint8Array> | null): Promise<number> {
  return (await storeCall(env.ARTIFACTS.put(digest, body))).size;
}

async function storeCall<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const message = messageOf(error);
    switch (hostCode(error)) {
      case "invalid-digest":
        throw invalidField("digest", message);
      case "digest-mismatch":
        throw invalidField("digest", `the bytes have the digest \`${message}\``);
      case "truncated":
        throw invalidField("", message);
      case "too-large":
        throw new ApiError("too_large", message);
      case "unavailable":
        throw new ApiError("unavailable", message);
      default:
        throw error;
    }
  }
}
