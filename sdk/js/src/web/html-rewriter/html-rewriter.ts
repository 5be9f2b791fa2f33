/**
 * HTMLRewriter (Cloudflare Workers): edits HTML as it streams through. The engine parses by lol_html, which cannot wait for a handler
 * in the middle of its work: `sdk/engine/src/html` says how handlers may be asynchronous all the same.
 */
import { exposeClasses } from "../../expose";
import { native } from "../../host";
import type { NativeRewriter } from "../../native";
import { takeContent } from "../body";
import { streamOf } from "../body-stream";
import { encodeUtf8 } from "../bytes";
import { TextDecoder } from "../encoding";
import { Response } from "../response";
import { ReadableStream } from "../streams";
import { markHandled, resolved, then } from "../streams/promises";
import { isObject } from "../webidl";
import { Comment, Doctype, type Document, DocumentEnd, Element, type ElementState, EndTag, type EndTagHandler, type State, Text } from "./tokens";

/** The parser takes a document in pieces of at most so many bytes, so that few tokens are open at once. */
const PIECE_BYTES_MAX = 16 * 1024;

type Handler = (token: never) => unknown;

/** In the order of the bits by which the engine counts them. */
const ELEMENT_HANDLERS = ["element", "comments", "text"];
const DOCUMENT_HANDLERS = ["doctype", "comments", "text", "end"];

type TokenClass = new (state: never) => { _state: State | null };

/** What handlers get, by the same numbers; of the document in the second row. */
const TOKENS: TokenClass[][] = [
  [Element, Comment, Text],
  [Doctype, Comment, Text, DocumentEnd],
];

interface Registration {
  selector: string | null;
  handlers: (Handler | null)[];
}

export class HTMLRewriter {
  declare _registrations: Registration[];

  constructor() {
    this._registrations = [];
  }

  on(selector: string, handlers: object | null): this {
    if (typeof selector !== "string") throw wrongType("on", 1, "string");
    if (arguments.length < 2 || !(handlers === null || isObject(handlers))) throw wrongType("on", 2, "ElementContentHandlers");
    const registration = { selector, handlers: take(handlers, ELEMENT_HANDLERS, "ElementContentHandlers") };
    native.checkSelector(selector);
    this._registrations.push(registration);
    return this;
  }

  onDocument(handlers: object | null): this {
    if (arguments.length < 1 || !(handlers === null || isObject(handlers))) throw wrongType("onDocument", 1, "DocumentContentHandlers");
    this._registrations.push({ selector: null, handlers: take(handlers, DOCUMENT_HANDLERS, "DocumentContentHandlers") });
    return this;
  }

  transform(response: Response): Response {
    if (!(response instanceof Response)) throw wrongType("transform", 1, "Response");
    if (response.type === "error") throw new TypeError("HTMLRewriter cannot transform an error response");
    if (response.body === null) return response;
    const registrations = this._registrations.slice();
    const rewriter = native.createRewriter(registrations.flatMap(flat), charset(response.headers.get("content-type")));
    const content = takeContent(response)!;
    const source = content instanceof ReadableStream ? content : streamOf(content);
    const stream = ReadableStream.from(new Rewriting(rewriter, registrations).run(source.getReader())) as ReadableStream<Uint8Array>;
    const { status, statusText, headers } = response;
    const transformed = new Response(stream, { status, statusText, headers });
    transformed.headers.delete("content-length");
    return transformed;
  }
}

function flat({ selector, handlers }: Registration): [string | null, number] {
  return [selector, handlers.reduce((sum, handler, bit) => (handler === null ? sum : sum | (1 << bit)), 0)];
}

function charset(contentType: string | null): string {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
}

