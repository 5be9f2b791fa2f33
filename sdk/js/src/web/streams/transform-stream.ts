/** TransformStream (Streams 6). */
import { isObject } from "../webidl";
import { Deferred, illegal, illegalConstructor, invoke, type Method, methodOf, optionalObject, rejected, resolved, then } from "./promises";
import { highWaterMarkOf, type QueuingStrategy, type Size, strategyOf } from "./queue";
import { canCloseOrEnqueue, closeController, desiredSizeOf, enqueueChunk, errorController, type ReadableStreamDefaultController, shouldPull } from "./default-controller";
import { createReadable, type ReadableStream } from "./readable-stream";
import { createWritable, type WritableStream } from "./writable-stream";

export interface Transformer<I = unknown, O = unknown> {
  start?(controller: TransformStreamDefaultController<O>): unknown;
  transform?(chunk: I, controller: TransformStreamDefaultController<O>): unknown;
  flush?(controller: TransformStreamDefaultController<O>): unknown;
  cancel?(reason: unknown): unknown;
  readableType?: undefined;
  writableType?: undefined;
}

interface TransformAlgorithms {
  transform(chunk: unknown): Promise<unknown>;
  flush(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}

export class TransformStream<I = unknown, O = unknown> {
  declare _readableSide: ReadableStream<O>;
  declare _writableSide: WritableStream<I>;
  declare _controller: TransformStreamDefaultController<O>;
  declare _blocked: boolean | undefined;
  /** Settled at the next change of `_blocked`. */
  declare _blockedChange: Deferred<void>;

  constructor(
    transformer: Transformer<I, O> | undefined = undefined,
    writableStrategy: QueuingStrategy | undefined = undefined,
    readableStrategy: QueuingStrategy | undefined = undefined,
  ) {
    const writable = strategyOf(writableStrategy);
    const readable = strategyOf(readableStrategy);
    const object = optionalObject(transformer, "the transformer");
    const cancel = methodOf(object, "cancel");
    const flush = methodOf(object, "flush");
    const types = (object ?? {}) as Transformer;
    if (types.readableType !== undefined) throw new RangeError("the `readableType` of a transformer must be undefined");
    const start = methodOf(object, "start");
    const transform = methodOf(object, "transform");
    if (types.writableType !== undefined) throw new RangeError("the `writableType` of a transformer must be undefined");
    const readableMark = highWaterMarkOf(readable, 0);
    const writableMark = highWaterMarkOf(writable, 1);
    const started = new Deferred<unknown>();
    initTransform(this as TransformStream, started.promise, writableMark, writable.size, readableMark, readable.size);
    const controller = this._controller as TransformStreamDefaultController;
    controller._algorithms = transformerAlgorithms(object, controller, { cancel, flush, transform });
    started.resolve(start === undefined ? undefined : Reflect.apply(start, object, [controller]));
  }

  get readable(): ReadableStream<O> {
    if (!isTransformStream(this)) throw illegal();
    return this._readableSide as ReadableStream<O>;
  }

