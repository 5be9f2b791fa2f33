/** The two readers (Streams 4.3 to 4.5, 4.9.3). */
import { enforced, isObject, need, toDictionary } from "../webidl";
import { Deferred, illegal, rejectAnew, rejected } from "./promises";
import type { ReadableByteStreamController } from "./byte-controller";
import { pullSteps } from "./default-controller";
import { Fifo } from "./queue";
import { cancelReadable, isBytes, isReadableStream, type ReadableStream } from "./readable-stream";

/** What waits for a chunk. Bytes that were read into a view come back at the end too: `close` gets what is left of the view. */
export interface ReadRequest {
  chunk(chunk: unknown): void;
  close(rest: unknown): void;
  error(error: unknown): void;
}

/** A read whose answer is a promise. */
class PromisedRead<R> extends Deferred<ReadableStreamReadResult<R>> implements ReadRequest {
  chunk(chunk: unknown): void {
    this.resolve({ value: chunk as R, done: false });
  }

  close(rest: unknown): void {
    this.resolve({ value: rest as undefined, done: true });
  }

  error(error: unknown): void {
    this.reject(error);
  }
}

export type ReadableStreamReadResult<R> = { value: R; done: false } | { value: undefined; done: true };

export type Reader = ReadableStreamDefaultReader | ReadableStreamBYOBReader;

export class ReadableStreamDefaultReader<R = unknown> {
  declare _stream: ReadableStream | undefined;
  declare _closed: Deferred<void>;
  declare _requests: Fifo<ReadRequest>;
  declare _default: true;

  constructor(stream: ReadableStream<R>) {
    need(arguments.length, 1, "new ReadableStreamDefaultReader");
    lock(this as ReadableStreamDefaultReader, stream);
    this._default = true;
  }

  get closed(): Promise<void> {
    return isDefaultReader(this) ? this._closed.promise : rejected(illegal());
  }

  cancel(reason: unknown = undefined): Promise<void> {
    return isDefaultReader(this) ? cancelReader(this, reason) : rejected(illegal());
  }

  read(): Promise<ReadableStreamReadResult<R>> {
    if (!isDefaultReader(this)) return rejected(illegal());
    if (this._stream === undefined) return rejected(released());
    const request = new PromisedRead<R>();
    readDefault(this as ReadableStreamDefaultReader, request);
    return request.promise;
  }

  releaseLock(): void {
    if (!isDefaultReader(this)) throw illegal();
    if (this._stream !== undefined) releaseReader(this);
  }
}

export class ReadableStreamBYOBReader {
  declare _stream: ReadableStream | undefined;
  declare _closed: Deferred<void>;
  declare _requests: Fifo<ReadRequest>;
  declare _byob: true;

  constructor(stream: ReadableStream<Uint8Array>) {
    need(arguments.length, 1, "new ReadableStreamBYOBReader");
    if (isReadableStream(stream) && stream._reader === undefined && !isBytes(stream._controller)) {
      throw new TypeError("only a byte stream (`type: \"bytes\"`) can be read into a buffer");
    }
    lock(this, stream);
    this._byob = true;
  }

  get closed(): Promise<void> {
    return isByobReader(this) ? this._closed.promise : rejected(illegal());
  }

  cancel(reason: unknown = undefined): Promise<void> {
    return isByobReader(this) ? cancelReader(this, reason) : rejected(illegal());
  }

  read<V extends ArrayBufferView>(view: V, options: { min?: number } | undefined = undefined): Promise<ReadableStreamReadResult<V>> {
    if (!isByobReader(this)) return rejected(illegal());
    try {
      const min = minOf(toDictionary(options, "the options").min);
      checkView(view, min);
      if (this._stream === undefined) return rejected(released());
      const request = new PromisedRead<V>();
      readByob(this, view, min, request);
      return request.promise;
    } catch (error) {
      return rejected(error);
    }
  }

  /** As `read` with `min` (Cloudflare). */
  readAtLeast<V extends ArrayBufferView>(bytes: number, view: V): Promise<ReadableStreamReadResult<V>> {
    return this.read(view, { min: bytes });
  }

  releaseLock(): void {
    if (!isByobReader(this)) throw illegal();
    if (this._stream !== undefined) releaseReader(this);
  }
}

/** [EnforceRange] unsigned long long, not zero; one where it is left out. */
function minOf(value: unknown): number {
  if (value === undefined) return 1;
  return enforced(value, 1, Number.MAX_SAFE_INTEGER, "`min`");
}

function checkView(view: ArrayBufferView, min: number): void {
  if (!ArrayBuffer.isView(view)) throw new TypeError("`read` takes a view of an ArrayBuffer");
  const { buffer } = view;
  if (view.byteLength === 0) throw new TypeError("`read` takes a view that is not empty");
  if (buffer.byteLength === 0 || (buffer as ArrayBuffer).detached) throw new TypeError("the view's buffer is empty or detached");
  const room = view instanceof DataView ? view.byteLength : (view as Uint8Array).length;
  if (min > room) throw new RangeError("`min` is more than the view has room for");
}

function isDefaultReader(value: unknown): value is ReadableStreamDefaultReader {
  return isObject(value) && (value as ReadableStreamDefaultReader)._default === true;
}

function isByobReader(value: unknown): value is ReadableStreamBYOBReader {
  return isObject(value) && (value as ReadableStreamBYOBReader)._byob === true;
}

function released(): TypeError {
  return new TypeError("the reader was released");
}

function lock(reader: Reader, stream: unknown): void {
  if (!isReadableStream(stream)) throw new TypeError("a reader takes a ReadableStream");
  if (stream._reader !== undefined) throw new TypeError("the stream is locked to another reader");
  reader._requests = new Fifo();
  reader._stream = stream;
  stream._reader = reader;
  reader._closed = new Deferred();
  if (stream._readableState === "closed") reader._closed.resolve(undefined);
  else if (stream._readableState === "errored") rejectAnew(reader._closed, stream._error);
}

function cancelReader(reader: Reader, reason: unknown): Promise<void> {
  return reader._stream === undefined ? rejected(released()) : cancelReadable(reader._stream, reason);
}

/** Gives the stream back; reads that wait are refused. */
export function releaseReader(reader: Reader): void {
  const stream = reader._stream!;
  const error = released();
  reader._closed = rejectAnew(reader._closed, error);
  if (isBytes(stream._controller)) stream._controller._releaseSteps();
  stream._reader = undefined;
  reader._stream = undefined;
  for (const request of reader._requests.drain()) request.error(error);
}

/** "ReadableStreamDefaultReaderRead" (4.9.3). */
export function readDefault(reader: ReadableStreamDefaultReader, request: ReadRequest): void {
  const stream = reader._stream!;
  stream._disturbed = true;
  if (stream._readableState === "closed") request.close(undefined);
  else if (stream._readableState === "errored") request.error(stream._error);
  else if (isBytes(stream._controller)) stream._controller._pullSteps(request);
  else pullSteps(stream._controller, request);
}

/** "ReadableStreamBYOBReaderRead" (4.9.3). */
export function readByob(reader: ReadableStreamBYOBReader, view: ArrayBufferView, min: number, request: ReadRequest): void {
  const stream = reader._stream!;
  stream._disturbed = true;
  if (stream._readableState === "errored") request.error(stream._error);
  else (stream._controller as ReadableByteStreamController)._pullInto(view, min, request);
}

