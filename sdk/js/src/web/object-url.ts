/** `URL.createObjectURL` (File API 8): Blobs by URLs that live as long as the instance. */
import { runTimeOnly } from "../guards";
import { type Blob, isBlob } from "./blob";
import { crypto } from "./crypto/crypto";
import { URL } from "./url";
import { need, toText } from "./webidl";

const blobs = new Map<string, Blob>();

/** What a `blob:` URL stands for; a fragment is no part of it. */
export function blobOfUrl(url: string): Blob | null {
  const fragment = url.indexOf("#");
  return blobs.get(fragment < 0 ? url : url.slice(0, fragment)) ?? null;
}

/** A worker has no origin, unless it made itself a `location`. */
function origin(): string {
  return (globalThis as { location?: { origin?: string } }).location?.origin ?? "null";
}

const operations = {
  createObjectURL(blob: Blob): string {
    need(arguments.length, 1, "URL.createObjectURL");
    if (!isBlob(blob)) throw new TypeError("`URL.createObjectURL` takes a Blob");
    runTimeOnly("`URL.createObjectURL`");
    const url = `blob:${origin()}/${crypto.randomUUID()}`;
    blobs.set(url, blob);
    return url;
  },
  revokeObjectURL(url: string): void {
    need(arguments.length, 1, "URL.revokeObjectURL");
    blobs.delete(toText(url));
  },
};
Object.assign(URL, operations);