  get writable(): WritableStream<I> {
    if (!isTransformStream(this)) throw illegal();
    return this._writableSide as WritableStream<I>;
  }
}

export function isTransformStream(value: unknown): value is TransformStream {
  return isObject(value) && (value as TransformStream)._readableSide !== undefined;
}

function transformerAlgorithms(
  object: object | null,
  controller: TransformStreamDefaultController,
  methods: Record<"cancel" | "flush" | "transform", Method | undefined>,
): TransformAlgorithms {
  const { cancel, flush, transform } = methods;
  return {
    transform(chunk) {
      if (transform !== undefined) return invoke(transform, object, chunk, controller);
      try {
        controller._enqueue(chunk);
        return resolved(undefined);
      } catch (error) {
        return rejected(error);
      }
    },
    flush: () => invoke(flush, object, controller),
    cancel: (reason) => invoke(cancel, object, reason),
  };
}

/** What the platform's own transforms do. All may throw. */
export interface OwnTransform<I, O> {
  transform(chunk: I, controller: TransformStreamDefaultController<O>): void | Promise<void>;
  flush?(controller: TransformStreamDefaultController<O>): void | Promise<void>;
  cancel?(): void;
}

/** A transform of the platform's own, with the standard's marks. */
export function createTransform<I, O>(own: OwnTransform<I, O>, writableMark = 1, readableMark = 0): TransformStream<I, O> {
  const stream = Object.create(TransformStream.prototype) as TransformStream<I, O>;
  initTransform(stream as TransformStream, resolved(undefined), writableMark, undefined, readableMark, undefined);
  const controller = stream._controller;
  (controller as TransformStreamDefaultController)._algorithms = {
    transform: (chunk) => invoke(own.transform, own, chunk, controller),
    flush: () => invoke(own.flush, own, controller),
    cancel: () => invoke(own.cancel, own),
  };
  return stream;
}

/** For a transform that makes much of one chunk: waits until the readable side wants more; false once it wants nothing any more. */
export async function hasRoom(controller: TransformStreamDefaultController<never> | TransformStreamDefaultController): Promise<boolean> {
  const stream = controller._transformStream;
  const readable = stream._readableSide;
  while (stream._blocked && readable._readableState === "readable") await stream._blockedChange.promise;
  return readable._readableState === "readable";
}

function initTransform(
  stream: TransformStream,
  started: Promise<unknown>,
  writableMark: number,
  writableSize: Size | undefined,
  readableMark: number,
  readableSize: Size | undefined,
): void {
  const controller = Object.create(TransformStreamDefaultController.prototype) as TransformStreamDefaultController;
  controller._transformStream = stream;
  controller._finished = undefined;
  stream._controller = controller;
  stream._blocked = undefined;
  stream._blockedChange = new Deferred();
  stream._writableSide = createWritable(
    {
      start: () => started,
      write: (chunk) => writeChunk(stream, chunk),
      close: () => closeSink(stream),
      abort: (reason) => abortSink(stream, reason),
    },
    writableMark,
    writableSize,
  );
  stream._readableSide = createReadable(
    {
      start: () => started,
      pull: () => {
        setBlocked(stream, false);
        return stream._blockedChange.promise;
      },
      cancel: (reason) => cancelSource(stream, reason),
    },
    readableMark,
    readableSize,
  );
  setBlocked(stream, true);
}

function setBlocked(stream: TransformStream, blocked: boolean): void {
  if (stream._blocked === blocked) return;
  stream._blockedChange.resolve(undefined);
  stream._blockedChange = new Deferred();
  stream._blocked = blocked;
}

function readableController(stream: TransformStream): ReadableStreamDefaultController {
  return stream._readableSide._controller as ReadableStreamDefaultController;
}

function errorBoth(stream: TransformStream, error: unknown): void {
  errorController(readableController(stream), error);
  errorWritable(stream, error);
}

/** Errors the writable side and lets a write that waits for room go on. */
function errorWritable(stream: TransformStream, error: unknown): void {
  stream._controller._clearAlgorithms();
  stream._writableSide._controller._errorIfNeeded(error);
  if (stream._blocked) setBlocked(stream, false);
}

function writeChunk(stream: TransformStream, chunk: unknown): Promise<unknown> {
  if (!stream._blocked) return stream._controller._transform(chunk);
  return then(stream._blockedChange.promise, () => {
    const writable = stream._writableSide;
    if (writable._writableState === "erroring") throw writable._error;
    return stream._controller._transform(chunk);
  });
}

/** Whatever ends the stream first decides how it ends. */
function finishOnce(stream: TransformStream, algorithm: (algorithms: TransformAlgorithms) => Promise<unknown>, settled: (failure?: { error: unknown }) => void): Promise<void> {
  const controller = stream._controller;
  if (controller._finished !== undefined) return controller._finished.promise;
  const finished = (controller._finished = new Deferred<void>());
  const result = algorithm(controller._algorithms!);
  controller._clearAlgorithms();
  const end = (failure?: { error: unknown }): void => {
    try {
      settled(failure);
      finished.resolve(undefined);
    } catch (error) {
      finished.reject(error);
    }
  };
  then(
    result,
    () => end(),
    (error) => end({ error }),
  );
  return finished.promise;
}

function abortSink(stream: TransformStream, reason: unknown): Promise<void> {
  const readable = stream._readableSide;
  return finishOnce(stream, (algorithms) => algorithms.cancel(reason), (failure) => {
    if (failure === undefined && readable._readableState === "errored") throw readable._error;
    errorController(readableController(stream), failure === undefined ? reason : failure.error);
    if (failure !== undefined) throw failure.error;
  });
}

function closeSink(stream: TransformStream): Promise<void> {
  const readable = stream._readableSide;
  return finishOnce(stream, (algorithms) => algorithms.flush(), (failure) => {
    if (failure === undefined && readable._readableState === "errored") throw readable._error;
    if (failure === undefined) return closeController(readableController(stream));
    errorController(readableController(stream), failure.error);
    throw failure.error;
  });
}

function cancelSource(stream: TransformStream, reason: unknown): Promise<void> {
  const writable = stream._writableSide;
  return finishOnce(stream, (algorithms) => algorithms.cancel(reason), (failure) => {
    if (failure === undefined && writable._writableState === "errored") throw writable._error;
    writable._controller._errorIfNeeded(failure === undefined ? reason : failure.error);
    if (stream._blocked) setBlocked(stream, false);
    if (failure !== undefined) throw failure.error;
  });
}

export class TransformStreamDefaultController<O = unknown> {
  declare _transformStream: TransformStream;
  declare _algorithms: TransformAlgorithms | undefined;
  declare _finished: Deferred<void> | undefined;

  constructor() {
    throw illegalConstructor();
  }

  get desiredSize(): number | null {
    if (!isController(this)) throw illegal();
    return desiredSizeOf(readableController(this._transformStream));
  }

  enqueue(chunk: O | undefined = undefined): void {
    if (!isController(this)) throw illegal();
    this._enqueue(chunk);
  }

  error(reason: unknown = undefined): void {
    if (!isController(this)) throw illegal();
    errorBoth(this._transformStream, reason);
  }

  terminate(): void {
    if (!isController(this)) throw illegal();
    closeController(readableController(this._transformStream));
    errorWritable(this._transformStream, new TypeError("the transform was terminated"));
  }

  _enqueue(chunk: unknown): void {
    const stream = this._transformStream;
    const controller = readableController(stream);
    if (!canCloseOrEnqueue(controller)) throw new TypeError("the readable side takes no more chunks");
    try {
      enqueueChunk(controller, chunk);
    } catch (error) {
      errorWritable(stream, error);
      throw stream._readableSide._error;
    }
    const blocked = !shouldPull(controller);
    if (blocked !== stream._blocked) setBlocked(stream, true);
  }

  _transform(chunk: unknown): Promise<unknown> {
    return then(this._algorithms!.transform(chunk), undefined, (error) => {
      errorBoth(this._transformStream, error);
      throw error;
    });
  }

  _clearAlgorithms(): void {
    this._algorithms = undefined;
  }
}

function isController(value: unknown): value is TransformStreamDefaultController {
  return isObject(value) && (value as TransformStreamDefaultController)._transformStream !== undefined;
}
