/** The privileged `artifacts` binding: stored bytes under their SHA-256 digests. */
import { native } from "./host";
import type { NativeBody } from "./native";
import { readAll, takeSource } from "./web/body-stream";
import { type BufferSource, encodeUtf8, viewOf } from "./web/bytes";
import { ReadableStream } from "./web/streams";

export class Artifacts {
  /** Those of the digests that the store does not hold. */
  async missing(digests: readonly string[]): Promise<string[]> {
    return native.artifactsMissing!([...digests]);
  }

  /** Stores the body under its digest and answers with its size in bytes. An unread request body goes by without entering JavaScript. */
  async put(digest: string, body: ReadableStream<Uint8Array> | BufferSource | string | null): Promise<{ size: number }> {
    return { size: native.artifactsPut!(digest, await source(body)) };
  }
}

async function source(body: ReadableStream<Uint8Array> | BufferSource | string | null): Promise<NativeBody | Uint8Array> {
  if (body === null) return new Uint8Array(0);
  if (typeof body === "string") return encodeUtf8(body);
  if (!(body instanceof ReadableStream)) return viewOf(body);
  const untouched = takeSource(body);
  if (untouched === null) return readAll(body, (bytes) => bytes);
  return typeof untouched === "string" ? encodeUtf8(untouched) : untouched;
}
