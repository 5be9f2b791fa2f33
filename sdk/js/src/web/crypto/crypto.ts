/** `crypto` (Web Cryptography 10): randomness, and `subtle`. */
import { exposeClasses, exposeGlobal, shape } from "../../expose";
import { runTimeOnly } from "../../guards";
import { native } from "../../host";
import { DOMException } from "../dom-exception";
import { CryptoKey } from "./key";
import { SubtleCrypto } from "./subtle";

const RANDOM_BYTES_MAX = 65_536;

class Crypto {
  declare readonly subtle: SubtleCrypto;

  getRandomValues<T extends ArrayBufferView>(view: T): T {
    if (!ArrayBuffer.isView(view) || !INTEGER_VIEW.test(tagOf(view))) {
      throw new DOMException("`getRandomValues` fills a typed array of integers", "TypeMismatchError");
    }
    if (view.byteLength > RANDOM_BYTES_MAX) {
      throw new DOMException(`${view.byteLength} bytes are more than the ${RANDOM_BYTES_MAX} bytes that one call gives`, "QuotaExceededError");
    }
    runTimeOnly("`crypto.getRandomValues()`");
    native.randomFill(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return view;
  }

  /** Version 4 (RFC 9562 5.4). */
  randomUUID(): string {
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
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const INTEGER_VIEW = /^(Big)?(Int|Uint)(8|8Clamped|16|32|64)Array$/;

function tagOf(view: ArrayBufferView): string {
  return (view as unknown as Record<symbol, string>)[Symbol.toStringTag] ?? "";
}

export const crypto = new Crypto();
Object.defineProperty(Crypto.prototype, "subtle", { value: new SubtleCrypto(), enumerable: true, configurable: true });

shape("Crypto", Crypto);
exposeGlobal("Crypto", Crypto);
exposeGlobal("crypto", crypto);
exposeClasses({ CryptoKey, SubtleCrypto });
