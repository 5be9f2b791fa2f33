/**
 * What Request and Response share (Fetch 5.3). The content stays as it was given: a string or bytes whole, the host's body
 * unread. A stream is made only when a worker asks for `body`.
 */
import { type Blob, blobOf, bytesOf, isBlob } from "./blob";
import { readAll, type Source, streamOf, takeSource } from "./body-stream";
import { bufferOf, type BufferSource, decodeUtf8, encodeUtf8, isBufferSource, stripBom, viewOf } from "./bytes";
import { FormData } from "./form-data";
import type { Headers } from "./headers";
import { boundaryOf, encodeMultipart, parseMultipart } from "./multipart";
import { isDisturbed, ReadableStream } from "./streams";
import { URLSearchParams } from "./url";

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
    if (content === null || content instanceof ReadableStream) return content;
    // What text implies about the headers must be said before it is text no more.
    if (typeof content === "string") void this.headers;
    const stream = streamOf(content);
    if (this._used) takeSource(stream);
    return (this._content = stream);
  }

  get bodyUsed(): boolean {
    return this._used || (this._content instanceof ReadableStream && isDisturbed(this._content));
  }

  text(): Promise<string> {
    return this._consume(readText);
  }

  json(): Promise<unknown> {
    return this._consume((content) => {
      const text = readText(content);
      return typeof text === "string" ? (JSON.parse(text) as unknown) : text.then(JSON.parse);
    });
  }

  bytes(): Promise<Uint8Array> {
    return this._consume((content) => readBytes(content, (bytes) => bytes));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this._consume((content) => readBytes(content, bufferOf));
  }

  blob(): Promise<Blob> {
    const type = this.headers.get("content-type") ?? "";
    return this._consume((content) => readBytes(content, (bytes) => blobOf(bytes, type)));
  }

  formData(): Promise<FormData> {
    const type = this.headers.get("content-type") ?? "";
    return this._consume((content) => {
      if (/^multipart\/form-data[\t ]*(;|$)/i.test(type)) {
        const boundary = boundaryOf(type);
        if (boundary === null) throw new TypeError("the content type has no boundary");
        return readBytes(content, (bytes) => parseMultipart(bytes, boundary));
      }
      if (/^application\/x-www-form-urlencoded[\t ]*(;|$)/i.test(type)) {
        return readBytes(content, (bytes) => parseForm(decodeUtf8(bytes)));
      }
      throw new TypeError(`the body is no form: its content type is \`${type}\``);
    });
  }

  /** Takes the content once; whatever goes wrong is a rejection. */
  _consume<T>(use: (content: Content) => T | Promise<T>): Promise<T> {
    try {
      return Promise.resolve(use(takeContent(this)));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
}

/** Gives the members of `Body` to a class without a base constructor to call: making a Response is on every request's path. */
export function mixinBody(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(Body.prototype)) {
    if (name === "constructor") continue;
    Object.defineProperty(prototype, name, Object.getOwnPropertyDescriptor(Body.prototype, name)!);
  }
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
  if (content instanceof ReadableStream) return readAll(content).then(decodeUtf8);
  const arrived = content.takeText?.() ?? null;
  return arrived === null ? content.readAll().then(decodeUtf8) : stripBom(arrived);
}

function readBytes<T>(content: Content, use: (bytes: Uint8Array) => T): T | Promise<T> {
  if (content === null) return use(new Uint8Array(0));
  if (typeof content === "string") return use(encodeUtf8(content));
  // Whoever reads may change what it gets.
  if (content instanceof Uint8Array) return use(content.slice());
  if (content instanceof ReadableStream) return readAll(content).then(use);
  return content.readAll().then(use);
}

function parseForm(text: string): FormData {
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(text)) form.append(name, value);
  return form;
}

function alreadyUsed(): TypeError {
  return new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
}

