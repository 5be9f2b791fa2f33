/** FileReader (File API 6.2): the older way to read a Blob, by events. */
import { defineConstants, exposeClasses } from "../expose";
import { btoa } from "./base64";
import { type Blob, bytesOf, type File, isBlob } from "./blob";
import { bufferOf } from "./bytes";
import { DOMException } from "./dom-exception";
import { TextDecoder } from "./encoding";
import { ProgressEvent } from "./event-classes";
import { defineHandler, EventTarget, fire } from "./events";
import { queueTask } from "./tasks";
import { illegalUnless, need, toText, toUnsignedLong } from "./webidl";

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

type Package = (blob: Blob) => string | ArrayBuffer;

class FileReader extends EventTarget {
  #state = EMPTY;
  #result: string | ArrayBuffer | null = null;
  #error: DOMException | null = null;
  /** Which read is going on: the tasks of one that was aborted do nothing. */
  #read = 0;

  readAsArrayBuffer(blob: Blob): void {
    void this.#state;
    need(arguments.length, 1, "FileReader.readAsArrayBuffer");
    this.#start(blob, asArrayBuffer);
  }

  readAsBinaryString(blob: Blob): void {
    void this.#state;
    need(arguments.length, 1, "FileReader.readAsBinaryString");
    this.#start(blob, asBinaryString);
  }

  readAsText(blob: Blob, encoding: string | undefined = undefined): void {
    void this.#state;
    need(arguments.length, 1, "FileReader.readAsText");
    const label = encoding === undefined ? undefined : toText(encoding);
    this.#start(blob, () => asText(blob, label));
  }

  readAsDataURL(blob: Blob): void {
    void this.#state;
    need(arguments.length, 1, "FileReader.readAsDataURL");
    this.#start(blob, asDataUrl);
  }

  abort(): void {
    if (this.#state !== LOADING) {
      this.#result = null;
      return;
    }
    this.#state = DONE;
    this.#result = null;
    this.#read++;
    this.#fire("abort", 0, 0);
    if (this.#state !== (LOADING as number)) this.#fire("loadend", 0, 0);
  }

  get readyState(): number {
    return this.#state;
  }

  get result(): string | ArrayBuffer | null {
    return this.#result;
  }

  get error(): DOMException | null {
    return this.#error;
  }

  /** "Read operation": the bytes are there, and yet each event is a task of its own. */
  #start(blob: Blob, pack: Package): void {
    if (!isBlob(blob)) throw new TypeError("a FileReader reads a Blob");
    if (this.#state === LOADING) throw new DOMException("the FileReader reads another Blob already", "InvalidStateError");
    this.#state = LOADING;
    this.#result = null;
    this.#error = null;
    const read = ++this.#read;
    const { size } = blob;
    const step = (task: () => void): void => queueTask(() => (read === this.#read ? task() : undefined));
    step(() => this.#fire("loadstart", 0, size));
    if (size > 0) step(() => this.#fire("progress", size, size));
    step(() => {
      this.#state = DONE;
      this.#result = pack(blob);
      this.#fire("load", size, size);
    });
    // Not the same task: promises that `load` settled have their say before.
    step(() => this.#fire("loadend", size, size));
  }

  #fire(type: string, loaded: number, total: number): void {
    fire(this, new ProgressEvent(type, { lengthComputable: total > 0, loaded, total }));
  }
}
defineConstants(FileReader, { EMPTY, LOADING, DONE });
for (const type of ["loadstart", "progress", "load", "abort", "error", "loadend"]) defineHandler(FileReader.prototype, type);

/** "Package data" (File API 6.6). */
function asArrayBuffer(blob: Blob): ArrayBuffer {
  return bufferOf(bytesOf(blob).slice());
}

function asBinaryString(blob: Blob): string {
  return new TextDecoder("x-user-defined").decode(bytesOf(blob)).replace(/[\uf780-\uf7ff]/g, (char) => String.fromCharCode(char.charCodeAt(0) & 0xff));
}

function asText(blob: Blob, label: string | undefined): string {
  const bytes = bytesOf(blob);
  const charset = /;\s*charset="?([^;"]*)/i.exec(blob.type)?.[1];
  const named = decoderFor(label) ?? decoderFor(charset) ?? "utf-8";
  return new TextDecoder(byteOrderMark(bytes) ?? named).decode(bytes);
}

function decoderFor(label: string | undefined): string | null {
  try {
    return label === undefined ? null : new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

/** A byte order mark says more than any label (Encoding 6, "decode"). */
function byteOrderMark([a, b, c]: Uint8Array): string | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  return a === 0xfe && b === 0xff ? "utf-16be" : a === 0xff && b === 0xfe ? "utf-16le" : null;
}

function asDataUrl(blob: Blob): string {
  return `data:${blob.type === "" ? "application/octet-stream" : blob.type};base64,${btoa(asBinaryString(blob))}`;
}

class FileReaderSync {
  #brand = true;

  readAsArrayBuffer(blob: Blob): ArrayBuffer {
    return this.#read(arguments.length, blob, asArrayBuffer) as ArrayBuffer;
  }

  readAsBinaryString(blob: Blob): string {
    return this.#read(arguments.length, blob, asBinaryString) as string;
  }

  readAsText(blob: Blob, encoding: string | undefined = undefined): string {
    return this.#read(arguments.length, blob, () => asText(blob, encoding === undefined ? undefined : toText(encoding))) as string;
  }

  readAsDataURL(blob: Blob): string {
    return this.#read(arguments.length, blob, asDataUrl) as string;
  }

  #read(given: number, blob: Blob, pack: Package): string | ArrayBuffer {
    void this.#brand;
    need(given, 1, "FileReaderSync");
    if (!isBlob(blob)) throw new TypeError("a FileReaderSync reads a Blob");
    return pack(blob);
  }
}

/** What a form's file input holds; no form is here, so that none is ever made. */
class FileList {
  readonly #files: readonly File[] = [];

  constructor(token: unknown = undefined) {
    illegalUnless(token);
  }

  item(index: number): File | null {
    const files = this.#files;
    need(arguments.length, 1, "FileList.item");
    return files[toUnsignedLong(index)] ?? null;
  }

  get length(): number {
    return this.#files.length;
  }
}

exposeClasses({ FileReader, FileReaderSync, FileList });
