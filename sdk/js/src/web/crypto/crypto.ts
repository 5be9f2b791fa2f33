/** `crypto` (Web Cryptography 10): randomness, and `subtle`. */
import { exposeClasses, exposeGlobal, shape } from "../../expose";
import { runTimeOnly } from "../../guards";
import { native } from "../../host";
import { DOMException } from "../dom-exception";
import { addCopier } from "../structured-clone";
import { illegalUnless, INTERNAL, need } from "../webidl";
import { DigestStream } from "./digest-stream";
import { cloneKey, CryptoKey } from "./key";
import { SubtleCrypto } from "./subtle";

const RANDOM_BYTES_MAX = 65_536;

const subtle = new SubtleCrypto(INTERNAL);

class Crypto {
  // Without a field every object would do as `this`.
  readonly #subtle = subtle;

  constructor(token: unknown) {
    illegalUnless(token);
  }

  get subtle(): SubtleCrypto {
    return this.#subtle;
  }

  getRandomValues<T extends ArrayBufferView>(view: T): T {
    void this.#subtle;
    need(arguments.length, 1, "getRandomValues");
    if (!ArrayBuffer.isView(view)) throw new TypeError("`getRandomValues` needs a typed array of integers");
    if (!INTEGER_VIEW.test(tagOf(view))) throw new DOMException("`getRandomValues` fills a typed array of integers", "TypeMismatchError");
    if (view.byteLength > RANDOM_BYTES_MAX) {
      throw new DOMException(`${view.byteLength} bytes are more than the ${RANDOM_BYTES_MAX} bytes that one call gives`, "QuotaExceededError");
    }
    runTimeOnly("`crypto.getRandomValues()`");
    native.randomFill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return view;
  }

  /** Version 4 (RFC 9562 5.4). */
  randomUUID(): string {
    void this.#subtle;
    runTimeOnly("`crypto.randomUUID()`");
    const bytes = new Uint8Array(16);
    native.randomFill(bytes);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    let text = "";
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
      text += HEX[bytes[i]!]!;
    }
    return text;
  }

  /** Cloudflare's addition. */
  get DigestStream(): typeof DigestStream {
    return DigestStream;
  }
}
// As of CryptoKey.
Object.defineProperty(Crypto, "length", { value: 0, configurable: true });

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const INTEGER_VIEW = /^(Big)?(Int|Uint)(8|8Clamped|16|32|64)Array$/;

/** The typed array's own name, whatever its class says. */
const tagOf = (view: ArrayBufferView): string => (typedArrayTag.call(view) as string | undefined) ?? "";
const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype) as object, Symbol.toStringTag)!.get!;

export const crypto = new Crypto(INTERNAL);

addCopier(cloneKey);
shape("DigestStream", DigestStream);
exposeGlobal("crypto", crypto);
exposeClasses({ Crypto, CryptoKey, SubtleCrypto });
