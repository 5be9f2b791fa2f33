/** The events that carry something (DOM 2.4, HTML 8.1.4, 9.1 and 9.3, XMLHttpRequest 5). */
import { exposeClasses } from "../expose";
import { Event, type EventInit } from "./events";
import { need, toDictionary, toSequence, toText, toUnsignedLong, toUnsignedShort, toUsvText } from "./webidl";

export class CustomEvent<T = unknown> extends Event {
  #detail: T | null;

  constructor(type: string, init: (EventInit & { detail?: T }) | undefined = undefined) {
    need(arguments.length, 1, "CustomEvent");
    super(type, init);
    this.#detail = toDictionary(init, "").detail ?? null;
  }

  get detail(): T | null {
    return this.#detail;
  }

  initCustomEvent(type: string, bubbles = false, cancelable = false, detail: T | null = null): void {
    void this.#detail;
    need(arguments.length, 1, "CustomEvent.initCustomEvent");
    if (this.eventPhase !== 0) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

export interface ErrorEventInit extends EventInit {
  message?: string;
  filename?: string;
  lineno?: number;
  colno?: number;
  error?: unknown;
}

export class ErrorEvent extends Event {
  readonly #init: Required<Omit<ErrorEventInit, keyof EventInit>>;

  constructor(type: string, init: ErrorEventInit | undefined = undefined) {
    need(arguments.length, 1, "ErrorEvent");
    super(type, init);
    const { colno = 0, error, filename = "", lineno = 0, message = "" } = toDictionary(init, "");
    this.#init = { colno: toUnsignedLong(colno), error, filename: toUsvText(filename), lineno: toUnsignedLong(lineno), message: toText(message) };
  }

  get message(): string {
    return this.#init.message;
  }

  get filename(): string {
    return this.#init.filename;
  }

  get lineno(): number {
    return this.#init.lineno;
  }

  get colno(): number {
    return this.#init.colno;
  }

  get error(): unknown {
    return this.#init.error;
  }
}

export interface PromiseRejectionEventInit extends EventInit {
  promise: object;
  reason?: unknown;
}

export class PromiseRejectionEvent extends Event {
  readonly #promise: object;
  readonly #reason: unknown;

  constructor(type: string, init: PromiseRejectionEventInit) {
    need(arguments.length, 2, "PromiseRejectionEvent");
    super(type, init);
    const { promise, reason } = toDictionary(init, "");
    if (typeof promise !== "object" || promise === null) throw new TypeError("a PromiseRejectionEvent needs a `promise`");
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise(): object {
    return this.#promise;
  }

  get reason(): unknown {
    return this.#reason;
  }
}

export interface MessageEventInit extends EventInit {
  data?: unknown;
  origin?: string;
  lastEventId?: string;
  source?: object | null;
  ports?: Iterable<object>;
}

export class MessageEvent extends Event {
  #data: unknown;
  #origin: string;
  #lastEventId: string;
  #source: object | null;
  #ports: readonly object[];

  constructor(type: string, init: MessageEventInit | undefined = undefined) {
    need(arguments.length, 1, "MessageEvent");
    super(type, init);
    const { data = null, lastEventId = "", origin = "", ports = [], source = null } = toDictionary(init, "");
    this.#data = data;
    this.#lastEventId = toText(lastEventId);
    this.#origin = toUsvText(origin);
    this.#ports = Object.freeze(toSequence(ports, toPort, "`ports`"));
    this.#source = toSource(source);
  }

  get data(): unknown {
    return this.#data;
  }

  get origin(): string {
    return this.#origin;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  get source(): object | null {
    return this.#source;
  }

  get ports(): readonly object[] {
    return this.#ports;
  }

  initMessageEvent(
    type: string,
    bubbles = false,
    cancelable = false,
    data: unknown = null,
    origin = "",
    lastEventId = "",
    source: object | null = null,
    ports: Iterable<object> = [],
  ): void {
    void this.#data;
    need(arguments.length, 1, "MessageEvent.initMessageEvent");
    if (this.eventPhase !== 0) return;
    this.initEvent(type, bubbles, cancelable);
    this.#data = data;
    this.#origin = toUsvText(origin);
    this.#lastEventId = toText(lastEventId);
    this.#source = toSource(source);
    this.#ports = Object.freeze(toSequence(ports, toPort, "`ports`"));
  }
}

let toPort: (value: unknown) => object;

/** `message-port.ts` builds on this module and so brings its part here. */
export function usePorts(convert: (value: unknown) => object): void {
  toPort = convert;
}

function toSource(value: unknown): object | null {
  return value === undefined || value === null ? null : toPort(value);
}

export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

export class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit | undefined = undefined) {
    need(arguments.length, 1, "CloseEvent");
    super(type, init);
    const { code = 0, reason = "", wasClean = false } = toDictionary(init, "");
    this.#code = toUnsignedShort(code);
    this.#reason = toUsvText(reason);
    this.#wasClean = Boolean(wasClean);
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
}

export interface ProgressEventInit extends EventInit {
  lengthComputable?: boolean;
  loaded?: number;
  total?: number;
}

export class ProgressEvent extends Event {
  readonly #lengthComputable: boolean;
  readonly #loaded: number;
  readonly #total: number;

  constructor(type: string, init: ProgressEventInit | undefined = undefined) {
    need(arguments.length, 1, "ProgressEvent");
    super(type, init);
    const { lengthComputable = false, loaded = 0, total = 0 } = toDictionary(init, "");
    this.#lengthComputable = Boolean(lengthComputable);
    this.#loaded = Number(loaded);
    this.#total = Number(total);
  }

  get lengthComputable(): boolean {
    return this.#lengthComputable;
  }

  get loaded(): number {
    return this.#loaded;
  }

  get total(): number {
    return this.#total;
  }
}

exposeClasses({ CustomEvent, ErrorEvent, PromiseRejectionEvent, MessageEvent, CloseEvent, ProgressEvent });
