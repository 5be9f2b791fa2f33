/** `node:stream/consumers`: the whole of a stream at once. */
import { asBuffer } from "../internal/buffer";

type Source = AsyncIterable<Uint8Array | string>;
const scope = globalThis as unknown as { TextEncoder: new () => { encode(text: string): Uint8Array }; TextDecoder: new () => { decode(bytes: Uint8Array): string }; Blob: new (parts: unknown[]) => object };

async function bytesOf(source: Source): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(typeof part === "string" ? new scope.TextEncoder().encode(part) : part);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const buffer = async (source: Source): Promise<Uint8Array> => asBuffer(await bytesOf(source));
export const arrayBuffer = async (source: Source): Promise<ArrayBufferLike> => (await bytesOf(source)).buffer;
export const text = async (source: Source): Promise<string> => new scope.TextDecoder().decode(await bytesOf(source));
export const json = async (source: Source): Promise<unknown> => JSON.parse(await text(source)) as unknown;
export const blob = async (source: Source): Promise<object> => new scope.Blob([await bytesOf(source)]);

export default { arrayBuffer, blob, buffer, json, text };
