/** EventSource (HTML 9.2): server-sent events, with reconnecting. */
import { defineConstants, exposeClasses } from "../expose";
import { native } from "../host";
import { AbortController } from "./abort";
import { TextDecoder } from "./encoding";
import { MessageEvent } from "./event-classes";
import { defineHandler, Event, EventTarget, fire } from "./events";
import { DOMException } from "./dom-exception";
import { fetch } from "./fetch";
import type { Response } from "./response";
import { ReadableStream } from "./streams";
import { markHandled } from "./streams/promises";
import { need, toDictionary, toUsvText } from "./webidl";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** How long it waits before it connects again, unless the server says otherwise. */
const RETRY_MS = 3_000;

/** What a stream says: an event, or how long to wait before reconnecting. */
interface Sink {
  dispatch(type: string, data: string | null, lastEventId: string): void;
  retry(milliseconds: number): void;
}

/** A stream that is read instead of a URL. */
let given: ReadableStream<Uint8Array> | null = null;

export class EventSource extends EventTarget {
  readonly #url: string;
  readonly #withCredentials: boolean;
  #state = CONNECTING;
  #lastEventId = "";
  #retryMs = RETRY_MS;
  #timer = 0;
  readonly #controller = new AbortController();

  constructor(url: string, init: { withCredentials?: boolean } | undefined = undefined) {
    super();
    if (given !== null) {
      this.#url = "";
      this.#withCredentials = false;
      void this.#readGiven(given);
      return;
    }
    need(arguments.length, 1, "EventSource");
    const parsed = native.tryParseUrl(toUsvText(url));
    this.#withCredentials = Boolean(toDictionary(init, "the second argument of `EventSource`").withCredentials);
    if (parsed === null) throw new DOMException("the URL of an EventSource is not valid", "SyntaxError");
    this.#url = parsed.href;
    void this.#connect();
  }

  /** Reads events from a stream of bytes (Cloudflare Workers). It does not reconnect. */
  static from(stream: ReadableStream<Uint8Array>): EventSource {
    if (!(stream instanceof ReadableStream)) throw new TypeError("`EventSource.from` takes a ReadableStream");
    given = stream;
    try {
      return new EventSource("");
    } finally {
      given = null;
    }
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  get readyState(): number {
    return this.#state;
  }

  close(): void {
    if (this.#state === CLOSED) return;
    this.#state = CLOSED;
    native.cancelTimer(this.#timer);
    this.#controller.abort();
  }

  async #connect(): Promise<void> {
    let response: Response;
    try {
      response = await fetch(this.#url, { headers: this.#headers(), signal: this.#controller.signal });
    } catch {
      return this.#reconnect();
    }
    if (this.#isClosed()) return;
    // HTML 9.2.3: any other answer means that the server does not want to be asked again.
    if (response.status !== 200 || response.body === null || !isEventStream(response.headers.get("content-type"))) {
      if (response.body !== null) markHandled(response.body.cancel());
      return this.#fail();
    }
    try {
      await this.#read(response.body, native.parseUrl(response.url).origin);
    } catch {
      // The connection was lost.
    }
    this.#reconnect();
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = { accept: "text/event-stream", "cache-control": "no-cache" };
    // In UTF-8, as bytes.
    if (this.#lastEventId !== "") headers["last-event-id"] = Array.from(native.utf8Encode(this.#lastEventId), (byte) => String.fromCharCode(byte)).join("");
    return headers;
  }

  /** A method, so that the compiler does not take the state for what it was before the last `await`. */
  #isClosed(): boolean {
    return this.#state === CLOSED;
  }

  #reconnect(): void {
    if (this.#isClosed()) return;
    this.#state = CONNECTING;
    fire(this, new Event("error"));
    if (this.#state === CONNECTING) this.#timer = native.startTimer(this.#retryMs, () => void this.#connect());
  }

  #fail(): void {
    this.#state = CLOSED;
    fire(this, new Event("error"));
  }

  async #readGiven(stream: ReadableStream<Uint8Array>): Promise<void> {
    try {
      await this.#read(stream, "");
    } catch {
      // It ends as if it had ended well: there is nobody to ask again.
    }
    if (!this.#isClosed()) this.#fail();
  }

  async #read(stream: ReadableStream<Uint8Array>, origin: string): Promise<void> {
    await null;
    if (this.#isClosed()) return;
    this.#state = OPEN;
    fire(this, new Event("open"));
    const parser = new Parser({
      dispatch: (type, data, lastEventId) => {
        this.#lastEventId = lastEventId;
        if (!this.#isClosed() && data !== null) fire(this, new MessageEvent(type, { data, origin, lastEventId }));
      },
      retry: (milliseconds) => (this.#retryMs = milliseconds),
    }, this.#lastEventId);
    const decoder = new TextDecoder();
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      parser.take(decoder.decode(chunk, { stream: true }));
      if (this.#isClosed()) return;
    }
  }
}
for (const type of ["open", "message", "error"]) defineHandler(EventSource.prototype, type);
defineConstants(EventSource, { CONNECTING, OPEN, CLOSED });

function isEventStream(type: string | null): boolean {
  return /^text\/event-stream[\t ]*(;|$)/i.test(type?.trim() ?? "");
}

/** HTML 9.2.6. What the end of the stream cuts off is no event. */
class Parser {
  readonly #sink: Sink;
  /** The beginning of a line, in the pieces in which it came: each is looked at once. */
  #rest: string[] = [];
  #afterReturn = false;
  #type = "";
  #data: string[] = [];
  #id: string;

  constructor(sink: Sink, lastEventId: string) {
    this.#sink = sink;
    this.#id = lastEventId;
  }

  take(text: string): void {
    if (text === "") return;
    // A line that ended with a carriage return is over, whether or not a line feed follows.
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    let from = 0;
    for (const match of rest.matchAll(/\r\n|\n|\r/g)) {
      this.#rest.push(rest.slice(from, match.index));
      this.#line(this.#rest.join(""));
      this.#rest = [];
      from = match.index + match[0].length;
    }
    this.#rest.push(rest.slice(from));
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) this.#sink.retry(Number(value));
  }

  #dispatch(): void {
    const [type, data] = [this.#type || "message", this.#data];
    this.#type = "";
    this.#data = [];
    this.#sink.dispatch(type, data.length === 0 ? null : data.join("\n"), this.#id);
  }
}

exposeClasses({ EventSource });
