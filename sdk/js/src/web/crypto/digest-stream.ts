/** `crypto.DigestStream`, Cloudflare's: a WritableStream that hashes what is written to it. */
import { native } from "../../host";
import { bufferOf, encodeUtf8, isBufferSource } from "../bytes";
import { WritableStream } from "../streams";
import { markHandled } from "../streams/promises";
import { type AlgorithmIdentifier, bytesOf, hashName } from "./algorithm";

export class DigestStream extends WritableStream<unknown> {
  readonly #digest: Promise<ArrayBuffer>;
  #written = 0n;

  constructor(algorithm: AlgorithmIdentifier) {
    const hash = native.createHash(hashName(algorithm, "MD5"))!;
    let resolve!: (digest: ArrayBuffer) => void;
    let reject!: (reason: unknown) => void;
    const promise = new Promise<ArrayBuffer>((yes, no) => ([resolve, reject] = [yes, no]));
    // Whoever does not ask for the digest need not handle its failure.
    markHandled(promise);
    super({
      write: (chunk) => {
        const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : isBufferSource(chunk) ? bytesOf(chunk) : null;
        if (bytes === null) {
          const error = new TypeError("DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.");
          reject(error);
          throw error;
        }
        hash.update(bytes);
        this.#written += BigInt(bytes.length);
      },
      close: () => resolve(bufferOf(hash.digest())),
      abort: (reason) => reject(reason),
    });
    this.#digest = promise;
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#digest;
  }

  get bytesWritten(): bigint {
    return this.#written;
  }
}
