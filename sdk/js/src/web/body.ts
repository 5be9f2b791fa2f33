/**
 * What Request and Response share (Fetch 5.3). The content stays as it was given: a string or bytes whole, the host's body
 * unread. A stream is made only when a worker asks for `body`.
 */
import { type Blob, blobOf, bytesOf, isBlob } from "./blob";
import { readAll, type Source, streamOf, takeSource } from "./body-stream";
import { bufferOf, type BufferSource, decodeUtf8, encodeUtf8, isBufferSource, stripBom, viewOf } from "./bytes";
import { FormData } from "./form-data";
import type { Headers } from "./headers";
import { extractMimeType, type MimeType, serializeMimeType } from "./mime-type";
import { encodeMultipart, parseMultipart } from "./multipart";
import { isDisturbed, ReadableStream } from "./streams";
import { then } from "./streams/promises";
import { URLSearchParams } from "./url";
import { illegal } from "./webidl";

export type BodyInit = string | BufferSource | Blob | FormData | URLSearchParams | ReadableStream<Uint8Array>;

export type Content = Source | ReadableStream<Uint8Array> | null;

export const TEXT_TYPE = "text/plain;charset=UTF-8";

/** Mixed into the prototypes of Request and Response; their constructors set the fields. */
export abstract class Body {
  declare _content: Content;
  declare _used: boolean;
  abstract get headers(): Headers;

  get body(): ReadableStream<Uint8Array> | null {
    const content = this._content;
    if (content === undefined) throw illegal();
    if (content === null || content instanceof ReadableStream) return content;
    // What text implies about the headers must be said before it is text no more.
    if (typeof content === "string") void this.headers;
    const stream = streamOf(content);
    if (this._used) takeSource(stream);
    return (this._content = stream);
  }

  get bodyUsed(): boolean {
    if (this._content === undefined) throw illegal();
    return this._used || (this._content instanceof ReadableStream && isDisturbed(this._content));
  }

  text(): Promise<string> {
    return consume(this, readText);
  }

  json(): Promise<unknown> {
    return consume(this, (content) => {
      const text = readText(content);
      return typeof text === "string" ? parseJson(text) : then(text, parseJson);
    });
  }

  bytes(): Promise<Uint8Array> {
    return consume(this, (content) => readBytes(content, (bytes) => bytes));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return consume(this, (content) => readBytes(content, bufferOf));
  }

  blob(): Promise<Blob> {
    return consume(this, (content) => {
      const type = mimeTypeOf(this);
      return readBytes(content, (bytes) => blobOf(bytes, type === null ? "" : serializeMimeType(type)));
    });
  }

  formData(): Promise<FormData> {
    return consume(this, (content) => {
      const type = mimeTypeOf(this);
      if (type?.essence === "multipart/form-data") {
        const boundary = type.parameters.get("boundary");
        if (boundary === undefined) throw new TypeError("the content type has no boundary");
        return readBytes(content, (bytes) => parseMultipart(bytes, boundary));
      }
      if (type?.essence === "application/x-www-form-urlencoded") return readBytes(content, (bytes) => parseForm(decodeUtf8(bytes)));
      // Whoever sent a broken stream is told of that first.
      return readBytes(content, () => {
        throw new TypeError(`the body is no form: its content type is \`${this.headers.get("content-type") ?? ""}\``);
      });
    });
  }
}

/** Takes the content once; whatever goes wrong is a rejection. */
function consume<T>(owner: Body, use: (content: Content) => T | Promise<T>): Promise<T> {
  try {
    const content = owner._content;
    if (content === undefined) throw illegal();
    // A body that its signal aborted says so at once, each time.
    if (content instanceof ReadableStream && content._readableState === "errored") return Promise.reject(content._error as Error);
    return Promise.resolve(use(takeContent(owner)));
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/** Gives the members of `Body` to a class without a base constructor to call: making a Response is on every request's path. */
export function mixinBody(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(Body.prototype)) {
    if (name === "constructor") continue;
    Object.defineProperty(prototype, name, Object.getOwnPropertyDescriptor(Body.prototype, name)!);
  }
}

function mimeTypeOf(owner: Body): MimeType | null {
  return extractMimeType(owner.headers.get("content-type"));
}

/** The content, which nobody can take again. */
export function takeContent(owner: Body): Content {
  const content = owner._content;
  if (content === null) return null;
  if (owner._used) throw alreadyUsed();
  if (content instanceof ReadableStream) {
    if (content.locked || isDisturbed(content)) throw alreadyUsed();
    owner._used = true;
    return takeSource(content) ?? content;
  }
  owner._used = true;
  return content;
}

/** A copy of the content for `clone()`. */
export function cloneContent(owner: Body): Content {
  const content = owner._content;
  if (owner._used) throw new TypeError("the body was used already: it cannot be cloned");
  if (content === null || typeof content === "string" || content instanceof Uint8Array) return content;
  const stream = content instanceof ReadableStream ? content : streamOf(content);
  if (stream.locked || isDisturbed(stream)) throw new TypeError("the body was used already: it cannot be cloned");
  const [mine, theirs] = stream.tee();
  owner._content = mine;
  return theirs;
}

/** The content of anything but text, and the content type that it implies (Fetch 5.2, "extract a body"). */
export function extract(init: BodyInit): { content: Content; type: string | null } {
  if (init instanceof ReadableStream) {
    if (init.locked || isDisturbed(init)) throw new TypeError("the stream is locked or was read already");
    return { content: init, type: null };
  }
  if (isBufferSource(init)) return { content: viewOf(init).slice(), type: null };
  if (init instanceof URLSearchParams) return { content: init.toString(), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  if (isBlob(init)) return { content: bytesOf(init), type: init.type === "" ? null : init.type };
  if (init instanceof FormData) {
    const { bytes, type } = encodeMultipart(init);
    return { content: bytes, type };
  }
  if (isAsyncIterable(init)) return { content: ReadableStream.from(init), type: null };
  return { content: String(init), type: TEXT_TYPE };
}

/** Text is an iterable too, but not an asynchronous one; Node's streams and generators are. */
function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function readText(content: Content): string | Promise<string> {
  if (typeof content === "string") return stripBom(content);
  if (content === null) return "";
  if (content instanceof Uint8Array) return decodeUtf8(content);
  if (content instanceof ReadableStream) return readAll(content, decodeUtf8);
  const arrived = content.takeText?.() ?? null;
  return arrived === null ? then(content.readAll(), decodeUtf8) : stripBom(arrived);
}

function readBytes<T>(content: Content, use: (bytes: Uint8Array) => T): T | Promise<T> {
  if (content === null) return use(new Uint8Array(0));
  if (typeof content === "string") return use(encodeUtf8(content));
  // Whoever reads may change what it gets.
  if (content instanceof Uint8Array) return use(content.slice());
  if (content instanceof ReadableStream) return readAll(content, use);
  return then(content.readAll(), use);
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

function parseForm(text: string): FormData {
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(text)) form.append(name, value);
  return form;
}

function alreadyUsed(): TypeError {
  return new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
}

