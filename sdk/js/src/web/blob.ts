/** Blob and File (File API). The bytes are held in memory. */
import { exposeClasses } from "../expose";
import { streamOf } from "./body-stream";
import { bufferOf, type BufferSource, concat, decodeUtf8, encodeUtf8, isBufferSource, viewOf } from "./bytes";
import type { ReadableStream } from "./streams";

export type BlobPart = string | Blob | BufferSource;

export interface BlobOptions {
  type?: string;
  endings?: "transparent" | "native";
}

export class Blob {
  declare _bytes: Uint8Array;
  declare _type: string;

  constructor(parts?: Iterable<BlobPart>, options?: BlobOptions) {
    if (parts !== undefined && (typeof parts !== "object" || parts === null || !(Symbol.iterator in parts))) {
      throw new TypeError("`Blob` takes an array of parts");
    }
    if (options !== undefined && typeof options !== "object" && typeof options !== "function") throw new TypeError("the options of `Blob` are an object");
    const endings = options?.endings ?? "transparent";
    if (endings !== "transparent" && endings !== "native") throw new TypeError(`\`endings\` is \`transparent\` or \`native\`, not \`${String(endings)}\``);
    const type = options?.type;
    this._bytes = parts === undefined ? new Uint8Array(0) : join(parts, endings === "native");
    this._type = mediaType(type);
  }

  get size(): number {
    return this._bytes.length;
  }

  get type(): string {
    return this._type;
  }

  slice(start?: number, end?: number, type?: string): Blob {
    const part = new Blob();
    // A Blob never changes, so its parts can share its bytes.
    part._bytes = this._bytes.subarray(clamp(start ?? 0, this.size), clamp(end ?? this.size, this.size));
    part._type = mediaType(type);
    return part;
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(this._bytes);
  }

  text(): Promise<string> {
    return Promise.resolve(decodeUtf8(this._bytes));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(bufferOf(this._bytes.slice()));
  }

  bytes(): Promise<Uint8Array> {
    return Promise.resolve(this._bytes.slice());
  }
}

export class File extends Blob {
  declare _name: string;
  declare _lastModified: number;

  constructor(parts: Iterable<BlobPart>, name: string, options?: BlobOptions & { lastModified?: number }) {
    if (arguments.length < 2) throw new TypeError("`File` takes parts and a name");
    super(parts, options);
    this._name = String(name);
    this._lastModified = options?.lastModified === undefined ? Date.now() : Math.trunc(Number(options.lastModified));
  }

  get name(): string {
    return this._name;
  }

  get lastModified(): number {
    return this._lastModified;
  }

  get webkitRelativePath(): string {
    return "";
  }
}

/** A Blob around bytes that nobody else changes. */
export function blobOf(bytes: Uint8Array, type: string): Blob {
  const blob = new Blob();
  blob._bytes = bytes;
  blob._type = mediaType(type);
  return blob;
}

export function fileOf(blob: Blob, name: string): File {
  const file = new File([], name, blob instanceof File ? { lastModified: blob.lastModified } : {});
  file._bytes = blob._bytes;
  file._type = blob._type;
  return file;
}

function join(parts: Iterable<BlobPart>, nativeEndings: boolean): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const part of parts) {
    if (part instanceof Blob) chunks.push(part._bytes);
    else if (isBufferSource(part)) chunks.push(viewOf(part).slice());
    else chunks.push(encodeUtf8(nativeEndings ? String(part).replace(/\r\n|\r/g, "\n") : String(part)));
  }
  return concat(chunks);
}

/** Text with a character outside of U+0020 to U+007E is no type (File API 3.1). */
function mediaType(type: string | undefined): string {
  const text = type === undefined ? "" : String(type);
  return /[^\x20-\x7e]/.test(text) ? "" : text.toLowerCase();
}

function clamp(position: number, size: number): number {
  const at = Math.trunc(Number(position)) || 0;
  return at < 0 ? Math.max(size + at, 0) : Math.min(at, size);
}

exposeClasses({ Blob, File });
