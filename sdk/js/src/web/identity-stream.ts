/**
 * IdentityTransformStream and FixedLengthStream (Cloudflare): bytes that pass as they are, each chunk straight from a write to the
 * read that waits for it. What goes through a FixedLengthStream has a length that is known beforehand, so that it can be announced.
 */
import { exposeClasses } from "../expose";
import { type BufferSource, isBufferSource, viewOf } from "./bytes";
import { field } from "./headers";
import { type ReadableStream, TransformStream, type WritableStream } from "./streams";
import type { ReadableByteStreamController } from "./streams/byte-controller";
import { Deferred, resolved } from "./streams/promises";
import { highWaterMarkOf, type QueuingStrategy, strategyOf } from "./streams/queue";
import { createReadableBytes } from "./streams/readable-stream";
import { createWritable } from "./streams/writable-stream";
import { need } from "./webidl";

/** The lengths that readable sides of FixedLengthStreams have, until somebody asks. */
const lengths = new WeakMap<object, number>();

/** The fields of a message whose body is the stream: with its length, where that was said. */
export function withLength(fields: string[] | null, stream: object): string[] | null {
  const length = lengths.get(stream);
  if (length === undefined || (fields !== null && field(fields, "content-length") !== null)) return fields;
  return [...(fields ?? []), "content-length", String(length)];
}

class Passage {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<BufferSource>;
  /** Somebody reads. */
  private wanted = new Deferred<void>();
  /** The read got what it waited for. */
  private given = new Deferred<void>();
  private left: number | undefined;

  constructor(length: number | undefined, highWaterMark: number) {
    this.left = length;
    this.readable = createReadableBytes({
      start: () => undefined,
      pull: () => {
        this.wanted.resolve(undefined);
        return this.given.promise;
      },
      cancel: (reason) => {
        this.writable._controller._errorIfNeeded(reason);
        this.wanted.resolve(undefined);
        return resolved(undefined);
      },
    });
    this.writable = createWritable(
      {
        start: () => undefined,
        write: (chunk) => this.write(chunk),
        close: () => this.close(),
        abort: (reason) => {
          this.controller._error(reason);
          this.given.resolve(undefined);
          return resolved(undefined);
        },
      },
      highWaterMark,
      undefined,
    );
  }

  private get controller(): ReadableByteStreamController {
    return this.readable._controller as ReadableByteStreamController;
  }

  private async write(chunk: unknown): Promise<void> {
    const bytes = this.check(chunk);
    if (bytes.length === 0) return;
    await this.wanted.promise;
    const { given } = this;
    this.wanted = new Deferred();
    this.given = new Deferred();
    if (this.readable._readableState === "readable") this.controller._enqueue(bytes);
    given.resolve(undefined);
  }

  /** A copy of the chunk, counted. */
  private check(chunk: unknown): Uint8Array {
    if (!isBufferSource(chunk)) {
      const what = typeof chunk === "string" ? "a string" : "an object of non-ArrayBuffer/ArrayBufferView type";
      const hint = typeof chunk === "string" ? " If you wish to write a string, you'll probably want to explicitly UTF-8-encode it with TextEncoder." : "";
      throw this.failed(new TypeError(`This TransformStream is being used as a byte stream, but received ${what} on its writable side.${hint}`));
    }
    const bytes = viewOf(chunk).slice();
    if (this.left === undefined) return bytes;
    if (bytes.length > this.left) throw this.failed(new TypeError("Attempt to write too many bytes through a FixedLengthStream."));
    this.left -= bytes.length;
    return bytes;
  }

  private close(): Promise<void> {
    if (this.left !== undefined && this.left > 0) {
      return Promise.reject(this.failed(new TypeError("FixedLengthStream did not see all expected bytes before close().")));
    }
    this.controller._close();
    // A reader that brought its own buffer waits for an answer also at the end.
    if (this.controller._pullIntos.length > 0) this.controller._respond(0);
    this.given.resolve(undefined);
    return resolved(undefined);
  }

  private failed(error: TypeError): TypeError {
    this.controller._error(error);
    this.given.resolve(undefined);
    return error;
  }
}

export class IdentityTransformStream extends TransformStream<BufferSource, Uint8Array> {
  constructor(queuingStrategy: QueuingStrategy | undefined = undefined) {
    super();
    usePassage(this, new Passage(undefined, highWaterMarkOf(strategyOf(queuingStrategy), 1)));
  }
}

export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, queuingStrategy: QueuingStrategy | undefined = undefined) {
    need(arguments.length, 1, "new FixedLengthStream");
    super();
    const length = Number(expectedLength);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new TypeError("FixedLengthStream requires an integer expected length less than 2^53.");
    }
    const passage = new Passage(length, highWaterMarkOf(strategyOf(queuingStrategy), 1));
    usePassage(this, passage);
    lengths.set(passage.readable, length);
  }
}

function usePassage(stream: IdentityTransformStream, passage: Passage): void {
  stream._readableSide = passage.readable;
  stream._writableSide = passage.writable;
}

exposeClasses({ IdentityTransformStream, FixedLengthStream });
