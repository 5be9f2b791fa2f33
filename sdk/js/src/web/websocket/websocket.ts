/**
 * WebSocket (HTML's WebSockets standard) and WebSocketPair (Cloudflare Workers). A socket comes from the constructor, from a `fetch` that
 * upgrades, or from a pair; the last two begin when the worker calls `accept`.
 */
import { defineConstants, exposeClasses } from "../../expose";
import { native } from "../../host";
import { blobOf, bytesOf, isBlob } from "../blob";
import { bufferOf, encodeUtf8, isBufferSource, viewOf } from "../bytes";
import { DOMException } from "../dom-exception";
import { structuredClone } from "../structured-clone";
import { CloseEvent, ErrorEvent, MessageEvent } from "../event-classes";
import { defineHandler, Event, EventTarget, fire } from "../events";
import { then } from "../streams/promises";
import { clamped, isObject, need, toText, toUsvText } from "../webidl";
import { checkReason, connect, isScriptCode, parse, parseProtocols } from "./handshake";
import { type Arrival, bridge, HostLink, isClosing, isReserved, type Link, NO_STATUS, PairLink } from "./link";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const NOT_ACCEPTED = "You must call accept() on this WebSocket before sending messages.";

/** A socket that the worker has to accept. */
export let socketOf: (link: Link) => WebSocket;
export let isWebSocket: (value: unknown) => value is WebSocket;
/** Gives the socket to a response; throws where that cannot be. */
export let reserve: (socket: WebSocket) => void;
/** Answers the invocation's request with the socket, whose other side is the client from now on. */
export let serveSocket: (socket: WebSocket, headers: string[] | null) => void;

/** The link that the constructor takes instead of a URL. */
let given: Link | null = null;

export class WebSocket extends EventTarget {
  #url: string | null = null;
  #origin = "";
  #protocol = "";
  #state = OPEN;
  #binaryType = "blob";
  #link: Link | null = null;
  #standard = false;
  #accepted = false;
  #used = false;
  #attachment: unknown = null;
  /** This side has said that it closes. */
  #closing: { code: number; reason: string } | null = null;
  /** Bytes that were sent too late; they count as buffered for ever. */
  #lost = 0;

