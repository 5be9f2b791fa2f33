/** `node:zlib`: the engine's zlib as functions and as streams. */
import internal from "ouro:internal";
import { absent } from "./internal/absent";
import { asBuffer, kMaxLength } from "./internal/buffer";
import { checkFunction, coded } from "./internal/errors";
import { codes, constants } from "./internal/zlib-constants";
import { type Mode, toBytes, ZlibEngine, type ZlibOptions } from "./internal/zlib-engine";
import type { NodeReadable, NodeWritable } from "./internal/stream-types";
import { nextTick } from "./process";
import { Transform } from "./stream";

export { codes, constants };

type Bytes = Uint8Array;
type Callback = (error: Error | null, result?: Bytes) => void;
type Done = (error?: unknown, chunk?: unknown) => void;

function whole(mode: Mode, input: unknown, options: ZlibOptions = {}): Bytes {
  const engine = new ZlibEngine(mode, options);
  const most = options.maxOutputLength ?? kMaxLength;
  const parts: Bytes[] = [];
  let length = 0;
  for (const part of engine.run(toBytes(input), engine.finishFlush)) {
    length += part.length;
    if (length > most) throw coded(RangeError, "ERR_BUFFER_TOO_LARGE", `Cannot create a Buffer larger than ${most} bytes`);
    parts.push(part);
  }
  const output = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    output.set(part, at);
    at += part.length;
  }
  return asBuffer(output);
}

function sync(mode: Mode) {
  return (input: unknown, options?: ZlibOptions): Bytes => whole(mode, input, options);
}

/** Zlib works at once; who waits is told later all the same. */
function later(mode: Mode) {
  return (input: unknown, options: ZlibOptions | Callback | undefined, callback?: Callback): void => {
    const tell = typeof options === "function" ? options : callback;
    checkFunction("callback", tell);
    const settings = typeof options === "function" ? {} : options;
    const bytes = toBytes(input);
    nextTick(() => {
      let result: Bytes;
      try {
        result = whole(mode, bytes, settings);
      } catch (error) {
        return (tell as Callback)(error as Error);
      }
      (tell as Callback)(null, result);
    });
  };
}

class ZlibStream extends (Transform as new (options?: object) => NodeReadable & NodeWritable) {
  readonly #engine: ZlibEngine;
  #closed = false;

  constructor(mode: Mode, options: ZlibOptions = {}) {
    super({ ...options, autoDestroy: true });
    this.#engine = new ZlibEngine(mode, options);
  }

  get bytesWritten(): number {
    return this.#engine.bytesWritten;
  }

  _transform(chunk: Bytes, _encoding: string, done: Done): void {
    this.#run(toBytes(chunk), this.#engine.flush, done);
  }

  _flush(done: Done): void {
    this.#run(new Uint8Array(0), this.#engine.finishFlush, done);
  }

  #run(input: Bytes, flush: number, done: Done): void {
    try {
      for (const part of this.#engine.run(input, flush)) this.push(asBuffer(part));
    } catch (error) {
      return done(error);
    }
    done();
  }

  flush(kind: number | (() => void) = constants.Z_FULL_FLUSH, callback?: () => void): void {
    const done = typeof kind === "function" ? kind : callback;
    this.#run(new Uint8Array(0), typeof kind === "number" ? kind : constants.Z_FULL_FLUSH, (error) => (error ? this.destroy(error) : done?.()));
  }

  params(level: number, _strategy: number, callback?: () => void): void {
    this.flush(constants.Z_SYNC_FLUSH, () => {
      this.#engine.setLevel(level);
      callback?.();
    });
  }

  reset(): void {
    this.#engine.reset();
  }

  close(callback?: () => void): void {
    if (callback !== undefined) this.once("close", callback);
    if (!this.#closed) this.destroy();
    this.#closed = true;
  }
}

/** Classes that old code calls without `new`. */
function streamClass(mode: Mode): new (options?: ZlibOptions) => ZlibStream {
  class Stream extends ZlibStream {
    constructor(options?: ZlibOptions) {
      super(mode, options);
    }
  }
  const callable = function (options?: ZlibOptions): ZlibStream {
    return new Stream(options);
  } as unknown as new (options?: ZlibOptions) => ZlibStream;
  Object.defineProperty(callable, "name", { value: mode, configurable: true });
  Object.defineProperty(Stream, "name", { value: mode, configurable: true });
  Object.defineProperty(callable, "prototype", { value: Stream.prototype });
  return callable;
}

export const Deflate = streamClass("Deflate");
export const Inflate = streamClass("Inflate");
export const Gzip = streamClass("Gzip");
export const Gunzip = streamClass("Gunzip");
export const DeflateRaw = streamClass("DeflateRaw");
export const InflateRaw = streamClass("InflateRaw");
export const Unzip = streamClass("Unzip");
export const createDeflate = (options?: ZlibOptions): ZlibStream => new Deflate(options);
export const createInflate = (options?: ZlibOptions): ZlibStream => new Inflate(options);
export const createGzip = (options?: ZlibOptions): ZlibStream => new Gzip(options);
export const createGunzip = (options?: ZlibOptions): ZlibStream => new Gunzip(options);
export const createDeflateRaw = (options?: ZlibOptions): ZlibStream => new DeflateRaw(options);
export const createInflateRaw = (options?: ZlibOptions): ZlibStream => new InflateRaw(options);
export const createUnzip = (options?: ZlibOptions): ZlibStream => new Unzip(options);
export const deflate = later("Deflate");
export const inflate = later("Inflate");
export const gzip = later("Gzip");
export const gunzip = later("Gunzip");
export const deflateRaw = later("DeflateRaw");
export const inflateRaw = later("InflateRaw");
export const unzip = later("Unzip");
export const deflateSync = sync("Deflate");
export const inflateSync = sync("Inflate");
export const gzipSync = sync("Gzip");
export const gunzipSync = sync("Gunzip");
export const deflateRawSync = sync("DeflateRaw");
export const inflateRawSync = sync("InflateRaw");
export const unzipSync = sync("Unzip");

export function crc32(data: unknown, start = 0): number {
  return internal.native.crc32(toBytes(data, "data"), start);
}

const brotli = (name: string) => (): never => absent("node:zlib", name);
export const brotliCompress = brotli("brotliCompress");
export const brotliDecompress = brotli("brotliDecompress");
export const brotliCompressSync = brotli("brotliCompressSync");
export const brotliDecompressSync = brotli("brotliDecompressSync");
export const createBrotliCompress = brotli("createBrotliCompress");
export const createBrotliDecompress = brotli("createBrotliDecompress");
export class BrotliCompress {
  constructor() {
    absent("node:zlib", "BrotliCompress");
  }
}
export class BrotliDecompress {
  constructor() {
    absent("node:zlib", "BrotliDecompress");
  }
}

export default {
  ...constants, codes, constants, Deflate, Inflate, Gzip, Gunzip, DeflateRaw, InflateRaw, Unzip, BrotliCompress, BrotliDecompress, createDeflate, createInflate, createGzip, createGunzip,
  createDeflateRaw, createInflateRaw, createUnzip, createBrotliCompress, createBrotliDecompress, deflate, inflate, gzip, gunzip, deflateRaw, inflateRaw, unzip, brotliCompress,
  brotliDecompress, deflateSync, inflateSync, gzipSync, gunzipSync, deflateRawSync, inflateRawSync, unzipSync, brotliCompressSync, brotliDecompressSync, crc32,
};
