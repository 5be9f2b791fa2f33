/** WritableStream and its writer (Streams 5.1 to 5.3, 5.5.1 to 5.5.3). The controller is in its own file. */
import { isObject, need } from "../webidl";
import { setUpController, setUpFromSink, type Sink, WritableStreamDefaultController } from "./writable-controller";
import { Deferred, illegal, optionalObject, rejectAnew, rejected, resolved, then } from "./promises";
import { Fifo, highWaterMarkOf, type QueuingStrategy, type Size, strategyOf } from "./queue";

type State = "writable" | "erroring" | "errored" | "closed";

interface PendingAbort {
  done: Deferred<void>;
  reason: unknown;
  wasErroring: boolean;
}

export class WritableStream<W = unknown> {
  declare _writableState: State;
  declare _error: unknown;
  declare _writer: WritableStreamDefaultWriter<W> | undefined;
  declare _controller: WritableStreamDefaultController;
  declare _writes: Fifo<Deferred<void>>;
  declare _inFlightWrite: Deferred<void> | undefined;
  declare _closing: Deferred<void> | undefined;
  declare _inFlightClose: Deferred<void> | undefined;
  declare _pendingAbort: PendingAbort | undefined;
  declare _backpressure: boolean;

  constructor(underlyingSink: Sink | undefined = undefined, queuingStrategy: QueuingStrategy | undefined = undefined) {
    const strategy = strategyOf(queuingStrategy);
    const sink = optionalObject(underlyingSink, "the underlying sink");
    initWritable(this);
    setUpFromSink(this, sink, strategy, () => highWaterMarkOf(strategy, 1));
  }

  get locked(): boolean {
    if (!isWritableStream(this)) throw illegal();
    return this._writer !== undefined;
  }

  abort(reason: unknown = undefined): Promise<void> {
    if (!isWritableStream(this)) return rejected(illegal());
    if (this._writer !== undefined) return rejected(new TypeError("a locked stream cannot be aborted"));
    return abortWritable(this, reason);
  }

  close(): Promise<void> {
    if (!isWritableStream(this)) return rejected(illegal());
    if (this._writer !== undefined) return rejected(new TypeError("a locked stream cannot be closed"));
    if (closeQueuedOrInFlight(this)) return rejected(new TypeError("the stream is closing already"));
    return closeWritable(this);
  }

  getWriter(): WritableStreamDefaultWriter<W> {
    if (!isWritableStream(this)) throw illegal();
    return new WritableStreamDefaultWriter<W>(this);
  }
}

export function isWritableStream(value: unknown): value is WritableStream {
  return isObject(value) && (value as WritableStream)._writableState !== undefined;
}

function initWritable(stream: WritableStream<never> | WritableStream): void {
  stream._writableState = "writable";
  stream._error = undefined;
  stream._writer = undefined;
  stream._writes = new Fifo();
  stream._inFlightWrite = undefined;
  stream._closing = undefined;
  stream._inFlightClose = undefined;
  stream._pendingAbort = undefined;
  stream._backpressure = false;
}

export interface SinkAlgorithms {
  start(controller: WritableStreamDefaultController): unknown;
  write(chunk: unknown): Promise<unknown>;
  close(): Promise<unknown>;
  abort(reason: unknown): Promise<unknown>;
}

/** "CreateWritableStream" (5.5.1). */
export function createWritable<W>(algorithms: SinkAlgorithms, highWaterMark: number, size: Size | undefined): WritableStream<W> {
  const stream = Object.create(WritableStream.prototype) as WritableStream<W>;
  initWritable(stream as WritableStream);
  setUpController(stream as WritableStream, algorithms, highWaterMark, size);
  return stream;
}

export function abortWritable(stream: WritableStream, reason: unknown): Promise<void> {
  if (stream._writableState === "closed" || stream._writableState === "errored") return resolved(undefined);
  stream._controller._signalAbort(reason);
  // The signal's listeners may have done anything.
  if ((stream._writableState as State) === "closed" || (stream._writableState as State) === "errored") return resolved(undefined);
  if (stream._pendingAbort !== undefined) return stream._pendingAbort.done.promise;
  const wasErroring = stream._writableState === "erroring";
  const done = new Deferred<void>();
  stream._pendingAbort = { done, reason: wasErroring ? undefined : reason, wasErroring };
  if (!wasErroring) startErroring(stream, reason);
  return done.promise;
}

