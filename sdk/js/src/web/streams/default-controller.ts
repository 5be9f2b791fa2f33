/** ReadableStreamDefaultController (Streams 4.6, 4.9.4). */
import { isObject } from "../webidl";
import { illegal, illegalConstructor, invoke, type Method, resolved, then } from "./promises";
import { QueueWithSizes, type Size } from "./queue";
import { addReadRequest, closeReadable, errorReadable, fulfillRead, pendingReads, type ReadableStream, type SourceAlgorithms } from "./readable-stream";
import type { ReadRequest } from "./readers";

export class ReadableStreamDefaultController<R = unknown> {
  declare _defaultStream: ReadableStream;
  declare _queue: QueueWithSizes<unknown>;
  declare _started: boolean;
  declare _closeRequested: boolean;
  declare _pulling: boolean;
  declare _pullAgain: boolean;
  declare _mark: number;
  declare _size: Size | undefined;
  declare _algorithms: SourceAlgorithms | undefined;
  /** What follows a pull, made once: there is one for each chunk. */
  declare _pulled: () => void;
  declare _failed: (error: unknown) => void;

  constructor() {
    throw illegalConstructor();
  }

  get desiredSize(): number | null {
    if (!isController(this)) throw illegal();
    return desiredSizeOf(this);
  }

  close(): void {
    if (!isController(this)) throw illegal();
    if (!canCloseOrEnqueue(this)) throw new TypeError("the stream is closed, errored or closing: it cannot be closed");
    closeController(this);
  }

  enqueue(chunk: R | undefined = undefined): void {
    if (!isController(this)) throw illegal();
    if (!canCloseOrEnqueue(this)) throw new TypeError("the stream is closed, errored or closing: it takes no more chunks");
    enqueueChunk(this, chunk);
  }

  error(error: unknown = undefined): void {
    if (!isController(this)) throw illegal();
    errorController(this, error);
  }
}

export function canCloseOrEnqueue(controller: ReadableStreamDefaultController): boolean {
  return !controller._closeRequested && controller._defaultStream._readableState === "readable";
}

export function desiredSizeOf(controller: ReadableStreamDefaultController): number | null {
  const state = controller._defaultStream._readableState;
  if (state === "errored") return null;
  return state === "closed" ? 0 : controller._mark - controller._queue.total;
}

export function closeController(controller: ReadableStreamDefaultController): void {
  if (!canCloseOrEnqueue(controller)) return;
  controller._closeRequested = true;
  if (controller._queue.length > 0) return;
  clearAlgorithms(controller);
  closeReadable(controller._defaultStream);
}

export function enqueueChunk(controller: ReadableStreamDefaultController, chunk: unknown): void {
  if (!canCloseOrEnqueue(controller)) return;
  const stream = controller._defaultStream;
  if (pendingReads(stream) > 0) {
    fulfillRead(stream, chunk, false);
  } else {
    try {
      const size = controller._size;
      controller._queue.enqueue(chunk, size === undefined ? 1 : size(chunk));
    } catch (error) {
      errorController(controller, error);
      throw error;
    }
  }
  callPull(controller);
}

export function errorController(controller: ReadableStreamDefaultController, error: unknown): void {
  if (controller._defaultStream._readableState !== "readable") return;
  controller._queue.clear();
  clearAlgorithms(controller);
  errorReadable(controller._defaultStream, error);
}

export function clearAlgorithms(controller: ReadableStreamDefaultController): void {
  controller._algorithms = undefined;
  controller._size = undefined;
}

export function callPull(controller: ReadableStreamDefaultController): void {
  if (!shouldPull(controller)) return;
  if (controller._pulling) {
    controller._pullAgain = true;
    return;
  }
  controller._pulling = true;
  then(controller._algorithms!.pull(), controller._pulled, controller._failed);
}

function afterPull(controller: ReadableStreamDefaultController): void {
  controller._pulling = false;
  if (!controller._pullAgain) return;
  controller._pullAgain = false;
  callPull(controller);
}

export function shouldPull(controller: ReadableStreamDefaultController): boolean {
  if (!canCloseOrEnqueue(controller) || !controller._started) return false;
  return pendingReads(controller._defaultStream) > 0 || desiredSizeOf(controller)! > 0;
}

export function cancelSteps(controller: ReadableStreamDefaultController, reason: unknown): Promise<unknown> {
  controller._queue.clear();
  const result = controller._algorithms!.cancel(reason);
  clearAlgorithms(controller);
  return result;
}

export function pullSteps(controller: ReadableStreamDefaultController, request: ReadRequest): void {
  const stream = controller._defaultStream;
  if (controller._queue.length === 0) {
    addReadRequest(stream, request);
    callPull(controller);
    return;
  }
  const chunk = controller._queue.dequeue();
  if (controller._closeRequested && controller._queue.length === 0) {
    clearAlgorithms(controller);
    closeReadable(stream);
  } else {
    callPull(controller);
  }
  request.chunk(chunk);
}

function isController(value: unknown): value is ReadableStreamDefaultController {
  return isObject(value) && (value as ReadableStreamDefaultController)._defaultStream !== undefined;
}

export function createDefaultController(stream: ReadableStream, algorithms: SourceAlgorithms, highWaterMark: number, size: Size | undefined): void {
  const controller = Object.create(ReadableStreamDefaultController.prototype) as ReadableStreamDefaultController;
  controller._defaultStream = stream;
  controller._queue = new QueueWithSizes();
  controller._started = false;
  controller._closeRequested = false;
  controller._pulling = false;
  controller._pullAgain = false;
  controller._mark = highWaterMark;
  controller._size = size;
  controller._algorithms = algorithms;
  controller._pulled = () => afterPull(controller);
  controller._failed = (error) => errorController(controller, error);
  stream._controller = controller;
  then(
    resolved(algorithms.start(controller as never)),
    () => {
      controller._started = true;
      callPull(controller);
    },
    controller._failed,
  );
}

export type SourceMethods = Record<"cancel" | "pull" | "start", Method | undefined>;

/** The algorithms that a worker's source stands for; `made` is its controller once there is one. */
export function sourceAlgorithms(source: object | null, methods: SourceMethods): SourceAlgorithms {
  let made: unknown;
  return {
    start(controller) {
      made = controller;
      return methods.start === undefined ? undefined : Reflect.apply(methods.start, source, [controller]);
    },
    pull: () => invoke(methods.pull, source, made),
    cancel: (reason) => invoke(methods.cancel, source, reason),
  };
}

export function setUpDefaultController(stream: ReadableStream<never> | ReadableStream, source: object | null, methods: SourceMethods, highWaterMark: number, size: Size | undefined): void {
  createDefaultController(stream as ReadableStream, sourceAlgorithms(source, methods), highWaterMark, size);
}
