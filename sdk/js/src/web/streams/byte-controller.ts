/** ReadableByteStreamController (Streams 4.7, 4.9.5). Its pull-into descriptors are in their own file. */
import { isObject, need } from "../webidl";
import { fillFrom, type PullInto, ReadableStreamBYOBRequest, transferBuffer, viewClass, viewOf } from "./pull-into";
import { sourceAlgorithms, type SourceMethods } from "./default-controller";
import { illegal, illegalConstructor, resolved, then } from "./promises";
import { Fifo } from "./queue";
import {
  addReadRequest,
  closeReadable,
  errorReadable,
  fulfillRead,
  hasByobReader,
  hasDefaultReader,
  pendingReads,
  type ReadableStream,
  type SourceAlgorithms,
} from "./readable-stream";
import type { ReadRequest } from "./readers";

/** A part of a buffer that nobody else has. */
export interface ByteChunk {
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
}

export class ReadableByteStreamController {
  declare _byteStream: ReadableStream;
  declare _chunks: Fifo<ByteChunk>;
  declare _total: number;
  declare _started: boolean;
  declare _closeRequested: boolean;
  declare _pulling: boolean;
  declare _pullAgain: boolean;
  declare _mark: number;
  declare _chunkSize: number | undefined;
  declare _algorithms: SourceAlgorithms | undefined;
  declare _pullIntos: PullInto[];
  declare _byobRequest: ReadableStreamBYOBRequest | null;

  constructor() {
    throw illegalConstructor();
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    if (!isController(this)) throw illegal();
    return this._request();
  }

  get desiredSize(): number | null {
    if (!isController(this)) throw illegal();
    return this._desiredSize();
  }

  close(): void {
    if (!isController(this)) throw illegal();
    if (this._closeRequested) throw new TypeError("the stream is closing already");
    if (this._byteStream._readableState !== "readable") throw new TypeError(`the stream is ${this._byteStream._readableState}`);
    this._close();
  }

