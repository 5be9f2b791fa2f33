/** `node:zlib`: the engine's zlib, and the host's Brotli and Zstandard, as functions and as streams. */
import internal from "ouro:internal";
import { asBuffer, kMaxLength } from "./internal/buffer";
import { checkFunction, coded } from "./internal/errors";
import { BROTLI, type Format, HostCoder, type HostCoderOptions, ZSTD } from "./internal/host-coder";
import { type Bytes, type Coder, type CoderOptions, numberOption, toBytes } from "./internal/zlib-coder";
import { codes, constants } from "./internal/zlib-constants";
import { type Mode, ZlibEngine, type ZlibOptions } from "./internal/zlib-engine";
import type { NodeReadable, NodeWritable } from "./internal/stream-types";
import { nextTick } from "./process";
import { Transform } from "./stream";

export { codes, constants };
export const {
  Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK, Z_OK, Z_STREAM_END, Z_NEED_DICT, Z_ERRNO, Z_STREAM_ERROR, Z_DATA_ERROR, Z_MEM_ERROR, Z_BUF_ERROR, Z_VERSION_ERROR,
  Z_NO_COMPRESSION, Z_BEST_SPEED, Z_BEST_COMPRESSION, Z_DEFAULT_COMPRESSION, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED, Z_DEFAULT_STRATEGY, ZLIB_VERNUM, DEFLATE, INFLATE, GZIP, GUNZIP,
  DEFLATERAW, INFLATERAW, UNZIP, BROTLI_DECODE, BROTLI_ENCODE, Z_MIN_WINDOWBITS, Z_MAX_WINDOWBITS, Z_DEFAULT_WINDOWBITS, Z_MIN_CHUNK, Z_MAX_CHUNK, Z_DEFAULT_CHUNK, Z_MIN_MEMLEVEL, Z_MAX_MEMLEVEL,
  Z_DEFAULT_MEMLEVEL, Z_MIN_LEVEL, Z_MAX_LEVEL, Z_DEFAULT_LEVEL, BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH, BROTLI_OPERATION_FINISH, BROTLI_OPERATION_EMIT_METADATA, BROTLI_PARAM_MODE,
  BROTLI_MODE_GENERIC, BROTLI_MODE_TEXT, BROTLI_MODE_FONT, BROTLI_DEFAULT_MODE, BROTLI_PARAM_QUALITY, BROTLI_MIN_QUALITY, BROTLI_MAX_QUALITY, BROTLI_DEFAULT_QUALITY, BROTLI_PARAM_LGWIN,
  BROTLI_MIN_WINDOW_BITS, BROTLI_MAX_WINDOW_BITS, BROTLI_LARGE_MAX_WINDOW_BITS, BROTLI_DEFAULT_WINDOW, BROTLI_PARAM_LGBLOCK, BROTLI_MIN_INPUT_BLOCK_BITS, BROTLI_MAX_INPUT_BLOCK_BITS,
  BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING, BROTLI_PARAM_LARGE_WINDOW, BROTLI_PARAM_NPOSTFIX, BROTLI_PARAM_NDIRECT, BROTLI_DECODER_RESULT_ERROR, BROTLI_DECODER_RESULT_SUCCESS,
  BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT, BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT, BROTLI_DECODER_PARAM_DISABLE_RING_BUFFER_REALLOCATION, BROTLI_DECODER_PARAM_LARGE_WINDOW,
  BROTLI_DECODER_NO_ERROR, BROTLI_DECODER_SUCCESS, BROTLI_DECODER_NEEDS_MORE_INPUT, BROTLI_DECODER_NEEDS_MORE_OUTPUT, BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_NIBBLE,
  BROTLI_DECODER_ERROR_FORMAT_RESERVED, BROTLI_DECODER_ERROR_FORMAT_EXUBERANT_META_NIBBLE, BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_ALPHABET, BROTLI_DECODER_ERROR_FORMAT_SIMPLE_HUFFMAN_SAME,
  BROTLI_DECODER_ERROR_FORMAT_CL_SPACE, BROTLI_DECODER_ERROR_FORMAT_HUFFMAN_SPACE, BROTLI_DECODER_ERROR_FORMAT_CONTEXT_MAP_REPEAT, BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_1,
  BROTLI_DECODER_ERROR_FORMAT_BLOCK_LENGTH_2, BROTLI_DECODER_ERROR_FORMAT_TRANSFORM, BROTLI_DECODER_ERROR_FORMAT_DICTIONARY, BROTLI_DECODER_ERROR_FORMAT_WINDOW_BITS,
  BROTLI_DECODER_ERROR_FORMAT_PADDING_1, BROTLI_DECODER_ERROR_FORMAT_PADDING_2, BROTLI_DECODER_ERROR_FORMAT_DISTANCE, BROTLI_DECODER_ERROR_DICTIONARY_NOT_SET,
  BROTLI_DECODER_ERROR_INVALID_ARGUMENTS, BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES, BROTLI_DECODER_ERROR_ALLOC_TREE_GROUPS, BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MAP,
  BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1, BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_2, BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES, BROTLI_DECODER_ERROR_UNREACHABLE, ZSTD_ENCODE, ZSTD_DECODE,
  ZSTD_COMPRESS, ZSTD_DECOMPRESS, ZSTD_error_no_error, ZSTD_error_GENERIC, ZSTD_error_prefix_unknown, ZSTD_error_version_unsupported, ZSTD_error_frameParameter_unsupported,
  ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_corruption_detected, ZSTD_error_checksum_wrong, ZSTD_error_literals_headerWrong, ZSTD_error_dictionary_corrupted,
  ZSTD_error_dictionary_wrong, ZSTD_error_dictionaryCreation_failed, ZSTD_error_parameter_unsupported, ZSTD_error_parameter_combination_unsupported, ZSTD_error_parameter_outOfBound,
  ZSTD_error_tableLog_tooLarge, ZSTD_error_maxSymbolValue_tooLarge, ZSTD_error_maxSymbolValue_tooSmall, ZSTD_error_stabilityCondition_notRespected, ZSTD_error_stage_wrong, ZSTD_error_init_missing,
  ZSTD_error_memory_allocation, ZSTD_error_workSpace_tooSmall, ZSTD_error_dstSize_tooSmall, ZSTD_error_srcSize_wrong, ZSTD_error_dstBuffer_null, ZSTD_error_noForwardProgress_destFull,
  ZSTD_error_noForwardProgress_inputEmpty,
} = constants;