export function closeWritable(stream: WritableStream): Promise<void> {
  const state = stream._writableState;
  if (state === "closed" || state === "errored") return rejected(new TypeError(`the stream is ${state} and cannot be closed`));
  const closing = (stream._closing = new Deferred<void>());
  if (stream._writer !== undefined && stream._backpressure && state === "writable") stream._writer._ready.resolve(undefined);
  stream._controller._close();
  return closing.promise;
}

export function closeQueuedOrInFlight(stream: WritableStream): boolean {
  return stream._closing !== undefined || stream._inFlightClose !== undefined;
}

export function dealWithRejection(stream: WritableStream, error: unknown): void {
  if (stream._writableState === "writable") startErroring(stream, error);
  else finishErroring(stream);
}

export function startErroring(stream: WritableStream, reason: unknown): void {
  stream._writableState = "erroring";
  stream._error = reason;
  const writer = stream._writer;
  if (writer !== undefined) writer._ready = rejectAnew(writer._ready, reason);
  const inFlight = stream._inFlightWrite !== undefined || stream._inFlightClose !== undefined;
  if (!inFlight && stream._controller._started) finishErroring(stream);
}

export function finishErroring(stream: WritableStream): void {
  stream._writableState = "errored";
  stream._controller._clearQueue();
  const error = stream._error;
  for (const write of stream._writes.drain()) write.reject(error);
  const abort = stream._pendingAbort;
  if (abort === undefined) return rejectCloseAndClosed(stream);
  stream._pendingAbort = undefined;
  if (abort.wasErroring) {
    abort.done.reject(error);
    return rejectCloseAndClosed(stream);
  }
  then(
    stream._controller._abortSink(abort.reason),
    () => {
      abort.done.resolve(undefined);
      rejectCloseAndClosed(stream);
    },
    (reason) => {
      abort.done.reject(reason);
      rejectCloseAndClosed(stream);
    },
  );
}

export function finishInFlightWrite(stream: WritableStream): void {
  stream._inFlightWrite!.resolve(undefined);
  stream._inFlightWrite = undefined;
}

export function finishInFlightWriteWithError(stream: WritableStream, error: unknown): void {
  stream._inFlightWrite!.reject(error);
  stream._inFlightWrite = undefined;
  dealWithRejection(stream, error);
}

export function finishInFlightClose(stream: WritableStream): void {
  stream._inFlightClose!.resolve(undefined);
  stream._inFlightClose = undefined;
  if (stream._writableState === "erroring") {
    // The sink closed before it could be aborted: that is no error any more.
    stream._error = undefined;
    stream._pendingAbort?.done.resolve(undefined);
    stream._pendingAbort = undefined;
  }
  stream._writableState = "closed";
  stream._writer?._closed.resolve(undefined);
}

export function finishInFlightCloseWithError(stream: WritableStream, error: unknown): void {
  stream._inFlightClose!.reject(error);
  stream._inFlightClose = undefined;
  stream._pendingAbort?.done.reject(error);
  stream._pendingAbort = undefined;
  dealWithRejection(stream, error);
}

function rejectCloseAndClosed(stream: WritableStream): void {
  stream._closing?.reject(stream._error);
  stream._closing = undefined;
  if (stream._writer !== undefined) rejectAnew(stream._writer._closed, stream._error);
}

export function updateBackpressure(stream: WritableStream, backpressure: boolean): void {
  const writer = stream._writer;
  if (writer !== undefined && backpressure !== stream._backpressure) {
    if (backpressure) writer._ready = new Deferred();
    else writer._ready.resolve(undefined);
  }
  stream._backpressure = backpressure;
}