  enqueue(chunk: ArrayBufferView): void {
    if (!isController(this)) throw illegal();
    need(arguments.length, 1, "enqueue");
    if (!ArrayBuffer.isView(chunk)) throw new TypeError("a byte stream takes views of an ArrayBuffer");
    if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) throw new TypeError("a byte stream takes no empty chunks");
    if (this._closeRequested) throw new TypeError("the stream is closing: it takes no more chunks");
    if (this._byteStream._readableState !== "readable") throw new TypeError(`the stream is ${this._byteStream._readableState}: it takes no more chunks`);
    this._enqueue(chunk);
  }

  error(error: unknown = undefined): void {
    if (!isController(this)) throw illegal();
    this._error(error);
  }

  _request(): ReadableStreamBYOBRequest | null {
    const first = this._pullIntos[0];
    if (this._byobRequest === null && first !== undefined) {
      const view = new Uint8Array(first.buffer, first.byteOffset + first.bytesFilled, first.byteLength - first.bytesFilled);
      const request = Object.create(ReadableStreamBYOBRequest.prototype) as ReadableStreamBYOBRequest;
      request._byteController = this;
      request._view = view;
      this._byobRequest = request;
    }
    return this._byobRequest;
  }

  _desiredSize(): number | null {
    const state = this._byteStream._readableState;
    if (state === "errored") return null;
    return state === "closed" ? 0 : this._mark - this._total;
  }

  _close(): void {
    if (this._closeRequested || this._byteStream._readableState !== "readable") return;
    if (this._total > 0) {
      this._closeRequested = true;
      return;
    }
    const first = this._pullIntos[0];
    if (first !== undefined && first.bytesFilled % first.elementSize !== 0) {
      const error = new TypeError("the stream ended in the middle of an element");
      this._error(error);
      throw error;
    }
    this._clearAlgorithms();
    closeReadable(this._byteStream);
  }

  _enqueue(chunk: ArrayBufferView): void {
    const stream = this._byteStream;
    if (this._closeRequested || stream._readableState !== "readable") return;
    const { byteOffset, byteLength } = chunk;
    if ((chunk.buffer as ArrayBuffer).detached) throw new TypeError("the chunk's buffer is detached");
    const part = { buffer: transferBuffer(chunk.buffer), byteOffset, byteLength };
    const first = this._pullIntos[0];
    if (first !== undefined) {
      if (first.buffer.detached) throw new TypeError("the buffer of the pending read is detached");
      this._invalidateRequest();
      first.buffer = transferBuffer(first.buffer);
      if (first.reader === "none") this._enqueueDetached(first);
    }
    if (hasDefaultReader(stream)) this._enqueueForReads(part);
    else this._pushChunk(part);
    if (hasByobReader(stream)) this._commitAll(this._fillFromQueue());
    this._callPull();
  }

  _enqueueForReads(part: ByteChunk): void {
    const stream = this._byteStream;
    while (this._total > 0 && pendingReads(stream) > 0) this._answerFromQueue(stream._reader!._requests.shift());
    if (pendingReads(stream) === 0) return this._pushChunk(part);
    if (this._pullIntos.length > 0) this._pullIntos.shift();
    fulfillRead(stream, new Uint8Array(part.buffer, part.byteOffset, part.byteLength), false);
  }

  _pushChunk(part: ByteChunk): void {
    this._chunks.push(part);
    this._total += part.byteLength;
  }

  _pushCopy(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    let copy: ArrayBuffer;
    try {
      copy = buffer.slice(byteOffset, byteOffset + byteLength);
    } catch (error) {
      this._error(error);
      throw error;
    }
    this._pushChunk({ buffer: copy, byteOffset: 0, byteLength });
  }

  /** What a reader that is gone had been given already goes back into the queue. */
  _enqueueDetached(pull: PullInto): void {
    if (pull.bytesFilled > 0) this._pushCopy(pull.buffer, pull.byteOffset, pull.bytesFilled);
    this._pullIntos.shift();
  }

  _error(error: unknown): void {
    if (this._byteStream._readableState !== "readable") return;
    this._clearPullIntos();
    this._clearQueue();
    this._clearAlgorithms();
    errorReadable(this._byteStream, error);
  }

  _clearQueue(): void {
    this._chunks.clear();
    this._total = 0;
  }

  _clearPullIntos(): void {
    this._invalidateRequest();
    this._pullIntos = [];
  }

  _clearAlgorithms(): void {
    this._algorithms = undefined;
  }

  _invalidateRequest(): void {
    const request = this._byobRequest;
    if (request === null) return;
    request._byteController = undefined;
    request._view = null;
    this._byobRequest = null;
  }

  _answerFromQueue(request: ReadRequest): void {
    const { buffer, byteOffset, byteLength } = this._chunks.shift();
    this._total -= byteLength;
    this._afterTaking();
    request.chunk(new Uint8Array(buffer, byteOffset, byteLength));
  }

  _afterTaking(): void {
    if (this._total > 0 || !this._closeRequested) return this._callPull();
    this._clearAlgorithms();
    closeReadable(this._byteStream);
  }

  /** Serves the pending reads from the queue; answers those that are ready. */
  _fillFromQueue(): PullInto[] {
    const ready: PullInto[] = [];
    while (this._pullIntos.length > 0 && this._total > 0) {
      if (fillFrom(this, this._pullIntos[0]!)) ready.push(this._pullIntos.shift()!);
    }
    return ready;
  }

  _commit(pull: PullInto): void {
    const done = this._byteStream._readableState === "closed";
    fulfillRead(this._byteStream, viewOf(pull), done);
  }

  _commitAll(pulls: PullInto[]): void {
    for (const pull of pulls) this._commit(pull);
  }

  _pullInto(view: ArrayBufferView, min: number, request: ReadRequest): void {
    const stream = this._byteStream;
    const made = viewClass(view);
    const elementSize = made.BYTES_PER_ELEMENT ?? 1;
    const { byteOffset, byteLength } = view;
    let buffer: ArrayBuffer;
    try {
      buffer = transferBuffer(view.buffer);
    } catch (error) {
      return request.error(error);
    }
    const pull: PullInto = {
      buffer,
      bufferByteLength: buffer.byteLength,
      byteOffset,
      byteLength,
      bytesFilled: 0,
      minimumFill: min * elementSize,
      elementSize,
      view: made,
      reader: "byob",
    };
    if (this._pullIntos.length > 0) {
      this._pullIntos.push(pull);
      return addReadRequest(stream, request);
    }
    if (stream._readableState === "closed") return request.close(new pull.view(buffer, byteOffset, 0));
    if (this._total > 0) {
      if (fillFrom(this, pull)) {
        const filled = viewOf(pull);
        this._afterTaking();
        return request.chunk(filled);
      }
      if (this._closeRequested) {
        const error = new TypeError("the stream ended in the middle of an element");
        this._error(error);
        return request.error(error);
      }
    }
    this._pullIntos.push(pull);
    addReadRequest(stream, request);
    this._callPull();
  }

  _respond(bytes: number): void {
    const first = this._pullIntos[0]!;
    if (this._byteStream._readableState === "closed") {
      if (bytes !== 0) throw new TypeError("the stream is closed: only 0 bytes can be the answer");
    } else {
      if (bytes === 0) throw new TypeError("0 bytes can be the answer only once the stream is closed");
      if (first.bytesFilled + bytes > first.byteLength) throw new RangeError(`${bytes} bytes are more than the view has room for`);
    }
    first.buffer = transferBuffer(first.buffer);
    this._respondInternal(bytes);
  }

  _respondWithView(view: ArrayBufferView): void {
    const first = this._pullIntos[0]!;
    const { byteLength } = view;
    if (this._byteStream._readableState === "closed") {
      if (byteLength !== 0) throw new TypeError("the stream is closed: only an empty view can be the answer");
    } else if (byteLength === 0) {
      throw new TypeError("an empty view can be the answer only once the stream is closed");
    }
    if (first.byteOffset + first.bytesFilled !== view.byteOffset) throw new RangeError("the view begins elsewhere than the one that was asked for");
    if (first.bufferByteLength !== view.buffer.byteLength) throw new RangeError("the view's buffer has another length than the one that was asked for");
    if (first.bytesFilled + byteLength > first.byteLength) throw new RangeError("the view is longer than the one that was asked for");
    first.buffer = transferBuffer(view.buffer);
    this._respondInternal(byteLength);
  }

  _respondInternal(bytes: number): void {
    const first = this._pullIntos[0]!;
    this._invalidateRequest();
    if (this._byteStream._readableState === "closed") this._respondClosed(first);
    else this._respondReadable(bytes, first);
    this._callPull();
  }

  _respondClosed(first: PullInto): void {
    if (first.reader === "none") this._pullIntos.shift();
    if (!hasByobReader(this._byteStream)) return;
    this._commitAll(this._pullIntos.splice(0, pendingReads(this._byteStream)));
  }

  _respondReadable(bytes: number, pull: PullInto): void {
    pull.bytesFilled += bytes;
    if (pull.reader === "none") {
      this._enqueueDetached(pull);
      return this._commitAll(this._fillFromQueue());
    }
    if (pull.bytesFilled < pull.minimumFill) return;
    this._pullIntos.shift();
    const rest = pull.bytesFilled % pull.elementSize;
    if (rest > 0) {
      const end = pull.byteOffset + pull.bytesFilled;
      this._pushCopy(pull.buffer, end - rest, rest);
    }
    pull.bytesFilled -= rest;
    const ready = this._fillFromQueue();
    this._commit(pull);
    this._commitAll(ready);
  }

  _callPull(): void {
    if (!this._shouldPull()) return;
    if (this._pulling) {
      this._pullAgain = true;
      return;
    }
    this._pulling = true;
    then(
      this._algorithms!.pull(),
      () => {
        this._pulling = false;
        if (!this._pullAgain) return;
        this._pullAgain = false;
        this._callPull();
      },
      (error) => this._error(error),
    );
  }

  _shouldPull(): boolean {
    const stream = this._byteStream;
    if (stream._readableState !== "readable" || this._closeRequested || !this._started) return false;
    return pendingReads(stream) > 0 || this._desiredSize()! > 0;
  }

  _cancelSteps(reason: unknown): Promise<unknown> {
    this._clearPullIntos();
    this._clearQueue();
    const result = this._algorithms!.cancel(reason);
    this._clearAlgorithms();
    return result;
  }

  _pullSteps(request: ReadRequest): void {
    if (this._total > 0) return this._answerFromQueue(request);
    const size = this._chunkSize;
    if (size !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (error) {
        return request.error(error);
      }
      const whole = { buffer, bufferByteLength: size, byteOffset: 0, byteLength: size };
      this._pullIntos.push({ ...whole, bytesFilled: 0, minimumFill: 1, elementSize: 1, view: Uint8Array, reader: "default" });
    }
    addReadRequest(this._byteStream, request);
    this._callPull();
  }

  _releaseSteps(): void {
    const first = this._pullIntos[0];
    if (first === undefined) return;
    first.reader = "none";
    this._pullIntos = [first];
  }
}

