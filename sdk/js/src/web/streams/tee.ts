/** "ReadableStreamTee" (Streams 4.9.1): both branches get every chunk; byte streams keep reading into buffers. */
import { ReadableByteStreamController } from "./byte-controller";
import { Deferred, type Method, resolved, then } from "./promises";
import { cancelReadable, createReadable, createReadableBytes, type ReadableStream, type SourceAlgorithms } from "./readable-stream";
import { readByob, readDefault, ReadableStreamBYOBReader, ReadableStreamDefaultReader, type Reader, releaseReader } from "./readers";
import { closeController, enqueueChunk, errorController, type ReadableStreamDefaultController } from "./default-controller";

type Branch = 0 | 1;

export function tee(stream: ReadableStream): [ReadableStream, ReadableStream] {
  return stream._controller instanceof ReadableByteStreamController ? new ByteTee(stream).branches : new DefaultTee(stream).branches;
}

/** What both kinds share: the stream is cancelled once both branches are. */
abstract class Tee<C> {
  readonly stream: ReadableStream;
  branches!: [ReadableStream, ReadableStream];
  protected readonly cancelled = [false, false];
  private readonly reasons: unknown[] = [undefined, undefined];
  protected readonly cancelDone = new Deferred<void>();
  protected reading = false;

  constructor(stream: ReadableStream) {
    this.stream = stream;
  }

  protected controller(branch: Branch): C {
    return this.branches[branch]._controller as C;
  }

  protected algorithms(branch: Branch, pull: () => void): SourceAlgorithms {
    return {
      start: () => undefined,
      pull: () => {
        pull();
        return resolved(undefined);
      },
      cancel: (reason) => {
        this.cancelled[branch] = true;
        this.reasons[branch] = reason;
        if (this.cancelled[0] && this.cancelled[1]) this.cancelDone.resolve(cancelReadable(this.stream, this.reasons));
        return this.cancelDone.promise;
      },
    };
  }

  protected settleCancel(): void {
    if (!this.cancelled[0] || !this.cancelled[1]) this.cancelDone.resolve(undefined);
  }
}

/** After the chunk is handed on, so that a read that a branch waits for sees it first. */
function later(task: Method): void {
  then(resolved(undefined), task as () => void);
}

class DefaultTee extends Tee<ReadableStreamDefaultController> {
  private again = false;

  constructor(stream: ReadableStream) {
    super(stream);
    const reader = new ReadableStreamDefaultReader(stream);
    const pull = (): void => this.pull(reader);
    this.branches = [createReadable(this.algorithms(0, pull)), createReadable(this.algorithms(1, pull))];
    then(reader._closed.promise, undefined, (error) => {
      for (const branch of [0, 1] as const) errorController(this.controller(branch), error);
      this.settleCancel();
    });
  }

  private pull(reader: ReadableStreamDefaultReader): void {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    readDefault(reader, {
      chunk: (chunk) => later(() => this.forward(reader, chunk)),
      close: () => {
        this.reading = false;
        for (const branch of [0, 1] as const) if (!this.cancelled[branch]) closeController(this.controller(branch));
        this.settleCancel();
      },
      error: () => {
        this.reading = false;
      },
    });
  }

  private forward(reader: ReadableStreamDefaultReader, chunk: unknown): void {
    this.again = false;
    for (const branch of [0, 1] as const) if (!this.cancelled[branch]) enqueueChunk(this.controller(branch), chunk);
    this.reading = false;
    if (this.again) this.pull(reader);
  }
}

class ByteTee extends Tee<ReadableByteStreamController> {
  private reader: Reader;
  private readonly again = [false, false];

  constructor(stream: ReadableStream) {
    super(stream);
    this.reader = new ReadableStreamDefaultReader(stream);
    const branch = (which: Branch): ReadableStream => createReadableBytes(this.algorithms(which, () => this.pull(which))) as ReadableStream;
    this.branches = [branch(0), branch(1)];
    this.forwardError();
  }

