/** TextEncoder, TextDecoder and their streams (Encoding Standard), over the engine's encoding_rs. */
import { exposeClasses } from "../expose";
import { native } from "../host";
import type { NativeDecoder } from "../native";
import { type BufferSource, isBufferSource, viewOf } from "./bytes";
import { createTransform, type ReadableStream, type TransformStream, type WritableStream } from "./streams";
import { need, toDictionary, toText } from "./webidl";

export class TextEncoder {
  get encoding(): string {
    if (!(this instanceof TextEncoder)) throw new TypeError("Illegal invocation");
    return "utf-8";
  }

  encode(text: string | undefined = ""): Uint8Array {
    if (!(this instanceof TextEncoder)) throw new TypeError("Illegal invocation");
    return native.utf8Encode(typeof text === "string" ? text : toText(text));
  }

  encodeInto(text: string, view: Uint8Array): { read: number; written: number } {
    need(arguments.length, 2, "encodeInto");
    if (!(view instanceof Uint8Array)) throw new TypeError("`encodeInto` writes to a Uint8Array");
    const given = toText(text);
    // Nor does a view whose buffer is detached hold anything.
    if (view.length === 0) return { read: 0, written: 0 };
    const [read, written] = native.utf8EncodeInto(given, view);
    return { read, written };
  }
}

export interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

const NO_BYTES = new Uint8Array(0);

/** Of a detached buffer there are none (Web IDL 3.2.25, "get a copy of the bytes"). */
function bytesOf(source: BufferSource): Uint8Array {
  if (isBufferSource(source) && source.byteLength === 0) return NO_BYTES;
  return viewOf(source);
}

export class TextDecoder {
  declare _encoding: string;
  declare _fatal: boolean;
  declare _ignoreBom: boolean;
  /** Holds what a chunk left unfinished. */
  declare _decoder: NativeDecoder | null;

  constructor(label = "utf-8", options: TextDecoderOptions | undefined = undefined) {
    this._encoding = canonicalName(label);
    const { fatal, ignoreBOM } = toDictionary(options, "the options of a TextDecoder");
    this._fatal = Boolean(fatal);
    this._ignoreBom = Boolean(ignoreBOM);
    this._decoder = null;
  }

  get encoding(): string {
    return stateOf(this)._encoding;
  }

  get fatal(): boolean {
    return stateOf(this)._fatal;
  }

  get ignoreBOM(): boolean {
    return stateOf(this)._ignoreBom;
  }

  decode(input: BufferSource | undefined = undefined, options: { stream?: boolean } | undefined = undefined): string {
    stateOf(this);
    const bytes = input === undefined ? NO_BYTES : bytesOf(input);
    const more = options !== undefined && Boolean(toDictionary(options, "the options of `decode`").stream);
    const decoder = this._decoder ?? native.createDecoder(this._encoding, this._fatal, this._ignoreBom);
    this._decoder = null;
    const text = decoder.decode(bytes, more);
    if (more) this._decoder = decoder;
    return text;
  }
}

function canonicalName(label: string): string {
  if (label === "utf-8" || label === "utf8") return "utf-8";
  const name = native.encodingName(toText(label));
  if (name === null) throw new RangeError(`unknown encoding: \`${label}\``);
  return name.toLowerCase();
}

function stateOf(decoder: TextDecoder): TextDecoder {
  if (decoder._encoding === undefined) throw new TypeError("Illegal invocation");
  return decoder;
}

export class TextEncoderStream {
  readonly #transform: TransformStream<unknown, Uint8Array>;

  constructor() {
    let pending = "";
    this.#transform = createTransform<unknown, Uint8Array>({
      transform(chunk, controller) {
        let text = pending + toText(chunk);
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
    void this.#transform;
    return "utf-8";
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#transform.readable;
  }

  get writable(): WritableStream {
    return this.#transform.writable;
  }
}

export class TextDecoderStream {
  readonly #decoder: TextDecoder;
  readonly #transform: TransformStream<BufferSource, string>;

  constructor(label = "utf-8", options: TextDecoderOptions | undefined = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = createTransform<BufferSource, string>({
      transform(chunk, controller) {
        const text = decoder.decode(bytesOf(chunk), { stream: true });
        if (text !== "") controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== "") controller.enqueue(text);
      },
    });
  }

  get encoding(): string {
    return this.#decoder.encoding;
  }

  get fatal(): boolean {
    return this.#decoder.fatal;
  }

  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM;
  }

  get readable(): ReadableStream<string> {
    return this.#transform.readable;
  }

  get writable(): WritableStream<BufferSource> {
    return this.#transform.writable;
  }
}

exposeClasses({ TextEncoder, TextDecoder, TextEncoderStream, TextDecoderStream });