/** The handlers as they are now, each with the object it is a method of. */
function take(from: object | null, names: readonly string[], type: string): (Handler | null)[] {
  if (from === null) return [];
  return names.map((name) => {
    const handler = (from as Record<string, unknown>)[name];
    if (handler === undefined) return null;
    if (typeof handler !== "function") throw new TypeError(`Incorrect type for the '${name}' field on '${type}': the provided value is not of type 'function'.`);
    return (token) => handler.call(from, token) as unknown;
  });
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** One document on its way. */
class Rewriting implements Document {
  removedDepth = 0;
  readonly #rewriter: NativeRewriter;
  readonly #registrations: Registration[];
  /** Elements whose end tag somebody waits for, or whose content was removed. */
  readonly #open = new Map<number, { handlers: EndTagHandler[] | null; removesContent: boolean }>();
  readonly #streams = new Map<number, { stream: ReadableStream<Uint8Array>; html: boolean }>();
  #streamsKept = 0;

  constructor(rewriter: NativeRewriter, registrations: Registration[]) {
    this.#rewriter = rewriter;
    this.#registrations = registrations;
  }

  keep(stream: ReadableStream<Uint8Array>, html: boolean): number {
    if (stream.locked) throw new TypeError("the stream to insert is locked");
    this.#streams.set(this.#streamsKept, { stream, html });
    return this.#streamsKept++;
  }

  /** The rewritten document, piece by piece, as it is asked for. */
  async *run(reader: Reader): AsyncGenerator<Uint8Array> {
    let ended = false;
    try {
      while (!ended) {
        const { done, value } = await reader.read();
        ended = done;
        if (done) yield* this.#step(null);
        else if (!(value instanceof Uint8Array)) throw new TypeError("a body stream may hold only Uint8Array chunks");
        else for (let at = 0; at < value.length; at += PIECE_BYTES_MAX) yield* this.#step(value.subarray(at, at + PIECE_BYTES_MAX));
      }
    } finally {
      // Somebody lost interest, or a handler failed.
      if (!ended) markHandled(reader.cancel());
    }
  }

  async *#step(piece: Uint8Array | null): AsyncGenerator<Uint8Array> {
    const events = this.#rewriter.scan(piece);
    const edits: unknown[] = [];
    let state: State | null = null;
    for (let i = 0; i < events.length; i += 3) {
      const index = events[i] as number;
      const scanned = events[i + 2] as unknown[] | undefined;
      // Handlers of one token follow each other.
      if (scanned !== undefined) {
        state = this.#stateOf(index, scanned);
        edits.push(events[i + 1], state.edits);
      }
      const pending = index < 0 ? this.#endTag(state!) : this.#call(index, state!);
      if (pending !== undefined) await pending;
      const next = events[i + 5];
      if (next !== undefined || i + 3 >= events.length) this.#left(events[i + 1] as number, state!);
    }
    for (const part of this.#rewriter.apply(edits)) {
      if (typeof part === "number") yield* this.#inserted(part);
      else if (part.length > 0) yield part;
    }
  }

  #stateOf(index: number, scanned: unknown[]): State {
    const state: State = { document: this, edits: [], removed: false, scanned };
    if (index >= 0 && this.#classOf(index) === Element) {
      Object.assign(state, { removed: this.removedDepth > 0, removesContent: false, endHandlers: null });
    }
    return state;
  }

  #classOf(index: number): TokenClass {
    const row = this.#registrations[index >> 2]!.selector === null ? 1 : 0;
    return TOKENS[row]![index & 3]!;
  }

  #call(index: number, state: State): Promise<void> | undefined {
    const handler = this.#registrations[index >> 2]!.handlers[index & 3]!;
    return handle(handler, new (this.#classOf(index))(state as never));
  }

  /** All handlers of a token have run. */
  #left(token: number, state: State): void {
    const { removesContent, endHandlers: handlers } = state as Partial<ElementState>;
    if (removesContent === true || handlers) this.#open.set(token, { handlers: handlers ?? null, removesContent: removesContent === true });
  }

  #endTag(state: State): Promise<void> | undefined {
    const element = state.scanned[1] as number;
    const open = this.#open.get(element);
    if (open === undefined) return undefined;
    this.#open.delete(element);
    if (open.removesContent) this.removedDepth--;
    return open.handlers === null ? undefined : callAll(open.handlers, state);
  }

  async *#inserted(number: number): AsyncGenerator<Uint8Array> {
    const { stream, html } = this.#streams.get(number)!;
    this.#streams.delete(number);
    const decoder = new TextDecoder();
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array | string>) {
      if (html && typeof chunk !== "string") yield chunk;
      else yield inserted(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }), html);
    }
    if (!html) yield inserted(decoder.decode(), html);
  }
}

function inserted(text: string, html: boolean): Uint8Array {
  return encodeUtf8(html ? text : text.replace(/[&<>]/g, (one) => (one === "&" ? "&amp;" : one === "<" ? "&lt;" : "&gt;")));
}

async function callAll(handlers: EndTagHandler[], state: State): Promise<void> {
  for (const handler of handlers) await handle(handler as Handler, new EndTag(state));
}

/** Runs one handler; the token it got is of no use to anybody afterwards. */
function handle(handler: Handler, token: { _state: State | null }): Promise<void> | undefined {
  const result = handler(token as never);
  if (isObject(result) && typeof (result as { then?: unknown }).then === "function") {
    return then(resolved(result), () => void (token._state = null));
  }
  token._state = null;
  return undefined;
}

function wrongType(method: string, parameter: number, type: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on 'HTMLRewriter': parameter ${parameter} is not of type '${type}'.`);
}

exposeClasses({ HTMLRewriter });
