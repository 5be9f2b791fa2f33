/** WritableStreamDefaultController (Streams 5.4, 5.5.4). */
import { isObject } from "../webidl";
import { AbortController, type AbortSignal } from "../abort";
import { illegal, illegalConstructor, invoke, type Method, methodOf, resolved, then } from "./promises";
import { QueueWithSizes, type Size, type Strategy } from "./queue";
import {
  closeQueuedOrInFlight,
  dealWithRejection,
  finishErroring,
  finishInFlightClose,
  finishInFlightCloseWithError,
  finishInFlightWrite,
  finishInFlightWriteWithError,
  type SinkAlgorithms,
  startErroring,
  updateBackpressure,
  type WritableStream,
} from "./writable-stream";

export interface Sink {
  start?(controller: WritableStreamDefaultController): unknown;
  write?(chunk: never, controller: WritableStreamDefaultController): unknown;
  close?(): unknown;
  abort?(reason: unknown): unknown;
  type?: undefined;
}

/** Stands in the queue for the end. */
const CLOSE = Symbol("close");

export class WritableStreamDefaultController {
  declare _sinkStream: WritableStream;
  declare _queue: QueueWithSizes<unknown>;
  declare _started: boolean;
  declare _mark: number;
  declare _size: Size | undefined;
  declare _algorithms: SinkAlgorithms | undefined;
  declare _aborter: AbortController | undefined;

  constructor() {
    throw illegalConstructor();
  }

  get signal(): AbortSignal {
    if (!isController(this)) throw illegal();
    return (this._aborter ??= new AbortController()).signal;
  }

  error(error: unknown = undefined): void {
    if (!isController(this)) throw illegal();
    if (this._sinkStream._writableState === "writable") this._error(error);
  }

  _signalAbort(reason: unknown): void {
    (this._aborter ??= new AbortController()).abort(reason);
  }

  _abortSink(reason: unknown): Promise<unknown> {
    const result = this._algorithms!.abort(reason);
    this._clearAlgorithms();
    return result;
  }

  _clearAlgorithms(): void {
    this._algorithms = undefined;
    this._size = undefined;
  }

  _clearQueue(): void {
    this._queue.clear();
  }

  _desiredSize(): number {
    return this._mark - this._queue.total;
  }

  _chunkSize(chunk: unknown): unknown {
    // Without a size function each chunk counts one; it is gone too once the stream ended.
    const size = this._size;
    if (size === undefined) return 1;
    try {
      return size(chunk);
    } catch (error) {
      this._errorIfNeeded(error);
      return 1;
    }
  }

  _error(error: unknown): void {
    this._clearAlgorithms();
    startErroring(this._sinkStream, error);
  }

  _errorIfNeeded(error: unknown): void {
    if (this._sinkStream._writableState === "writable") this._error(error);
  }

  _close(): void {
    this._queue.enqueue(CLOSE, 0);
    this._advance();
  }

  _write(chunk: unknown, size: unknown): void {
    try {
      this._queue.enqueue(chunk, size);
    } catch (error) {
      return this._errorIfNeeded(error);
    }
    const stream = this._sinkStream;
    if (!closeQueuedOrInFlight(stream) && stream._writableState === "writable") updateBackpressure(stream, this._desiredSize() <= 0);
    this._advance();
  }

  _advance(): void {
    const stream = this._sinkStream;
    if (!this._started || stream._inFlightWrite !== undefined) return;
    if (stream._writableState === "erroring") return finishErroring(stream);
    if (this._queue.length === 0) return;
    const next = this._queue.peek();
    if (next === CLOSE) this._processClose();
    else this._processWrite(next);
  }

  _processClose(): void {
    const stream = this._sinkStream;
    stream._inFlightClose = stream._closing;
    stream._closing = undefined;
    this._queue.dequeue();
    const result = this._algorithms!.close();
    this._clearAlgorithms();
    then(
      result,
      () => finishInFlightClose(stream),
      (error) => finishInFlightCloseWithError(stream, error),
    );
  }

  _processWrite(chunk: unknown): void {
    const stream = this._sinkStream;
    stream._inFlightWrite = stream._writes.shift();
    then(
      this._algorithms!.write(chunk),
      () => {
        finishInFlightWrite(stream);
        this._queue.dequeue();
        if (!closeQueuedOrInFlight(stream) && stream._writableState === "writable") updateBackpressure(stream, this._desiredSize() <= 0);
        this._advance();
      },
      (error) => {
        if (stream._writableState === "writable") this._clearAlgorithms();
        finishInFlightWriteWithError(stream, error);
      },
    );
  }
}

function isController(value: unknown): value is WritableStreamDefaultController {
  return isObject(value) && (value as WritableStreamDefaultController)._sinkStream !== undefined;
}

export function setUpController(stream: WritableStream, algorithms: SinkAlgorithms, highWaterMark: number, size: Size | undefined): void {
  const controller = Object.create(WritableStreamDefaultController.prototype) as WritableStreamDefaultController;
  controller._sinkStream = stream;
  controller._queue = new QueueWithSizes();
  controller._started = false;
  controller._mark = highWaterMark;
  controller._size = size;
  controller._algorithms = algorithms;
  controller._aborter = undefined;
  stream._controller = controller;
  updateBackpressure(stream, controller._desiredSize() <= 0);
  const started = algorithms.start(controller);
  then(
    resolved(started),
    () => {
      controller._started = true;
      controller._advance();
    },
    (error) => {
      controller._started = true;
      dealWithRejection(stream, error);
    },
  );
}

/** The mark is read after the sink, as the standard does. */
export function setUpFromSink(stream: WritableStream, sink: object | null, strategy: Strategy, highWaterMark: () => number): void {
  const abort = methodOf(sink, "abort");
  const close = methodOf(sink, "close");
  const start = methodOf(sink, "start");
  if ((sink as Sink | null)?.type !== undefined) throw new RangeError("the `type` of an underlying sink must be undefined");
  const write = methodOf(sink, "write");
  const mark = highWaterMark();
  setUpController(stream, sinkAlgorithms(sink, { abort, close, start, write }), mark, strategy.size);
}

function sinkAlgorithms(sink: object | null, methods: Record<"abort" | "close" | "start" | "write", Method | undefined>): SinkAlgorithms {
  let controller: WritableStreamDefaultController;
  return {
    start(made) {
      controller = made;
      return methods.start === undefined ? undefined : Reflect.apply(methods.start, sink, [made]);
    },
    write: (chunk) => invoke(methods.write, sink, chunk, controller),
    close: () => invoke(methods.close, sink),
    abort: (reason) => invoke(methods.abort, sink, reason),
  };
}
