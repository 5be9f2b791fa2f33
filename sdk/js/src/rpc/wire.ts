/**
 * Values on their way to another worker: JSON, and the bytes that it refers to by position. A value that JSON has as it is stays that;
 * anything else is an array that begins with a tag. Objects are numbered in the order in which they are met, so that one which occurs
 * again, also inside itself, is the same object there. What cannot be copied goes as a capability: the session says how.
 *
 * What comes from another worker may be anything: decoding makes plain values and platform objects of it, or throws.
 */
import { Blob, blobOf, bytesOf, File } from "../web/blob";
import { DOMException } from "../web/dom-exception";
import { Headers, headersOf } from "../web/headers";
import { Request } from "../web/request";
import { Response } from "../web/response";
import { ReadableStream, WritableStream } from "../web/streams";
import { markHandled } from "../web/streams/promises";
import { fromWireMessage, fromWireRequest, malformed, toWireRequest, toWireResponse } from "./messages";

export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };

/** How a session gives what cannot be copied: the wire form of a function, an RpcTarget, a stub or a stream; null for anything else. */
export type Give = (value: object) => Wire[] | null;

/** How it takes that. */
export type Take = (wire: Wire[]) => unknown;

export class Encoder {
  readonly blobs: Uint8Array[] = [];
  private readonly seen = new Map<object, number>();

  constructor(private readonly give: Give) {}

  encode(value: unknown): Wire {
    switch (typeof value) {
      case "boolean":
      case "string":
        return value;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) ? value : ["n", Object.is(value, -0) ? "-0" : String(value)];
      case "undefined":
        return ["u"];
      case "bigint":
        return ["i", String(value)];
      case "symbol":
        throw notSerializable(value);
    }
    if (value === null || value === undefined) return null;
    const given = this.give(value);
    if (given !== null) return given;
    const known = this.seen.get(value);
    if (known !== undefined) return ["r", known];
    this.seen.set(value, this.seen.size);
    return this.encodeObject(value);
  }

  private encodeObject(value: object): Wire[] {
    if (Array.isArray(value)) return ["a", Array.from(value, (item) => this.encode(item))];
    if (value instanceof Date) return ["d", Number.isNaN(value.getTime()) ? null : value.getTime()];
    if (value instanceof RegExp) return ["x", value.source, value.flags];
    if (value instanceof Map) return ["m", [...value].map(([key, item]) => [this.encode(key), this.encode(item)])];
    if (value instanceof Set) return ["s", [...value].map((item) => this.encode(item))];
    if (value instanceof Error) return ["e", String(value.name), String(value.message), value instanceof DOMException, ...this.encodeCause(value)];
    if (BOXES.some((Box) => value instanceof Box)) return ["w", this.encode(value.valueOf())];
    if (value instanceof ArrayBuffer) return ["b", this.blob(new Uint8Array(value))];
    if (ArrayBuffer.isView(value)) return ["v", nameOfView(value), this.blob(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))];
    if (value instanceof Headers) return ["H", value._list];
    if (value instanceof Request) return ["Q", this.encode(toWireRequest(value))];
    if (value instanceof Response && value._webSocket !== null) throw notSerializable(value._webSocket);
    if (value instanceof Response) return ["P", this.encode(toWireResponse(value))];
    if (value instanceof File) return ["F", this.blob(bytesOf(value)), value.type, value.name, value.lastModified];
    if (value instanceof Blob) return ["B", this.blob(bytesOf(value)), value.type];
    if (!isPlain(value)) throw notSerializable(value);
    return ["o", Object.fromEntries(Object.keys(value).map((key) => [key, this.encode((value as Record<string, unknown>)[key])]))];
  }

  /** One that cannot be copied is left out: the error is the message. */
  private encodeCause(error: Error): Wire[] {
    if (!Object.hasOwn(error, "cause")) return [];
    const [met, blobs] = [this.seen.size, this.blobs.length];
    try {
      return [this.encode(error.cause)];
    } catch {
      for (const [object, place] of this.seen) if (place >= met) this.seen.delete(object);
      this.blobs.length = blobs;
      return [];
    }
  }

  private blob(bytes: Uint8Array): number {
    return this.blobs.push(bytes) - 1;
  }
}

export class Decoder {
  private readonly seen: unknown[] = [];
  /** Those that were met. */
  readonly stubs: object[] = [];
  private readonly streams: (ReadableStream | WritableStream)[] = [];

  constructor(
    private readonly blobs: Uint8Array[],
    private readonly take: Take,
  ) {}

  decode(wire: Wire): unknown {
    if (!Array.isArray(wire)) {
      if (typeof wire === "object" && wire !== null) throw malformed();
      return wire;
    }
    const [tag, first, second] = wire;
    switch (tag) {
      case "u":
        return undefined;
      case "n":
        return Number(first);
      case "i":
        return BigInt(first as string);
      case "r":
        if (typeof first !== "number" || !(first in this.seen)) throw malformed();
        return this.seen[first];
      case "a":
        return this.array(first as Wire[]);
      case "o":
        return this.object(first as Record<string, Wire>);
      case "m":
        return this.map(first as Wire[][]);
      case "s":
        return this.set(first as Wire[]);
      case "Q":
      case "P":
        return this.message(tag, first!);
      case "d":
        return this.remember(new Date(first === null ? NaN : (first as number)));
      case "x":
        return this.remember(new RegExp(first as string, second as string));
      case "e":
        return this.error(wire);
      case "w":
        return this.box(first!);
      case "b":
        return this.remember(bufferOf(this.blob(first)));
      case "v":
        return this.remember(decodeView(first as string, this.blob(second)));
      case "H":
        return this.remember(headersOf((first as string[]).map(String), false));
      case "B":
        return this.remember(blobOf(this.blob(first), String(second)));
      case "F":
        return this.remember(new File([this.blob(first)], String(wire[3]), { type: String(second), lastModified: Number(wire[4]) }));
      case "c":
        return this.stub(wire);
      case "R":
      case "W":
        return this.stream(wire);
      default:
        return this.take(wire);
    }
  }

