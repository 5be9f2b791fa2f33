/** TextEncoder, TextDecoder and their streams (Encoding Standard), over the engine's encoding_rs. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import type { NativeDecoder } from "../native";
import { type BufferSource, viewOf } from "./bytes";
import { TransformStream } from "./streams";

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }

  encode(text?: string): Uint8Array {
    return native.utf8Encode(text === undefined ? "" : String(text));
  }

  encodeInto(text: string, view: Uint8Array): { read: number; written: number } {
    if (!(view instanceof Uint8Array)) throw new TypeError("`encodeInto` writes to a Uint8Array");
    const [read, written] = native.utf8EncodeInto(String(text), view);
    return { read, written };
  }
}

export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const NO_BYTES = new Uint8Array(0);

export class TextDecoder {
  declare _encoding: string;
  declare _fatal: boolean;
  declare _ignoreBom: boolean;
  /** Holds what a chunk left unfinished. */
  declare _decoder: NativeDecoder | null;

  constructor(label = "utf-8", options?: TextDecoderOptions) {
    this._encoding = canonicalName(label);
    this._fatal = Boolean(options?.fatal);
    this._ignoreBom = Boolean(options?.ignoreBOM);
    this._decoder = null;
  }

  get encoding(): string {
    return this._encoding;
  }

  get fatal(): boolean {
    return this._fatal;
  }

  get ignoreBOM(): boolean {
    return this._ignoreBom;
  }

  decode(input?: BufferSource, options?: { stream?: boolean }): string {
    const bytes = input === undefined ? NO_BYTES : viewOf(input);
    const more = Boolean(options?.stream);
    const decoder = this._decoder ?? native.createDecoder(this._encoding, this._fatal, this._ignoreBom);
    this._decoder = null;
    const text = decoder.decode(bytes, more);
    if (more) this._decoder = decoder;
    return text;
  }
}

function canonicalName(label: string): string {
  if (label === "utf-8" || label === "utf8") return "utf-8";
  const name = native.encodingName(String(label));
  if (name === null) throw new RangeError(`unknown encoding: \`${label}\``);
  return name.toLowerCase();
}

export class TextEncoderStream {
  declare _transform: TransformStream<string, Uint8Array>;

  constructor() {
    let pending = "";
    this._transform = new TransformStream<string, Uint8Array>({
      transform(chunk, controller) {
        let text = pending + String(chunk);
        const last = text.charCodeAt(text.length - 1);
        // The first half of a surrogate pair waits for the second.
        pending = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
        if (pending !== "") text = text.slice(0, -1);
        if (text !== "") controller.enqueue(native.utf8Encode(text));
      },
      flush(controller) {
        if (pending !== "") controller.enqueue(native.utf8Encode("\ufffd"));
      },
    });
  }

  get encoding(): string {
    return "utf-8";
  }

  get readable(): TransformStream["readable"] {
    return this._transform.readable;
  }

  get writable(): TransformStream["writable"] {
    return this._transform.writable;
  }
}

export class TextDecoderStream {
  declare _transform: TransformStream<BufferSource, string>;
  declare _decoder: TextDecoder;

  constructor(label = "utf-8", options?: TextDecoderOptions) {
    const decoder = new TextDecoder(label, options);
    this._decoder = decoder;
    this._transform = new TransformStream<BufferSource, string>({
      transform(chunk, controller) {
        const text = decoder.decode(viewOf(chunk), { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this._decoder.encoding;
  }

  get fatal(): boolean {
    return this._decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this._decoder.ignoreBOM;
  }

  get readable(): TransformStream["readable"] {
    return this._transform.readable;
  }

  get writable(): TransformStream["writable"] {
    return this._transform.writable;
  }
}

exposeClasses({ TextEncoder, TextDecoder, TextEncoderStream, TextDecoderStream });
