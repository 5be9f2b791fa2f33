/** Blob and File (File API 3, 4). The bytes are held in memory. */
import { exposeClasses } from "../expose";
import { streamOf } from "./body-stream";
import { bufferOf, type BufferSource, concat, decodeUtf8, encodeUtf8, isBufferSource, viewOf } from "./bytes";
import type { ReadableStream } from "./streams";
import { clamped, need, toDictionary, toEnum, toLongLong, toSequence, toText, toUsvText } from "./webidl";

export type BlobPart = string | Blob | BufferSource;

export interface BlobOptions {
  type?: string;
  endings?: "transparent" | "native";
}

/** Is it a Blob, or a File? */
export let isBlob: (value: unknown) => value is Blob;
/** The bytes, not copied: whoever gets them must not change them. */
export let bytesOf: (blob: Blob) => Uint8Array;
/** A Blob around bytes that nobody else changes, of a type that stays as it is. */
export let blobOf: (bytes: Uint8Array, type: string) => Blob;
/** The Blob's bytes as a File. */
export let fileOf: (blob: Blob, name: string) => File;

export class Blob {
  #bytes: Uint8Array;
  #type: string;

  static {
    isBlob = (value): value is Blob => typeof value === "object" && value !== null && #bytes in value;
    bytesOf = (blob) => blob.#bytes;
    blobOf = (bytes, type) => {
      const blob = new Blob();
      blob.#bytes = bytes;
      blob.#type = type;
      return blob;
    };
    fileOf = (blob, name) => {
      const file = new File([], name, blob instanceof File ? { lastModified: blob.lastModified } : {});
      file.#bytes = blob.#bytes;
      file.#type = blob.#type;
      return file;
    };
  }

  constructor(parts: Iterable<BlobPart> | undefined = undefined, options: BlobOptions | undefined = undefined) {
    const list = parts === undefined ? [] : toSequence(parts, toPart, "the parts of a Blob");
    const { endings = "transparent", type = "" } = readOptions(options);
    this.#bytes = join(list, endings === "native");
    this.#type = mediaType(type);
  }

  get size(): number {
    return this.#bytes.length;
  }

  get type(): string {
    return this.#type;
  }

  slice(start: number | undefined = undefined, end: number | undefined = undefined, type: string | undefined = undefined): Blob {
    const { length } = this.#bytes;
    const from = offset(start, 0, length);
    const to = offset(end, length, length);
    // A Blob never changes, so its parts can share its bytes.
    return blobOf(this.#bytes.subarray(from, Math.max(from, to)), type === undefined ? "" : mediaType(toText(type)));
  }

  stream(): ReadableStream<Uint8Array> {
    return streamOf(this.#bytes);
  }

  async text(): Promise<string> {
    return decodeUtf8(this.#bytes);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return bufferOf(this.#bytes.slice());
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }
}

export class File extends Blob {
  readonly #name: string;
  readonly #lastModified: number;

  constructor(parts: Iterable<BlobPart>, name: string, options: (BlobOptions & { lastModified?: number }) | undefined = undefined) {
    need(arguments.length, 2, "File");
    // Arguments are converted from left to right (Web IDL 3.6): the name after the parts and before the options.
    const list = toSequence(parts, toPart, "the parts of a File");
    const text = toUsvText(name);
    const { lastModified } = toDictionary(options, "the options of a File");
    super(list as BlobPart[], options);
    this.#name = text;
    this.#lastModified = lastModified === undefined ? Date.now() : toLongLong(lastModified);
  }

  get name(): string {
    return this.#name;
  }

  get lastModified(): number {
    return this.#lastModified;
  }
}

/** In alphabetical order, as dictionaries are read. */
function readOptions(options: BlobOptions | undefined): BlobOptions {
  const bag = toDictionary(options, "the options of a Blob");
  const { endings } = bag;
  const line = endings === undefined ? "transparent" : toEnum(endings, ["transparent", "native"], "`endings`");
  const { type } = bag;
  return { endings: line, type: type === undefined ? "" : toText(type) };
}

function toPart(part: unknown): BlobPart {
  return isBlob(part) || isBufferSource(part) ? part : toUsvText(part);
}

function join(parts: readonly BlobPart[], nativeEndings: boolean): Uint8Array {
  const chunks = parts.map((part) => {
    if (typeof part !== "string") return isBlob(part) ? bytesOf(part) : viewOf(part);
    return encodeUtf8(nativeEndings ? part.replace(/\r\n|\r/g, "\n") : part);
  });
  const bytes = concat(chunks);
  // A single part is not joined, but what a worker can still change is copied.
  return parts.length === 1 && isBufferSource(parts[0]) ? bytes.slice() : bytes;
}

/** Text with a character outside of U+0020 to U+007E is no type (File API 3.1). */
export function mediaType(type: string): string {
  return type === "" || /[^\x20-\x7e]/.test(type) ? "" : type.toLowerCase();
}

/** Positions from the end are negative (File API 3.3.1). */
function offset(position: number | undefined, otherwise: number, size: number): number {
  if (position === undefined) return otherwise;
  const at = clamped(position, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return at < 0 ? Math.max(size + at, 0) : Math.min(at, size);
}

exposeClasses({ Blob, File });
