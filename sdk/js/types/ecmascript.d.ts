/** What the engine has of ECMAScript that not every supported TypeScript knows yet. */

interface RegExpConstructor {
  /** The text as a pattern that matches it and nothing else. */
  escape(string: string): string;
}

interface Uint8ArrayConstructor {
  fromBase64(string: string, options?: FromBase64Options): Uint8Array<ArrayBuffer>;
  fromHex(string: string): Uint8Array<ArrayBuffer>;
}

interface Uint8Array<TArrayBuffer extends ArrayBufferLike> {
  toBase64(options?: { alphabet?: "base64" | "base64url" | undefined; omitPadding?: boolean | undefined }): string;
  toHex(): string;
  setFromBase64(string: string, options?: FromBase64Options): { read: number; written: number };
  setFromHex(string: string): { read: number; written: number };
}

interface FromBase64Options {
  alphabet?: "base64" | "base64url" | undefined;
  lastChunkHandling?: "loose" | "strict" | "stop-before-partial" | undefined;
}

interface Math {
  sumPrecise(numbers: Iterable<number>): number;
}

interface ErrorConstructor {
  isError(error: unknown): error is Error;
  /** Sets `stack` to where this call stands, or to where `constructor` was called. */
  captureStackTrace(target: object, constructor?: Function): void;
  stackTraceLimit: number;
}