type Callback = (error: Error | null, result?: Bytes) => void;
type Done = (error?: unknown, chunk?: unknown) => void;
type Open<Options, Made extends Coder> = (options: Options) => Made;

const zlib = (mode: Mode): Open<ZlibOptions, ZlibEngine> => (options) => new ZlibEngine(mode, options);
const compress = (format: Format): Open<HostCoderOptions, HostCoder> => (options) => new HostCoder(format, true, options);
const decompress = (format: Format): Open<HostCoderOptions, HostCoder> => (options) => new HostCoder(format, false, options);

function whole<Options extends CoderOptions>(open: Open<Options, Coder>, input: unknown, options = {} as Options): Bytes {
  const bytes = toBytes(input);
  const most = numberOption<"maxOutputLength">(options, "maxOutputLength", 1, kMaxLength, kMaxLength);
  const coder = open(options);
  const parts: Bytes[] = [];
  let length = 0;
  try {
    for (const part of coder.run(bytes, coder.finishFlush)) {
      length += part.length;
      if (length > most) throw coded(RangeError, "ERR_BUFFER_TOO_LARGE", `Cannot create a Buffer larger than ${most} bytes`);
      parts.push(part);
    }
  } finally {
    coder.close();
  }
  const output = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    output.set(part, at);
    at += part.length;
  }
  return asBuffer(output);
}

