/** ReadableStream (Streams 4.2, 4.9.1, 4.9.2): the stream itself and what its controllers and readers do to it. */
import { enforced, isObject, toDictionary, toEnum } from "../webidl";
import { illegal, markHandled, methodOf, optionalObject, rejectAnew, rejected, resolved, then } from "./promises";
import { createByteController, ReadableByteStreamController, setUpByteController } from "./byte-controller";
import { fromIterable, iterate } from "./iteration";
import { pipe, pipeOptions, type PipeOptions } from "./pipe";
import { highWaterMarkOf, type QueuingStrategy, type Size, strategyOf } from "./queue";
import { cancelSteps, createDefaultController, type ReadableStreamDefaultController, setUpDefaultController } from "./default-controller";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader, type ReadRequest } from "./readers";
import { tee } from "./tee";
import { isWritableStream, type WritableStream } from "./writable-stream";

export interface Source {
  start?(controller: ReadableStreamDefaultController & ReadableByteStreamController): unknown;
  pull?(controller: ReadableStreamDefaultController & ReadableByteStreamController): unknown;
  cancel?(reason: unknown): unknown;
  type?: "bytes" | undefined;
  autoAllocateChunkSize?: number;
}

export interface SourceAlgorithms {
  start(controller: never): unknown;
  pull(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}

export class ReadableStream<R = unknown> {
  declare _readableState: "readable" | "closed" | "errored";
  declare _error: unknown;
  declare _disturbed: boolean;
  declare _reader: ReadableStreamDefaultReader | ReadableStreamBYOBReader | undefined;
  declare _controller: ReadableStreamDefaultController | ReadableByteStreamController;

  constructor(underlyingSource: Source | undefined = undefined, queuingStrategy: QueuingStrategy | undefined = undefined) {
    const strategy = strategyOf(queuingStrategy);
    const source = optionalObject(underlyingSource, "the underlying source");
    const chunkSize = source === null ? undefined : chunkSizeOf((source as Source).autoAllocateChunkSize);
    const methods = { cancel: methodOf(source, "cancel"), pull: methodOf(source, "pull"), start: methodOf(source, "start") };
    const type = (source as Source | null)?.type;
    if (type !== undefined && String(type) !== "bytes") throw new TypeError("the `type` of an underlying source is `bytes`, or undefined");
    initReadable(this);
    if (type === undefined) {
      setUpDefaultController(this, source, methods, highWaterMarkOf(strategy, 1), strategy.size);
    } else {
      if (strategy.size !== undefined) throw new RangeError("a byte stream takes no size function");
      setUpByteController(this, source, methods, highWaterMarkOf(strategy, 0), chunkSize);
    }
  }

  static from<T>(iterable: Iterable<T> | AsyncIterable<T>): ReadableStream<T> {
    return fromIterable(iterable);
  }

  get locked(): boolean {
    if (!isReadableStream(this)) throw illegal();
    return this._reader !== undefined;
  }

  cancel(reason: unknown = undefined): Promise<void> {
    if (!isReadableStream(this)) return rejected(illegal());
    if (this._reader !== undefined) return rejected(new TypeError("a locked stream cannot be cancelled"));
    return cancelReadable(this, reason);
  }

  getReader(): ReadableStreamDefaultReader<R>;
  getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  getReader(options: { mode?: "byob" } | undefined = undefined): ReadableStreamDefaultReader<R> | ReadableStreamBYOBReader {
    if (!isReadableStream(this)) throw illegal();
    if (options === undefined) return new ReadableStreamDefaultReader<R>(this);
    const { mode } = toDictionary(options, "the options");
    if (mode === undefined) return new ReadableStreamDefaultReader<R>(this);
    toEnum(mode, ["byob"], "the mode of a reader");
    return new ReadableStreamBYOBReader(this as unknown as ReadableStream<Uint8Array>);
  }

  pipeThrough<T>(transform: { readable: ReadableStream<T>; writable: WritableStream<R> }, options: PipeOptions | undefined = undefined): ReadableStream<T> {
    if (!isReadableStream(this)) throw illegal();
    const pair = toDictionary(transform, "a transform");
    const { readable } = pair;
    if (!isReadableStream(readable)) throw new TypeError("`readable` must be a ReadableStream");
    const { writable } = pair;
    if (!isWritableStream(writable)) throw new TypeError("`writable` must be a WritableStream");
    const given = pipeOptions(options);
    if (this._reader !== undefined) throw new TypeError("a locked stream cannot be piped");
    if (writable._writer !== undefined) throw new TypeError("a stream cannot be piped to a locked one");
    markHandled(pipe(this, writable, given));
    return readable as ReadableStream<T>;
  }