  private stub(wire: Wire[]): unknown {
    const stub = this.take(wire) as object;
    this.stubs.push(stub);
    return stub;
  }

  private stream(wire: Wire[]): unknown {
    const stream = this.take(wire) as ReadableStream | WritableStream;
    this.streams.push(stream);
    return stream;
  }

  /** Lets go of all that a message has brought which could not be decoded to its end. */
  discard(): void {
    for (const stub of this.stubs) (stub as Disposable)[Symbol.dispose]();
    for (const stream of this.streams) markHandled(stream instanceof ReadableStream ? stream.cancel() : stream.abort());
  }

  private remember<T>(value: T): T {
    this.seen.push(value);
    return value;
  }

  private array(items: Wire[]): unknown[] {
    const array: unknown[] = this.remember([]);
    for (const item of items) array.push(this.decode(item));
    return array;
  }

  private object(fields: Record<string, Wire>): object {
    const object = this.remember({});
    for (const key of Object.keys(fields)) {
      Object.defineProperty(object, key, { value: this.decode(fields[key]!), writable: true, enumerable: true, configurable: true });
    }
    return object;
  }

  private error([, name, message, isDomException, ...cause]: Wire[]): Error {
    const error = this.remember(decodeError(name as string, message as string, isDomException === true));
    if (cause.length > 0) Object.defineProperty(error, "cause", { value: this.decode(cause[0]!), writable: true, configurable: true });
    return error;
  }

  /** Its place is taken before what is in it is decoded, which has none. */
  private box(wire: Wire): object {
    const place = this.seen.push(undefined) - 1;
    const value = this.decode(wire);
    if (!["string", "number", "boolean", "bigint"].includes(typeof value)) throw malformed();
    return (this.seen[place] = Object(value)) as object;
  }

  private map(entries: Wire[][]): Map<unknown, unknown> {
    const map = this.remember(new Map<unknown, unknown>());
    for (const [key, value] of entries) map.set(this.decode(key!), this.decode(value!));
    return map;
  }

  private set(items: Wire[]): Set<unknown> {
    const set = this.remember(new Set<unknown>());
    for (const item of items) set.add(this.decode(item));
    return set;
  }

  /** Its place is taken before its parts are decoded, as it was when they were encoded. */
  private message(tag: "Q" | "P", parts: Wire): Request | Response {
    const place = this.seen.push(undefined) - 1;
    const fields = this.decode(parts) as Record<string, unknown>;
    return (this.seen[place] = tag === "Q" ? fromWireRequest(fields) : fromWireMessage(fields)) as Request | Response;
  }

  private blob(index: unknown): Uint8Array {
    const bytes = this.blobs[index as number];
    if (bytes === undefined) throw malformed();
    return bytes;
  }
}

const BOXES: readonly (new (...args: never[]) => object)[] = [String, Number, Boolean, BigInt as never];

const ERRORS: Record<string, ErrorConstructor> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** Of the standard's class that has the name, else an Error that is called so. `remote` says where it was thrown, as on Cloudflare. */
function decodeError(name: string, message: string, isDomException: boolean): Error {
  if (isDomException) return new DOMException(message, name) as unknown as Error;
  const error = new (Object.hasOwn(ERRORS, name) ? ERRORS[name]! : Error)(message);
  if (error.name !== name) Object.defineProperty(error, "name", { value: String(name), writable: true, enumerable: false, configurable: true });
  return error;
}

type ViewConstructor = new (buffer: ArrayBuffer) => ArrayBufferView;

function nameOfView(value: ArrayBufferView): string {
  return value instanceof DataView ? "DataView" : (value as unknown as Record<symbol, string>)[Symbol.toStringTag]!;
}

function decodeView(name: string, bytes: Uint8Array): ArrayBufferView {
  if (!/^(DataView|(Big|Uint|Int|Float)\w*Array)$/.test(name) || !(name in globalThis)) throw malformed();
  return new ((globalThis as unknown as Record<string, ViewConstructor>)[name]!)(bufferOf(bytes));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.byteLength === bytes.byteLength ? (bytes.buffer as ArrayBuffer) : (bytes.slice().buffer as ArrayBuffer);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The text is Cloudflare's. */
function notSerializable(value: unknown): DOMException {
  if (typeof value === "symbol") return new DOMException(`${String(value)} could not be cloned.`, "DataCloneError");
  const name = ((value as object).constructor as { name?: string } | undefined)?.name ?? "Object";
  return new DOMException(`Could not serialize object of type "${name}". This type does not support serialization.`, "DataCloneError");
}

export function isStream(value: unknown): value is ReadableStream | WritableStream {
  return value instanceof ReadableStream || value instanceof WritableStream;
}