function sync<Options extends CoderOptions>(open: Open<Options, Coder>) {
  return (input: unknown, options?: Options): Bytes => whole(open, input, options);
}

/** The work is done at once; who waits is told later all the same. */
function later<Options extends CoderOptions>(open: Open<Options, Coder>) {
  return (input: unknown, options: Options | Callback | undefined, callback?: Callback): void => {
    const tell = typeof options === "function" ? options : callback;
    checkFunction("callback", tell);
    const settings = typeof options === "function" ? undefined : options;
    const bytes = toBytes(input);
    nextTick(() => {
      let result: Bytes;
      try {
        result = whole(open, bytes, settings);
      } catch (error) {
        return (tell as Callback)(error as Error);
      }
      (tell as Callback)(null, result);
    });
  };
}

class CoderStream extends (Transform as new (options?: object) => NodeReadable & NodeWritable) {
  readonly #coder: Coder;
  #closed = false;

  constructor(coder: Coder, options: CoderOptions) {
    super({ ...options, autoDestroy: true });
    this.#coder = coder;
  }

  get bytesWritten(): number {
    return this.#coder.bytesWritten;
  }

  _transform(chunk: Bytes, _encoding: string, done: Done): void {
    this.#run(toBytes(chunk), this.#coder.flush, done);
  }

  _flush(done: Done): void {
    this.#run(new Uint8Array(0), this.#coder.finishFlush, done);
  }

  _destroy(error: Error | null, done: Done): void {
    this.#coder.close();
    done(error);
  }

  #run(input: Bytes, operation: number, done: Done): void {
    try {
      for (const part of this.#coder.run(input, operation)) this.push(asBuffer(part));
    } catch (error) {
      return done(error);
    }
    done();
  }

  flush(kind?: number | (() => void), callback?: () => void): void {
    const done = typeof kind === "function" ? kind : callback;
    const operation = typeof kind === "number" ? kind : this.#coder.fullFlush;
    this.#run(new Uint8Array(0), operation, (error) => (error ? this.destroy(error) : done?.()));
  }

  reset(): void {
    this.#coder.reset();
  }

  close(callback?: () => void): void {
    if (callback !== undefined) this.once("close", callback);
    if (!this.#closed) this.destroy();
    this.#closed = true;
  }
}

class ZlibStream extends CoderStream {
  readonly #zlib: ZlibEngine;

  constructor(zlib: ZlibEngine, options: CoderOptions) {
    super(zlib, options);
    this.#zlib = zlib;
  }

