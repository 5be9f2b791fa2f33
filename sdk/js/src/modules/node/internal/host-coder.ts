/** Brotli and Zstandard, whose work the host does. */
import internal from "ouro:internal";
import type { NativeCoder } from "../../../native";
import { coded, invalidArgType } from "./errors";
import { type Bytes, type Coder, type CoderOptions, failure, numberOption } from "./zlib-coder";
import { constants } from "./zlib-constants";

export interface HostCoderOptions extends CoderOptions {
  params?: Record<string, number | boolean>;
  /** Of Zstandard: how many bytes will be compressed. */
  pledgedSrcSize?: number;
}

export interface Format {
  readonly name: "brotli" | "zstd";
  readonly title: string;
  readonly operationMax: number;
  /** Of a compression, and of a decompression. */
  readonly parameterMax: readonly [number, number];
  /** Where the names of its errors begin in the constants, and how Node.js begins them. */
  readonly errors: readonly [string, string];
}

export const BROTLI: Format = {
  name: "brotli",
  title: "Brotli",
  operationMax: constants.BROTLI_OPERATION_EMIT_METADATA,
  parameterMax: [constants.BROTLI_PARAM_NDIRECT, constants.BROTLI_PARAM_NDIRECT],
  errors: ["BROTLI_DECODER_ERROR_", "ERR__ERROR_"],
};
export const ZSTD: Format = {
  name: "zstd",
  title: "Zstd",
  operationMax: constants.ZSTD_e_end,
  parameterMax: [constants.ZSTD_c_overlapLog, constants.ZSTD_d_windowLogMax],
  errors: ["ZSTD_error_", "ZSTD_error_"],
};

// Both formats number these alike.
const PROCESS = 0;
const FLUSH = 1;
const FINISH = 2;
const METADATA = constants.BROTLI_OPERATION_EMIT_METADATA;

/** What the host takes in one step. */
const STEP_BYTES_MAX = 256 * 1024;

// How a step ends.
const HUNGRY = 0;
const ENDED = 2;

export class HostCoder implements Coder {
  readonly flush: number;
  readonly finishFlush: number;
  readonly fullFlush = FLUSH;
  bytesWritten = 0;
  #native: NativeCoder;
  #ended = false;
  readonly #format: Format;
  readonly #compresses: boolean;
  readonly #chunkSize: number;
  readonly #parameters: number[];
  readonly #total: number | null;

  constructor(format: Format, compresses: boolean, options: HostCoderOptions = {}) {
    this.#format = format;
    this.#compresses = compresses;
    this.#chunkSize = numberOption(options, "chunkSize", constants.Z_MIN_CHUNK, Infinity, constants.Z_DEFAULT_CHUNK);
    this.flush = numberOption(options, "flush", PROCESS, format.operationMax, PROCESS);
    this.finishFlush = numberOption(options, "finishFlush", PROCESS, format.operationMax, FINISH);
    this.#parameters = parametersOf(format, compresses, options.params ?? {});
    this.#total = options.pledgedSrcSize ?? null;
    this.#native = this.#open();
  }

  #open(): NativeCoder {
    return this.#asked(() => internal.native.createCoder(this.#format.name, this.#compresses, this.#parameters, this.#total));
  }

  *run(input: Bytes, operation: number): Generator<Bytes> {
    let left = input;
    while (!this.#ended) {
      const output = this.#step(left, operation);
      const { consumed, state } = this.#native;
      left = left.subarray(consumed);
      this.bytesWritten += consumed;
      this.#ended = state === ENDED;
      if (output.length > 0) yield output;
      if (state === HUNGRY && left.length === 0) break;
    }
    if (operation === FINISH && this.#isCutOff()) throw failure("Z_BUF_ERROR", "unexpected end of file");
  }

  #step(left: Bytes, operation: number): Bytes {
    const piece = left.subarray(0, STEP_BYTES_MAX);
    const isLast = piece.length === left.length || operation === METADATA;
    return this.#asked(() => this.#native.step(piece, isLast ? operation : PROCESS, Math.min(this.#chunkSize, STEP_BYTES_MAX)));
  }

  /** Nothing at all is no stream of Brotli, but none of Zstandard's frames. */
  #isCutOff(): boolean {
    return !this.#compresses && !this.#ended && (this.bytesWritten > 0 || this.#format === BROTLI);
  }

  reset(): void {
    this.close();
    this.#ended = false;
    this.#native = this.#open();
  }

  close(): void {
    this.#native.close();
    this.#ended = true;
  }

  #asked<T>(question: () => T): T {
    try {
      return question();
    } catch (error) {
      throw this.#failed(error as Error & { code?: string });
    }
  }

  #failed(error: Error & { code?: string }): Error {
    if (error.code === "parameter") return coded(Error, "ERR_ZLIB_INITIALIZATION_FAILED", "Initialization failed");
    if (error.code === "limit") return failure("Z_MEM_ERROR", error.message);
    const errno = Number(error.code);
    return Number.isNaN(errno) ? error : Object.assign(coded(Error, this.#nameOf(errno), error.message), { errno });
  }

  #nameOf(errno: number): string {
    const { title, errors } = this.#format;
    if (this.#format === BROTLI && this.#compresses) return "ERR_BROTLI_COMPRESSION_FAILED";
    const known = Object.entries(constants).find(([name, value]) => value === errno && name.startsWith(errors[0]));
    return known === undefined ? `ERR_${title.toUpperCase()}_FAILED` : errors[1] + known[0].slice(errors[0].length);
  }
}

/** Number and value by turns. */
function parametersOf(format: Format, compresses: boolean, params: Record<string, number | boolean>): number[] {
  const max = format.parameterMax[compresses ? 0 : 1];
  return Object.entries(params).flatMap(([name, value]) => {
    const number = Number(name);
    if (!(number >= 0 && number <= max)) throw coded(RangeError, `ERR_${format.title.toUpperCase()}_INVALID_PARAM`, `${name} is not a valid ${format.title} parameter`);
    if (typeof value !== "number" && typeof value !== "boolean") throw invalidArgType("options.params[key]", "of type number", value);
    return [number | 0, Number(value) | 0];
  });
}
