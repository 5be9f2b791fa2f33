/** CompressionStream and DecompressionStream (Compression Standard), over the engine's zlib. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import type { NativeZlib } from "../native";
import { setCoding } from "./body-stream";
import { type BufferSource, isBufferSource, viewOf } from "./bytes";
import { createTransform, type ReadableStream, type TransformStream, type WritableStream } from "./streams";
import { hasRoom, type TransformStreamDefaultController } from "./streams/transform-stream";
import { need, toEnum } from "./webidl";

type Format = "deflate" | "deflate-raw" | "gzip";
type Controller = TransformStreamDefaultController<Uint8Array>;

const FORMATS = ["deflate", "deflate-raw", "gzip"] as const;

/** zlib's way to say the format: the window of 32 KiB, 16 more for gzip, negative without a header. */
const WINDOW_BITS: Record<Format, number> = { deflate: 15, "deflate-raw": -15, gzip: 31 };

const DEFAULT_LEVEL = -1;
const MEM_LEVEL = 8;
const NO_FLUSH = 0;
const FINISH = 4;
const STREAM_END = 1;

/** The most that one chunk of output holds, and so the most that is made before somebody reads. */
const CHUNK_BYTES_MAX = 64 * 1024;

const NO_BYTES = new Uint8Array(0);

class Coder {
  declare readonly zlib: NativeZlib;
  declare ended: boolean;

  constructor(zlib: NativeZlib) {
    this.zlib = zlib;
    this.ended = false;
  }

  /** Enqueues all that comes of the input, a chunk each time the readable side has room. */
  async code(input: Uint8Array, flush: number, controller: Controller): Promise<void> {
    let rest = input;
    for (;;) {
      const output = this.zlib.step(rest, flush, CHUNK_BYTES_MAX);
      const { consumed, status } = this.zlib;
      this.ended = status === STREAM_END;
      if (output.length > 0) controller.enqueue(output);
      const more = output.length === CHUNK_BYTES_MAX || consumed < rest.length;
      // Whoever wrote the chunk may change it while this waits.
      rest = rest === input ? rest.slice(consumed) : rest.subarray(consumed);
      if (this.ended || !more || (output.length === 0 && consumed === 0)) break;
      if (!(await hasRoom(controller))) return;
    }
    if (rest.length > 0) throw new TypeError("there is more input after the end of the compressed data");
  }
}

function bytesOf(chunk: BufferSource): Uint8Array {
  const shared = !isBufferSource(chunk) || (ArrayBuffer.isView(chunk) ? !(chunk.buffer instanceof ArrayBuffer) : !(chunk instanceof ArrayBuffer));
  if (shared) throw new TypeError("a chunk must be an ArrayBuffer or a view of one");
  return viewOf(chunk);
}

function compressor(format: Format): TransformStream<BufferSource, Uint8Array> {
  const coder = new Coder(native.createDeflate(DEFAULT_LEVEL, WINDOW_BITS[format], MEM_LEVEL, 0));
  return createTransform<BufferSource, Uint8Array>({
    transform: (chunk, controller) => coder.code(bytesOf(chunk), NO_FLUSH, controller),
    flush: (controller) => coder.code(NO_BYTES, FINISH, controller),
  });
}

function decompressor(format: Format): TransformStream<BufferSource, Uint8Array> {
  const coder = new Coder(native.createInflate(WINDOW_BITS[format]));
  return createTransform<BufferSource, Uint8Array>({
    async transform(chunk, controller) {
      const bytes = bytesOf(chunk);
      if (coder.ended && bytes.length > 0) throw new TypeError("there is more input after the end of the compressed data");
      try {
        if (!coder.ended) await coder.code(bytes, NO_FLUSH, controller);
      } catch (error) {
        throw error instanceof TypeError ? error : new TypeError(`the compressed data is not valid: ${(error as Error).message}`, { cause: error });
      }
    },
    flush() {
      if (!coder.ended) throw new TypeError("the compressed data ends too early");
    },
  });
}

export class CompressionStream {
  readonly #transform: TransformStream<BufferSource, Uint8Array>;

  constructor(format: Format) {
    need(arguments.length, 1, "new CompressionStream");
    this.#transform = compressor(toEnum(format, FORMATS, "the format"));
    setCoding(this.#transform.readable, String(format));
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<BufferSource> {
    return this.#transform.writable;
  }
}

export class DecompressionStream {
  readonly #transform: TransformStream<BufferSource, Uint8Array>;

  constructor(format: Format) {
    need(arguments.length, 1, "new DecompressionStream");
    this.#transform = decompressor(toEnum(format, FORMATS, "the format"));
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<BufferSource> {
    return this.#transform.writable;
  }
}

exposeClasses({ CompressionStream, DecompressionStream });