  private forwardError(): void {
    const { reader } = this;
    then(reader._closed.promise, undefined, (error) => {
      if (reader !== this.reader) return;
      for (const branch of [0, 1] as const) this.controller(branch)._error(error);
      this.settleCancel();
    });
  }

  private useReader(kind: typeof ReadableStreamDefaultReader | typeof ReadableStreamBYOBReader): void {
    if (this.reader instanceof kind) return;
    releaseReader(this.reader);
    this.reader = new kind(this.stream as ReadableStream<Uint8Array>) as Reader;
    this.forwardError();
  }

  private pull(branch: Branch): void {
    if (this.reading) {
      this.again[branch] = true;
      return;
    }
    this.reading = true;
    const request = this.controller(branch)._request();
    if (request === null) this.pullDefault();
    else this.pullInto(request._view!, branch);
  }

  private pullAgain(): void {
    this.reading = false;
    if (this.again[0]) this.pull(0);
    else if (this.again[1]) this.pull(1);
  }

  private pullDefault(): void {
    this.useReader(ReadableStreamDefaultReader);
    readDefault(this.reader as ReadableStreamDefaultReader, {
      chunk: (chunk) => later(() => this.forward(chunk as Uint8Array)),
      close: () => {
        this.reading = false;
        for (const branch of [0, 1] as const) if (!this.cancelled[branch]) this.controller(branch)._close();
        for (const branch of [0, 1] as const) if (this.controller(branch)._pullIntos.length > 0) this.controller(branch)._respond(0);
        this.settleCancel();
      },
      error: () => {
        this.reading = false;
      },
    });
  }

  private forward(chunk: Uint8Array): void {
    this.again.fill(false);
    let second: Uint8Array = chunk;
    if (!this.cancelled[0] && !this.cancelled[1]) {
      const copy = this.copy(chunk);
      if (copy === null) return;
      second = copy;
    }
    if (!this.cancelled[0]) this.controller(0)._enqueue(chunk);
    if (!this.cancelled[1]) this.controller(1)._enqueue(second);
    this.pullAgain();
  }

  /** Null, and everything ended, where there is no memory for a copy. */
  private copy(chunk: ArrayBufferView): Uint8Array | null {
    try {
      return new Uint8Array(chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.byteLength));
    } catch (error) {
      for (const branch of [0, 1] as const) this.controller(branch)._error(error);
      this.cancelDone.resolve(cancelReadable(this.stream, error));
      return null;
    }
  }

  private pullInto(view: Uint8Array, branch: Branch): void {
    this.useReader(ReadableStreamBYOBReader);
    const other = (1 - branch) as Branch;
    readByob(this.reader as ReadableStreamBYOBReader, view, 1, {
      chunk: (chunk) => later(() => this.forwardInto(chunk as ArrayBufferView, branch, other)),
      close: (rest) => {
        this.reading = false;
        if (!this.cancelled[branch]) this.controller(branch)._close();
        if (!this.cancelled[other]) this.controller(other)._close();
        if (rest !== undefined) {
          if (!this.cancelled[branch]) this.controller(branch)._respondWithView(rest as ArrayBufferView);
          if (!this.cancelled[other] && this.controller(other)._pullIntos.length > 0) this.controller(other)._respond(0);
        }
        this.settleCancel();
      },
      error: () => {
        this.reading = false;
      },
    });
  }

  private forwardInto(chunk: ArrayBufferView, branch: Branch, other: Branch): void {
    this.again.fill(false);
    if (!this.cancelled[other]) {
      const copy = this.copy(chunk);
      if (copy === null) return;
      if (!this.cancelled[branch]) this.controller(branch)._respondWithView(chunk);
      this.controller(other)._enqueue(copy);
    } else if (!this.cancelled[branch]) {
      this.controller(branch)._respondWithView(chunk);
    }
    this.pullAgain();
  }
}
