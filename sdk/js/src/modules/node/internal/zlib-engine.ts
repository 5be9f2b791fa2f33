/** gzip, deflate and its raw form, by the engine's zlib. */
import internal from "ouro:internal";
import { type Bytes, type Coder, type CoderOptions, failure, numberOption as option, toBytes } from "./zlib-coder";
import { constants } from "./zlib-constants";

const { native } = internal;
type NativeZlib = ReturnType<typeof native.createInflate>;

export type Mode = "Deflate" | "Inflate" | "Gzip" | "Gunzip" | "DeflateRaw" | "InflateRaw" | "Unzip";

export interface ZlibOptions extends CoderOptions {
  windowBits?: number;
  level?: number;
  memLevel?: number;
  strategy?: number;
  dictionary?: ArrayBuffer | ArrayBufferView;
  info?: boolean;
}

/** What zlib wants added to the window bits (zlib.h, deflateInit2 and inflateInit2). */
const WINDOW: Record<Mode, (bits: number) => number> = {
  Deflate: (bits) => bits,
  Inflate: (bits) => bits,
  Gzip: (bits) => bits + 16,
  Gunzip: (bits) => bits + 16,
  DeflateRaw: (bits) => -bits,
  InflateRaw: (bits) => -bits,
  Unzip: (bits) => bits + 32,
};
const GZIP_FIRST_BYTE = 0x1f;

export class ZlibEngine implements Coder {
  readonly compresses: boolean;
  readonly chunkSize: number;
  readonly flush: number;
  readonly finishFlush: number;
  readonly fullFlush = constants.Z_FULL_FLUSH;
  bytesWritten = 0;
  #zlib: NativeZlib;
  #ended = false;
  readonly #mode: Mode;
  readonly #dictionary: Bytes | null;

  constructor(mode: Mode, options: ZlibOptions = {}) {
    this.#mode = mode;
    this.compresses = mode.startsWith("Deflate") || mode === "Gzip";
    this.chunkSize = option(options, "chunkSize", constants.Z_MIN_CHUNK, Infinity, constants.Z_DEFAULT_CHUNK);
    this.flush = option(options, "flush", 0, 5, constants.Z_NO_FLUSH);
    this.finishFlush = option(options, "finishFlush", 0, 5, constants.Z_FINISH);
    const least = this.compresses ? (mode === "Gzip" ? 9 : 8) : 0;
    const bits = option(options, "windowBits", least, 15, 15);
    const level = option(options, "level", -1, 9, -1);
    const memLevel = option(options, "memLevel", 1, 9, 8);
    const strategy = option(options, "strategy", 0, 4, 0);
    this.#dictionary = options.dictionary === undefined ? null : toBytes(options.dictionary, "options.dictionary");
    // zlib compresses no raw stream with a window of 256 bytes.
    const window = WINDOW[mode](mode === "DeflateRaw" && bits === 8 ? 9 : bits);
    this.#zlib = this.compresses ? native.createDeflate(level, window, memLevel, strategy) : native.createInflate(window);
    this.#useDictionary();
  }

  #useDictionary(): void {
    if (this.#dictionary !== null && (this.compresses || this.#mode === "InflateRaw")) this.#zlib.setDictionary(this.#dictionary);
  }

  *run(input: Bytes, flush: number): Generator<Bytes> {
    let left = input;
    while (!this.#ended) {
      const output = this.#step(left, flush);
      const taken = this.#zlib.consumed;
      const { status } = this.#zlib;
      left = left.subarray(taken);
      this.bytesWritten += taken;
      if (output.length > 0) yield output;
      if (status === constants.Z_STREAM_END) {
        if (this.#beginsAnother(left)) this.#zlib.reset();
        else this.#ended = true;
      } else if (status === constants.Z_NEED_DICT) {
        if (this.#dictionary === null) throw failure("Z_NEED_DICT", "Missing dictionary");
        this.#setInflateDictionary(this.#dictionary);
      } else if (output.length < this.chunkSize && (left.length === 0 || taken === 0)) {
        break;
      }
    }
    if (flush === constants.Z_FINISH && !this.compresses && !this.#ended) throw failure("Z_BUF_ERROR", "unexpected end of file");
  }

  #step(input: Bytes, flush: number): Bytes {
    try {
      return this.#zlib.step(input, flush, this.chunkSize);
    } catch (error) {
      throw failure((error as { code?: string }).code ?? "Z_DATA_ERROR", (error as Error).message);
    }
  }

  #setInflateDictionary(dictionary: Bytes): void {
    try {
      this.#zlib.setDictionary(dictionary);
    } catch {
      throw failure("Z_DATA_ERROR", "Bad dictionary");
    }
  }

  /** Files of gzip may stand one behind the other (RFC 1952 2.2); what else follows is not looked at. */
  #beginsAnother(left: Bytes): boolean {
    return (this.#mode === "Gunzip" || this.#mode === "Unzip") && left[0] === GZIP_FIRST_BYTE;
  }

  reset(): void {
    this.#zlib.reset();
    this.#ended = false;
    this.#useDictionary();
  }

  /** Its memory is the instance's own. */
  close(): void {}

  setLevel(level: number): void {
    this.#zlib.setLevel(level);
  }
}