export class WritableStreamDefaultWriter<W = unknown> {
  declare _stream: WritableStream | undefined;
  declare _ready: Deferred<void>;
  declare _closed: Deferred<void>;

  constructor(stream: WritableStream<W>) {
    need(arguments.length, 1, "new WritableStreamDefaultWriter");
    if (!isWritableStream(stream)) throw new TypeError("a writer takes a WritableStream");
    if (stream._writer !== undefined) throw new TypeError("the stream is locked to another writer");
    this._stream = stream;
    stream._writer = this as WritableStreamDefaultWriter;
    this._ready = new Deferred();
    this._closed = new Deferred();
    const state = stream._writableState;
    if (state === "erroring") {
      rejectAnew(this._ready, stream._error);
    } else if (state === "errored") {
      rejectAnew(this._ready, stream._error);
      rejectAnew(this._closed, stream._error);
    } else {
      if (state === "closed" || closeQueuedOrInFlight(stream) || !stream._backpressure) this._ready.resolve(undefined);
      if (state === "closed") this._closed.resolve(undefined);
    }
  }

  get closed(): Promise<void> {
    if (!isWriter(this)) return rejected(illegal());
    return this._closed.promise;
  }

  get desiredSize(): number | null {
    if (!isWriter(this)) throw illegal();
    const stream = this._stream;
    if (stream === undefined) throw released();
    if (stream._writableState === "errored" || stream._writableState === "erroring") return null;
    return stream._writableState === "closed" ? 0 : stream._controller._desiredSize();
  }

  get ready(): Promise<void> {
    if (!isWriter(this)) return rejected(illegal());
    return this._ready.promise;
  }

  abort(reason: unknown = undefined): Promise<void> {
    if (!isWriter(this)) return rejected(illegal());
    return this._stream === undefined ? rejected(released()) : abortWritable(this._stream, reason);
  }

  close(): Promise<void> {
    if (!isWriter(this)) return rejected(illegal());
    if (this._stream === undefined) return rejected(released());
    if (closeQueuedOrInFlight(this._stream)) return rejected(new TypeError("the stream is closing already"));
    return closeWritable(this._stream);
  }

  releaseLock(): void {
    if (!isWriter(this)) throw illegal();
    if (this._stream !== undefined) releaseWriter(this);
  }

  write(chunk: W | undefined = undefined): Promise<void> {
    if (!isWriter(this)) return rejected(illegal());
    return this._stream === undefined ? rejected(released()) : writeTo(this, chunk);
  }
}

function isWriter(value: unknown): value is WritableStreamDefaultWriter {
  return isObject(value) && (value as WritableStreamDefaultWriter)._ready !== undefined;
}

function released(): TypeError {
  return new TypeError("the writer was released");
}

export function releaseWriter(writer: WritableStreamDefaultWriter): void {
  const stream = writer._stream!;
  const error = released();
  writer._ready = rejectAnew(writer._ready, error);
  writer._closed = rejectAnew(writer._closed, error);
  stream._writer = undefined;
  writer._stream = undefined;
}

export function writeTo(writer: WritableStreamDefaultWriter, chunk: unknown): Promise<void> {
  const stream = writer._stream!;
  const controller = stream._controller;
  const size = controller._chunkSize(chunk);
  if (stream !== writer._stream) return rejected(released());
  const state = stream._writableState;
  if (state === "errored") return rejected(stream._error);
  if (closeQueuedOrInFlight(stream) || state === "closed") return rejected(new TypeError("the stream is closing or closed"));
  if (state === "erroring") return rejected(stream._error);
  const write = new Deferred<void>();
  stream._writes.push(write);
  controller._write(chunk, size);
  return write.promise;
}

/** "WritableStreamDefaultWriterCloseWithErrorPropagation" (5.5.3). */
export function closeWithErrorPropagation(writer: WritableStreamDefaultWriter): Promise<void> {
  const stream = writer._stream!;
  if (closeQueuedOrInFlight(stream) || stream._writableState === "closed") return resolved(undefined);
  if (stream._writableState === "errored") return rejected(stream._error);
  return closeWritable(stream);
}