  pipeTo(destination: WritableStream<R>, options: PipeOptions | undefined = undefined): Promise<void> {
    if (!isReadableStream(this)) return rejected(illegal());
    if (!isWritableStream(destination)) return rejected(new TypeError("`pipeTo` takes a WritableStream"));
    try {
      const given = pipeOptions(options);
      if (this._reader !== undefined) throw new TypeError("a locked stream cannot be piped");
      if (destination._writer !== undefined) throw new TypeError("a stream cannot be piped to a locked one");
      return pipe(this, destination, given);
    } catch (error) {
      return rejected(error);
    }
  }

  tee(): [ReadableStream<R>, ReadableStream<R>] {
    if (!isReadableStream(this)) throw illegal();
    return tee(this) as [ReadableStream<R>, ReadableStream<R>];
  }

  values(options: { preventCancel?: boolean } | undefined = undefined): AsyncIterableIterator<R> {
    if (!isReadableStream(this)) throw illegal();
    return iterate<R>(this as ReadableStream<R>, Boolean(toDictionary(options, "the options").preventCancel));
  }

  declare [Symbol.asyncIterator]: (options?: { preventCancel?: boolean }) => AsyncIterableIterator<R>;
}
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, { value: ReadableStream.prototype.values, writable: true, configurable: true });

/** [EnforceRange] unsigned long long, which must not be zero. */
function chunkSizeOf(value: unknown): number | undefined {
  return value === undefined ? undefined : enforced(value, 0, Number.MAX_SAFE_INTEGER, "`autoAllocateChunkSize`");
}

export function isReadableStream(value: unknown): value is ReadableStream {
  return isObject(value) && (value as ReadableStream)._readableState !== undefined;
}

function initReadable(stream: ReadableStream<never> | ReadableStream): void {
  stream._readableState = "readable";
  stream._error = undefined;
  stream._disturbed = false;
  stream._reader = undefined;
}

/** "CreateReadableStream" (4.9.1). */
export function createReadable<R>(algorithms: SourceAlgorithms, highWaterMark = 1, size?: Size): ReadableStream<R> {
  const stream = Object.create(ReadableStream.prototype) as ReadableStream<R>;
  initReadable(stream as ReadableStream);
  createDefaultController(stream as ReadableStream, algorithms, highWaterMark, size);
  return stream;
}

/** "CreateReadableByteStream" (4.9.1). */
export function createReadableBytes(algorithms: SourceAlgorithms, highWaterMark = 0): ReadableStream<Uint8Array> {
  const stream = Object.create(ReadableStream.prototype) as ReadableStream<Uint8Array>;
  initReadable(stream as ReadableStream);
  createByteController(stream as ReadableStream, algorithms, highWaterMark, undefined);
  return stream;
}

export function cancelReadable(stream: ReadableStream, reason: unknown): Promise<void> {
  stream._disturbed = true;
  if (stream._readableState === "closed") return resolved(undefined);
  if (stream._readableState === "errored") return rejected(stream._error);
  closeReadable(stream);
  const reader = stream._reader;
  if (reader instanceof ReadableStreamBYOBReader) for (const request of reader._requests.drain()) request.close(undefined);
  return then(isBytes(stream._controller) ? stream._controller._cancelSteps(reason) : cancelSteps(stream._controller, reason), () => undefined);
}

export function closeReadable(stream: ReadableStream): void {
  stream._readableState = "closed";
  const reader = stream._reader;
  if (reader === undefined) return;
  reader._closed.resolve(undefined);
  if (reader instanceof ReadableStreamDefaultReader) for (const request of reader._requests.drain()) request.close(undefined);
}

export function errorReadable(stream: ReadableStream, error: unknown): void {
  stream._readableState = "errored";
  stream._error = error;
  const reader = stream._reader;
  if (reader === undefined) return;
  rejectAnew(reader._closed, error);
  for (const request of reader._requests.drain()) request.error(error);
}

export function isBytes(controller: ReadableStreamDefaultController | ReadableByteStreamController): controller is ReadableByteStreamController {
  return controller instanceof ReadableByteStreamController;
}

/** Answers the oldest read. */
export function fulfillRead(stream: ReadableStream, chunk: unknown, done: boolean): void {
  const request = stream._reader!._requests.shift();
  if (done) request.close(chunk);
  else request.chunk(chunk);
}

export function addReadRequest(stream: ReadableStream, request: ReadRequest): void {
  stream._reader!._requests.push(request);
}

export function hasDefaultReader(stream: ReadableStream): boolean {
  return stream._reader instanceof ReadableStreamDefaultReader;
}

export function hasByobReader(stream: ReadableStream): boolean {
  return stream._reader instanceof ReadableStreamBYOBReader;
}

export function pendingReads(stream: ReadableStream): number {
  return stream._reader === undefined ? 0 : stream._reader._requests.length;
}
