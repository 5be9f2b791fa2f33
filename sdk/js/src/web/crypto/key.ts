/** CryptoKey (Web Cryptography 13). */
import type { KeyKind } from "../../native";
import { DOMException } from "../dom-exception";
import { illegalUnless, INTERNAL } from "../webidl";

export const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"] as const;
export type KeyUsage = (typeof USAGES)[number];
export type KeyType = "secret" | "private" | "public";

export interface KeyAlgorithm {
  name: string;
  length?: number;
  hash?: { name: string };
  namedCurve?: string;
  modulusLength?: number;
  publicExponent?: Uint8Array;
}

/** What stands behind a CryptoKey, where no worker's code reaches it. */
export interface Slots {
  readonly type: KeyType;
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithm;
  readonly usages: readonly KeyUsage[];
  /** The bytes of a secret key; DER of the others. */
  readonly data: Uint8Array;
  /** What kind of key the DER holds. */
  readonly kind?: KeyKind;
}

/** The slots of a key; null for anything else. */
export let slotsOf: (value: unknown) => Slots | null;

export class CryptoKey {
  readonly #slots: Slots;
  // A worker may change what the getters answer with; it is always the same object.
  #algorithm: KeyAlgorithm | null = null;
  #usages: KeyUsage[] | null = null;

  static {
    slotsOf = (value) => (typeof value === "object" && value !== null && #slots in value ? value.#slots : null);
  }

  constructor(token: unknown, slots: Slots) {
    illegalUnless(token);
    this.#slots = slots;
  }

  get type(): KeyType {
    return this.#slots.type;
  }

  get extractable(): boolean {
    return this.#slots.extractable;
  }

  get algorithm(): KeyAlgorithm {
    const { algorithm } = this.#slots;
    return (this.#algorithm ??= {
      ...algorithm,
      ...(algorithm.hash === undefined ? {} : { hash: { ...algorithm.hash } }),
      ...(algorithm.publicExponent === undefined ? {} : { publicExponent: algorithm.publicExponent.slice() }),
    });
  }

  get usages(): KeyUsage[] {
    return (this.#usages ??= [...this.#slots.usages]);
  }
}
// An interface has no parameters in its constructor that nobody may call.
Object.defineProperty(CryptoKey, "length", { value: 0, configurable: true });

export interface CryptoKeyPair {
  publicKey: CryptoKey;
  privateKey: CryptoKey;
}

/** A key; usages are put in the order of the standard, each once. */
export function createKey(slots: Slots): CryptoKey {
  return new CryptoKey(INTERNAL, { ...slots, usages: USAGES.filter((usage) => slots.usages.includes(usage)) });
}

/** For structuredClone; null for anything but a key. */
export function cloneKey(value: object): CryptoKey | null {
  const slots = slotsOf(value);
  return slots === null ? null : new CryptoKey(INTERNAL, slots);
}

/** Refuses usages that keys of this algorithm do not have. */
export function checkUsages(name: string, usages: readonly KeyUsage[], allowed: readonly KeyUsage[]): void {
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) throw new DOMException(`a key for ${name} cannot be used to \`${wrong}\``, "SyntaxError");
}

/** A key that nothing can be done with is refused (Web Cryptography 14.3.6 and 14.3.9). */
export function needUsages(usages: readonly KeyUsage[]): void {
  if (usages.length === 0) throw new DOMException("a secret or private key needs at least one usage", "SyntaxError");
}

export const notSupported = (what: string): DOMException => new DOMException(`${what} is not supported`, "NotSupportedError");
export const invalidData = (message: string): DOMException => new DOMException(message, "DataError");
export const failed = (message: string): DOMException => new DOMException(message, "OperationError");
export const noAccess = (message: string): DOMException => new DOMException(message, "InvalidAccessError");

const NAMES: Record<string, string> = { data: "DataError", operation: "OperationError", unsupported: "NotSupportedError" };

/** Calls a native: what it throws becomes the DOMException that its `code` stands for. */
export function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== undefined && code in NAMES) throw new DOMException(message, NAMES[code]);
    if (message === "OperationError") throw failed("the operation failed");
    throw error;
  }
}