  static {
    isWebSocket = (value): value is WebSocket => isObject(value) && #state in value;

    socketOf = (link) => {
      given = link;
      try {
        return new WebSocket("");
      } finally {
        given = null;
      }
    };

    reserve = (socket) => {
      if (socket.#standard) throw new TypeError("Can't return WebSocket in a Response if it was created with `new WebSocket()`");
      if (socket.#accepted) throw new TypeError("Can't return WebSocket in a Response after calling accept().");
      if (socket.#used) throw new TypeError("Can't return WebSocket that was already used in a response.");
    };

    serveSocket = (socket, headers) => {
      reserve(socket);
      const client = new HostLink(native.acceptSocket(headers), "");
      socket.#used = true;
      bridge(client, socket.#link!, native.holdInvocation());
    };
  }

  constructor(url: string, protocols: string | Iterable<string> | undefined = undefined) {
    super();
    if (given !== null) {
      this.#link = given;
      this.#protocol = given.protocol;
      return;
    }
    need(arguments.length, 1, "WebSocket");
    const parsed = parse(toUsvText(url));
    const wanted = parseProtocols(protocols);
    this.#url = parsed.href;
    this.#origin = `${parsed.protocol}//${parsed.host}`;
    this.#state = CONNECTING;
    this.#standard = true;
    this.#accepted = true;
    then(
      connect(parsed, wanted),
      (link) => this.#opened(link),
      (error) => this.#fail((error as Error).message),
    );
  }

  #opened(link: HostLink): void {
    if (this.#state !== CONNECTING) return link.close({ code: 1001, reason: "" });
    this.#link = link;
    this.#protocol = link.protocol;
    this.#state = OPEN;
    fire(this, new Event("open"));
    link.start((arrival) => this.#arrive(arrival));
  }

  #fail(message: string): void {
    if (this.#state !== CLOSED) this.#end({ code: 1006, reason: "", wasClean: false, error: message });
  }

  #arrive(arrival: Arrival): void {
    if (!isClosing(arrival)) {
      if (this.#state === OPEN) fire(this, new MessageEvent("message", { data: this.#data(arrival), origin: this.#origin }));
      return;
    }
    // The answer that completes the handshake (RFC 6455 5.5.1).
    if (this.#closing === null) this.#link!.close(arrival);
    this.#end(arrival);
  }

  #data(arrival: string | Uint8Array): unknown {
    if (typeof arrival === "string") return arrival;
    return this.#binaryType === "blob" ? blobOf(arrival, "") : bufferOf(arrival);
  }

  #end({ code, reason, wasClean, error }: { code: number; reason: string; wasClean: boolean; error: string | null }): void {
    this.#state = CLOSED;
    if (error !== null) fire(this, this.#standard ? new Event("error") : new ErrorEvent("error", { message: error, error: new Error(error) }));
    fire(this, new CloseEvent("close", { code, reason, wasClean }));
  }

  get url(): string | null {
    return this.#url;
  }

  get readyState(): number {
    return this.#state;
  }

  get bufferedAmount(): number {
    return (this.#link?.buffered() ?? 0) + this.#lost;
  }

  get extensions(): string {
    void this.#state;
    return "";
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): string {
    return this.#binaryType;
  }

  set binaryType(type: string) {
    void this.#state;
    const text = toText(type);
    if (text === "blob" || text === "arraybuffer") this.#binaryType = text;
  }

  /** Begins to deliver what arrives. */
  accept(): void {
    if (this.#standard) throw new TypeError("Websockets obtained from the 'new WebSocket()' constructor cannot call accept");
    if (this.#used) throw new TypeError("Can't accept() WebSocket that was already used in a response.");
    if (this.#accepted) return;
    this.#accepted = true;
    this.#link!.start((arrival) => this.#arrive(arrival));
  }

  /** Keeps a copy of a value with the socket. A worker that does not sleep between messages has other ways; code that also runs where they do asks for it. */
  serializeAttachment(value: unknown): void {
    need(arguments.length, 1, "WebSocket.serializeAttachment");
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }

  send(data: string | ArrayBuffer | ArrayBufferView | object): void {
    const state = this.#state;
    need(arguments.length, 1, "WebSocket.send");
    const content = isBufferSource(data) ? viewOf(data) : isBlob(data) ? bytesOf(data) : toUsvText(data);
    if (!this.#accepted) throw new TypeError(NOT_ACCEPTED);
    if (state === CONNECTING) throw new DOMException("the WebSocket is not open yet", "InvalidStateError");
    if (state === OPEN) return this.#link!.send(content);
    if (!this.#standard) throw new TypeError("Can't call WebSocket send() after close().");
    this.#lost += typeof content === "string" ? encodeUtf8(content).length : content.length;
  }

  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const state = this.#state;
    const closing = this.#checkClosing(code, reason);
    if (!this.#accepted) throw new TypeError(NOT_ACCEPTED);
    if (state === CLOSING || state === CLOSED) return;
    this.#state = CLOSING;
    this.#closing = closing;
    if (this.#link !== null) this.#link.close(closing);
    else native.startTimer(0, () => this.#fail("the WebSocket was closed before it was open"));
  }

  #checkClosing(code: number | undefined, reason: string | undefined): { code: number; reason: string } {
    const number = code === undefined ? NO_STATUS : clamped(code, 0, 0xffff);
    const text = reason === undefined ? "" : toUsvText(reason);
    if (code !== undefined && !this.#maySend(number)) throw new DOMException(`Invalid WebSocket close code: ${number}.`, "InvalidAccessError");
    if (code === undefined && reason !== undefined && !this.#standard) {
      throw new DOMException("If you specify a WebSocket close reason, you must also specify a code.", "InvalidAccessError");
    }
    checkReason(text);
    return { code: number, reason: text };
  }

  /** Scripts of the standard have two ranges; a server may use all that RFC 6455 7.4 leaves it. */
  #maySend(code: number): boolean {
    if (this.#standard) return isScriptCode(code);
    return code >= 1000 && code <= 4999 && !isReserved(code);
  }
}
for (const type of ["open", "message", "close", "error"]) defineHandler(WebSocket.prototype, type);
defineConstants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) defineConstants(WebSocket, { [`READY_STATE_${name}`]: value });

export class WebSocketPair {
  declare readonly 0: WebSocket;
  declare readonly 1: WebSocket;

  constructor() {
    const [client, server] = PairLink.pair();
    this[0] = socketOf(client);
    this[1] = socketOf(server);
  }

  [Symbol.iterator](): IterableIterator<WebSocket> {
    return [this[0], this[1]].values();
  }
}

exposeClasses({ WebSocket, WebSocketPair });
