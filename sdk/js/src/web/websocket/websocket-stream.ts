/**
 * WebSocketStream, a proposal that browsers and Deno have: a WebSocket as two streams, which hold back a side that is faster than the other.
 * https://github.com/ricea/websocketstream-explainer
 */
import { exposeClasses } from "../../expose";
import { AbortSignal, onAbort } from "../abort";
import { isBufferSource, viewOf } from "../bytes";
import { DOMException } from "../dom-exception";
import { ReadableStream, WritableStream } from "../streams";
import type { ReadableStreamDefaultController } from "../streams/default-controller";
import { Deferred, markHandled, then } from "../streams/promises";
import type { WritableStreamDefaultController } from "../streams/writable-controller";
import { need, toDictionary, toSequence, toText, toUsvText } from "../webidl";
import { connect, parse, parseProtocols } from "./handshake";
import { type Closing, type HostLink, isClosing, NO_STATUS } from "./link";
import { type CloseInfo, closingOf, errorOf, readCloseInfo, WebSocketError } from "./websocket-error";

type Chunk = string | Uint8Array<ArrayBuffer>;

interface Options {
  protocols?: Iterable<string>;
  signal?: AbortSignal;
}

export interface Opened {
  readable: ReadableStream<Chunk>;
  writable: WritableStream<Chunk>;
  extensions: string;
  protocol: string;
}

export class WebSocketStream {
  readonly #url: string;
  readonly #opened = new Deferred<Opened>();
  readonly #closed = new Deferred<Required<CloseInfo>>();
  #link: HostLink | null = null;
  #readable: ReadableStreamDefaultController<Chunk> | null = null;
  #writable: WritableStreamDefaultController | null = null;
  /** This side has said that it closes. */
  #closes = false;
  #cancelled = false;
  #ended = false;
  /** Writes that the network has not taken yet. */
  #writes = 0;
  /** Lets the next message come. */
  #resume: (() => void) | null = null;

  constructor(url: string, options: Options | undefined = undefined) {
    need(arguments.length, 1, "WebSocketStream");
    const { protocols, signal } = toDictionary(options, "the options of a WebSocketStream");
    const wanted = protocols === undefined ? [] : parseProtocols(toSequence(protocols, toText, "the protocols"));
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("`signal` must be an AbortSignal");
    const parsed = parse(toUsvText(url));
    this.#url = parsed.href;
    // Whoever looks at one of the two need not look at the other.
    markHandled(this.#opened.promise);
    markHandled(this.#closed.promise);
    if (signal?.aborted === true) {
      this.#fail(signal.reason);
      return;
    }
    const forget = signal === undefined ? null : onAbort(signal, () => this.#fail(signal.reason));
    const connected = then(
      connect(parsed, wanted),
      (link) => this.#open(link),
      (error) => this.#fail(new WebSocketError((error as Error).message)),
    );
    if (forget !== null) then(connected, forget);
  }

  get url(): string {
    return this.#url;
  }

  get opened(): Promise<Opened> {
    return this.#opened.promise;
  }

  get closed(): Promise<Required<CloseInfo>> {
    return this.#closed.promise;
  }

  close(info: CloseInfo | undefined = undefined): void {
    const link = this.#link;
    const closing = readCloseInfo(info);
    if (link === null) this.#fail(new WebSocketError("the WebSocket was closed before it was open"));
    else this.#close(closing);
  }

  /** It never opens. */
  #fail(reason: unknown): void {
    this.#ended = true;
    this.#opened.reject(reason);
    this.#closed.reject(reason);
  }

  #open(link: HostLink): void {
    if (this.#ended) return link.close({ code: 1001, reason: "" });
    this.#link = link;
    const readable = new ReadableStream<Chunk>({
      start: (controller) => void (this.#readable = controller),
      pull: () => this.#resume?.(),
      cancel: (reason) => {
        this.#cancelled = true;
        this.#close(closingOf(reason));
      },
    });
    const writable = new WritableStream<Chunk>({
      start: (controller) => void (this.#writable = controller),
      write: (chunk) => this.#write(link, chunk),
      close: async () => {
        this.#close({ code: NO_STATUS, reason: "" });
        await this.#closed.promise;
      },
      abort: (reason) => this.#close(closingOf(reason)),
    });
    this.#opened.resolve({ readable, writable, extensions: "", protocol: link.protocol });
    void this.#receive(link);
  }

  #close(closing: Closing): void {
    if (this.#closes || this.#ended) return;
    this.#closes = true;
    this.#link!.close(closing);
    // What still comes is nobody's, but for the answer.
    this.#resume?.();
  }

  async #write(link: HostLink, chunk: unknown): Promise<void> {
    const data = isBufferSource(chunk) ? viewOf(chunk) : toUsvText(chunk);
    link.send(data);
    this.#writes++;
    // There is never room again on a connection that is lost.
    await new Promise<unknown>((resolve, reject) => {
      then(link.room(), resolve, reject);
      then(this.#closed.promise, resolve, reject);
    });
    this.#writes--;
  }

  async #receive(link: HostLink): Promise<void> {
    for (;;) {
      if (!this.#closes && this.#readable!.desiredSize! <= 0) await new Promise<void>((resolve) => void (this.#resume = resolve));
      this.#resume = null;
      const arrival = await link.next();
      if (isClosing(arrival)) {
        // The answer that completes the handshake (RFC 6455 5.5.1).
        if (!this.#closes) link.close(arrival);
        return this.#end(arrival, arrival.wasClean && this.#writes === 0 && link.buffered() === 0);
      }
      if (!this.#closes) this.#readable!.enqueue(arrival as Chunk);
    }
  }

  #end(closing: Closing, wasClean: boolean): void {
    this.#ended = true;
    if (wasClean) {
      if (!this.#cancelled) this.#readable!.close();
      this.#writable!.error(new DOMException("the WebSocket is closed", "InvalidStateError"));
      this.#closed.resolve({ closeCode: closing.code, reason: closing.reason });
      return;
    }
    const error = errorOf("the WebSocket was closed before all was said", closing);
    this.#readable!.error(error);
    this.#writable!.error(error);
    this.#closed.reject(error);
  }
}

exposeClasses({ WebSocketStream });