function isController(value: unknown): value is ReadableByteStreamController {
  return isObject(value) && (value as ReadableByteStreamController)._byteStream !== undefined;
}

export function createByteController(stream: ReadableStream, algorithms: SourceAlgorithms, highWaterMark: number, chunkSize: number | undefined): void {
  const controller = Object.create(ReadableByteStreamController.prototype) as ReadableByteStreamController;
  controller._byteStream = stream;
  controller._chunks = new Fifo();
  controller._total = 0;
  controller._started = false;
  controller._closeRequested = false;
  controller._pulling = false;
  controller._pullAgain = false;
  controller._mark = highWaterMark;
  controller._chunkSize = chunkSize;
  controller._algorithms = algorithms;
  controller._pullIntos = [];
  controller._byobRequest = null;
  stream._controller = controller;
  then(
    resolved(algorithms.start(controller as never)),
    () => {
      controller._started = true;
      controller._callPull();
    },
    (error) => controller._error(error),
  );
}

export function setUpByteController(
  stream: ReadableStream<never> | ReadableStream,
  source: object | null,
  methods: SourceMethods,
  highWaterMark: number,
  chunkSize: number | undefined,
): void {
  if (chunkSize === 0) throw new TypeError("`autoAllocateChunkSize` must not be 0");
  createByteController(stream as ReadableStream, sourceAlgorithms(source, methods), highWaterMark, chunkSize);
}
