/** Blobs, files, forms and their readers (File API, XMLHttpRequest 4.3). */

type BlobPart = AllowSharedBufferSource | Blob | string;
/** Not a string, though it can be iterated. */
type BlobParts = Iterable<BlobPart> & object;

interface BlobPropertyBag {
  endings?: EndingType;
  type?: string;
}

type EndingType = "native" | "transparent";

interface Blob {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  slice(start?: number, end?: number, contentType?: string): Blob;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
}

declare var Blob: { prototype: Blob; new (blobParts?: BlobParts, options?: BlobPropertyBag): Blob };

interface FilePropertyBag extends BlobPropertyBag {
  /** Unix milliseconds. */
  lastModified?: number;
}

interface File extends Blob {
  readonly lastModified: number;
  readonly name: string;
}

declare var File: { prototype: File; new (fileBits: BlobParts, fileName: string, options?: FilePropertyBag): File };

type FormDataEntryValue = File | string;

interface FormData extends PairIterable<FormDataEntryValue> {
  append(name: string, value: string | Blob): void;
  append(name: string, value: Blob, filename?: string): void;
  delete(name: string): void;
  get(name: string): FormDataEntryValue | null;
  getAll(name: string): FormDataEntryValue[];
  has(name: string): boolean;
  set(name: string, value: string | Blob): void;
  set(name: string, value: Blob, filename?: string): void;
}

declare var FormData: { prototype: FormData; new (): FormData };

interface FileReaderStates {
  readonly EMPTY: 0;
  readonly LOADING: 1;
  readonly DONE: 2;
}

interface FileReaderEventMap {
  abort: ProgressEvent<FileReader>;
  error: ProgressEvent<FileReader>;
  load: ProgressEvent<FileReader>;
  loadend: ProgressEvent<FileReader>;
  loadstart: ProgressEvent<FileReader>;
  progress: ProgressEvent<FileReader>;
}

type FileReaderHandler = ((this: FileReader, event: ProgressEvent<FileReader>) => unknown) | null;

interface FileReader extends TypedEventTarget<FileReaderEventMap>, FileReaderStates {
  readonly error: DOMException | null;
  readonly readyState: number;
  readonly result: string | ArrayBuffer | null;
  onabort: FileReaderHandler;
  onerror: FileReaderHandler;
  onload: FileReaderHandler;
  onloadend: FileReaderHandler;
  onloadstart: FileReaderHandler;
  onprogress: FileReaderHandler;
  abort(): void;
  readAsArrayBuffer(blob: Blob): void;
  /** @deprecated Of the standard; `readAsArrayBuffer` is its successor. */
  readAsBinaryString(blob: Blob): void;
  readAsDataURL(blob: Blob): void;
  readAsText(blob: Blob, encoding?: string): void;
}

declare var FileReader: { prototype: FileReader; new (): FileReader } & FileReaderStates;

interface FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
  /** @deprecated Of the standard; `readAsArrayBuffer` is its successor. */
  readAsBinaryString(blob: Blob): string;
  readAsDataURL(blob: Blob): string;
  readAsText(blob: Blob, encoding?: string): string;
}

declare var FileReaderSync: { prototype: FileReaderSync; new (): FileReaderSync };

/** There is no form that could hold one: it is here for `instanceof`. */
interface FileList {
  readonly length: number;
  item(index: number): File | null;
}

declare var FileList: Unconstructible<FileList>;