  params(level: number, _strategy: number, callback?: () => void): void {
    this.flush(constants.Z_SYNC_FLUSH, () => {
      this.#zlib.setLevel(level);
      callback?.();
    });
  }
}

/** Classes that old code calls without `new`. */
function streamClass<Options extends CoderOptions, Made extends Coder, Stream extends object>(
  name: string,
  open: Open<Options, Made>,
  Base: new (coder: Made, options: CoderOptions) => Stream,
): new (options?: Options) => Stream {
  class Own extends (Base as new (coder: Made, options: CoderOptions) => object) {
    constructor(options = {} as Options) {
      super(open(options), options);
    }
  }
  const callable = function (options?: Options): object {
    return new Own(options);
  } as unknown as new (options?: Options) => Stream;
  Object.defineProperty(callable, "name", { value: name, configurable: true });
  Object.defineProperty(Own, "name", { value: name, configurable: true });
  Object.defineProperty(callable, "prototype", { value: Own.prototype });
  return callable;
}

const zlibStream = (mode: Mode) => streamClass(mode, zlib(mode), ZlibStream);
const hostStream = (name: string, open: Open<HostCoderOptions, HostCoder>) => streamClass(name, open, CoderStream);

export const Deflate = zlibStream("Deflate");
export const Inflate = zlibStream("Inflate");
export const Gzip = zlibStream("Gzip");
export const Gunzip = zlibStream("Gunzip");
export const DeflateRaw = zlibStream("DeflateRaw");
export const InflateRaw = zlibStream("InflateRaw");
export const Unzip = zlibStream("Unzip");
export const BrotliCompress = hostStream("BrotliCompress", compress(BROTLI));
export const BrotliDecompress = hostStream("BrotliDecompress", decompress(BROTLI));
export const ZstdCompress = hostStream("ZstdCompress", compress(ZSTD));
export const ZstdDecompress = hostStream("ZstdDecompress", decompress(ZSTD));
export const createDeflate = (options?: ZlibOptions): ZlibStream => new Deflate(options);
export const createInflate = (options?: ZlibOptions): ZlibStream => new Inflate(options);
export const createGzip = (options?: ZlibOptions): ZlibStream => new Gzip(options);
export const createGunzip = (options?: ZlibOptions): ZlibStream => new Gunzip(options);
export const createDeflateRaw = (options?: ZlibOptions): ZlibStream => new DeflateRaw(options);
export const createInflateRaw = (options?: ZlibOptions): ZlibStream => new InflateRaw(options);
export const createUnzip = (options?: ZlibOptions): ZlibStream => new Unzip(options);
export const createBrotliCompress = (options?: HostCoderOptions): CoderStream => new BrotliCompress(options);
export const createBrotliDecompress = (options?: HostCoderOptions): CoderStream => new BrotliDecompress(options);
export const createZstdCompress = (options?: HostCoderOptions): CoderStream => new ZstdCompress(options);
export const createZstdDecompress = (options?: HostCoderOptions): CoderStream => new ZstdDecompress(options);
export const deflate = later(zlib("Deflate"));
export const inflate = later(zlib("Inflate"));
export const gzip = later(zlib("Gzip"));
export const gunzip = later(zlib("Gunzip"));
export const deflateRaw = later(zlib("DeflateRaw"));
export const inflateRaw = later(zlib("InflateRaw"));
export const unzip = later(zlib("Unzip"));
export const brotliCompress = later(compress(BROTLI));
export const brotliDecompress = later(decompress(BROTLI));
export const zstdCompress = later(compress(ZSTD));
export const zstdDecompress = later(decompress(ZSTD));
export const deflateSync = sync(zlib("Deflate"));
export const inflateSync = sync(zlib("Inflate"));
export const gzipSync = sync(zlib("Gzip"));
export const gunzipSync = sync(zlib("Gunzip"));
export const deflateRawSync = sync(zlib("DeflateRaw"));
export const inflateRawSync = sync(zlib("InflateRaw"));
export const unzipSync = sync(zlib("Unzip"));

export const brotliCompressSync = sync(compress(BROTLI));
export const brotliDecompressSync = sync(decompress(BROTLI));
export const zstdCompressSync = sync(compress(ZSTD));
export const zstdDecompressSync = sync(decompress(ZSTD));

export function crc32(data: unknown, start = 0): number {
  return internal.native.crc32(toBytes(data, "data"), start);
}

export default {
  ...constants, codes, constants, Deflate, Inflate, Gzip, Gunzip, DeflateRaw, InflateRaw, Unzip, BrotliCompress, BrotliDecompress, ZstdCompress, ZstdDecompress, createDeflate,
  createInflate, createGzip, createGunzip, createDeflateRaw, createInflateRaw, createUnzip, createBrotliCompress, createBrotliDecompress, createZstdCompress, createZstdDecompress, deflate,
  inflate, gzip, gunzip, deflateRaw, inflateRaw, unzip, brotliCompress, brotliDecompress, zstdCompress, zstdDecompress, deflateSync, inflateSync, gzipSync, gunzipSync, deflateRawSync,
  inflateRawSync, unzipSync, brotliCompressSync, brotliDecompressSync, zstdCompressSync, zstdDecompressSync, crc32,
};
