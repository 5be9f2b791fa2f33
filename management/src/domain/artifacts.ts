/** Rules of artifacts. They are shared by content; what an organization has not uploaded itself is missing to it, whoever else has it. */
import type { Actor } from "../actor.ts";
import type { Env, Statement } from "../env.ts";
import { ApiError, hostCode, invalidField, messageOf } from "../errors.ts";
import * as store from "../store/artifacts.ts";
import * as quotas from "../store/quotas.ts";
import { withinQuota } from "./quotas.ts";

export async function missingArtifacts(env: Env, actor: Actor, digests: readonly string[]): Promise<string[]> {
  if (digests.length === 0) return [];
  const owned = await store.owned(env.DB, actor.organization.id, digests);
  const lost = owned.size === 0 ? [] : await storeCall(env.ARTIFACTS.missing([...owned]));
  return digests.filter((digest) => !owned.has(digest) || lost.includes(digest));
}

/** `announced` is the size that the client says, 1 where it says none: what cannot fit is not stored first. */
export async function putArtifact(
  env: Env,
  actor: Actor,
  digest: string,
  body: ReadableStream<Uint8Array> | null,
  announced: number,
): Promise<number> {
  const organizationId = actor.organization.id;
  const within = (size: number, write: (guards: readonly Statement[]) => Promise<unknown>): Promise<unknown> => {
    return withinQuota(env, organizationId, "storage_bytes", write, (limit) => quotas.fullForArtifact(env.DB, organizationId, limit, digest, size));
  };
  await within(announced, (guards) => Promise.all(guards.map((guard) => guard.run())));
  const { size } = await storeCall(env.ARTIFACTS.put(digest, body));
  await within(size, (guards) => store.insert(env.DB, { organizationId, digest, size, now: Date.now() }, guards));
  return size;
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
