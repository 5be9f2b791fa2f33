/**
 * What happens to a worker beside requests: the objects that its `scheduled`, `queue`, `email` and `tail` handlers get, as Cloudflare has
 * them, and the outcome that the host gets back from them.
 */
import { shape } from "./expose";
import { native } from "./host";
import { encodeUtf8 } from "./web/bytes";
import { readAll, streamOf } from "./web/body-stream";
import { Headers } from "./web/headers";
import { ReadableStream } from "./web/streams";

/** What a handler is called with, and what the host is told at the end. */
export interface Trigger {
  argument: unknown;
  outcome(): object;
}

/** Makes the trigger of an event as the host describes it. */
export function triggerOf(kind: string, event: never): Trigger {
  switch (kind) {
    case "scheduled":
      return scheduled(event);
    case "queue":
      return queue(event);
    case "email":
      return email(event);
    default:
      return { argument: JSON.parse((event as { items: string }).items), outcome: () => ({}) };
  }
}

// scheduled

export class ScheduledController {
  declare readonly scheduledTime: number;
  declare readonly cron: string;
  declare _noRetry: boolean;

  constructor(event: { scheduledTime: number; cron: string }) {
    this.scheduledTime = event.scheduledTime;
    this.cron = event.cron;
    hide(this, "_noRetry", false);
  }

  noRetry(): void {
    this._noRetry = true;
  }
}

function scheduled(event: { scheduledTime: number; cron: string }): Trigger {
  const argument = new ScheduledController(event);
  return { argument, outcome: () => ({ noRetry: argument._noRetry }) };
}

// queue

interface QueueEvent {
  queue: string;
  messages: { id: string; timestamp: number; attempts: number; json?: string; body?: string | Uint8Array }[];
}

interface QueueRetryOptions {
  delaySeconds?: number;
}

/** What a consumer has decided of a batch; the first decision about a message counts, as on Cloudflare. */
class Decisions {
  ackAll = false;
  retryAll = false;
  retryAllDelay: number | null = null;
  readonly acks = new Set<number>();
  readonly retries = new Map<number, number | null>();
}

export class Message {
  declare readonly id: string;
  declare readonly timestamp: Date;
  declare readonly body: unknown;
  declare readonly attempts: number;
  declare readonly _place: { index: number; decisions: Decisions };

  constructor(index: number, message: QueueEvent["messages"][number], decisions: Decisions) {
    this.id = message.id;
    this.timestamp = new Date(message.timestamp);
    this.body = message.json === undefined ? message.body : JSON.parse(message.json);
    this.attempts = message.attempts;
    hide(this, "_place", { index, decisions });
  }

  ack(): void {
    const { index, decisions } = this._place;
    if (!decisions.ackAll && !decisions.retryAll && !decisions.retries.has(index)) decisions.acks.add(index);
  }

  retry(options?: QueueRetryOptions): void {
    const { index, decisions } = this._place;
    if (!decisions.ackAll && !decisions.acks.has(index)) decisions.retries.set(index, delayOf(options));
  }
}

export class MessageBatch {
  declare readonly queue: string;
  declare readonly messages: readonly Message[];
  declare readonly _decisions: Decisions;

  constructor(event: QueueEvent) {
    const decisions = new Decisions();
    hide(this, "_decisions", decisions);
    this.queue = event.queue;
    this.messages = event.messages.map((message, index) => new Message(index, message, decisions));
  }

  ackAll(): void {
    if (!this._decisions.retryAll) this._decisions.ackAll = true;
  }

  retryAll(options?: QueueRetryOptions): void {
    const decisions = this._decisions;
    if (decisions.ackAll) return;
    decisions.retryAll = true;
    decisions.retryAllDelay = delayOf(options);
  }
}

function delayOf(options: QueueRetryOptions | undefined): number | null {
  const seconds = options?.delaySeconds;
  if (seconds === undefined || seconds === null) return null;
  if (!(seconds >= 0 && seconds <= 43_200)) throw new RangeError(`\`delaySeconds\` is ${String(seconds)}: expected 0 to 43200 seconds`);
  return Math.trunc(seconds);
}

function queue(event: QueueEvent): Trigger {
  const argument = new MessageBatch(event);
  const { _decisions: decisions } = argument;
  const outcome = () => {
    const { ackAll, retryAll, retryAllDelay } = decisions;
    return { ackAll, retryAll, retryAllDelay, acks: [...decisions.acks], retries: [...decisions.retries] };
  };
  return { argument, outcome };
}

// email

interface EmailEvent {
  from: string;
  to: string;
  raw: Uint8Array;
}

/** A message that a worker writes itself (`cloudflare:email`). */
export class EmailMessage {
  declare readonly from: string;
  declare readonly to: string;
  declare readonly _raw: string | ReadableStream<Uint8Array>;

  constructor(from: string, to: string, raw: string | ReadableStream<Uint8Array>) {
    this.from = String(from);
    this.to = String(to);
    hide(this, "_raw", raw);
  }

  get raw(): string | ReadableStream<Uint8Array> {
    return this._raw;
  }
}

export class ForwardableEmailMessage {
  declare readonly from: string;
  declare readonly to: string;
  declare readonly headers: Headers;
  declare readonly rawSize: number;
  declare readonly raw: ReadableStream<Uint8Array>;
  declare readonly _decisions: { reject: string | null; forwards: object[]; replies: object[] };

  constructor(event: EmailEvent) {
    this.from = event.from;
    this.to = event.to;
    this.rawSize = event.raw.length;
    this.headers = headersOfMessage(event.raw);
    this.raw = streamOf(event.raw);
    hide(this, "_decisions", { reject: null, forwards: [], replies: [] });
  }

  setReject(reason: string): void {
    this._decisions.reject = String(reason);
  }

  async forward(to: string, headers?: Headers): Promise<void> {
    this._decisions.forwards.push({ to: String(to), headers: headers === undefined ? [] : new Headers(headers)._list });
  }

  async reply(message: EmailMessage): Promise<void> {
    if (!(message instanceof EmailMessage)) throw new TypeError("`reply` needs an EmailMessage");
    const raw = typeof message._raw === "string" ? encodeUtf8(message._raw) : await readAll(message._raw, (bytes) => bytes);
    this._decisions.replies.push({ from: message.from, to: message.to, raw });
  }
}

/** The header section of a message (RFC 5322 2.2), unfolded. What is no field of HTTP either is left out. */
function headersOfMessage(raw: Uint8Array): Headers {
  const text = Array.from(raw.subarray(0, 64 * 1024), (byte) => String.fromCharCode(byte)).join("");
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const headers = new Headers();
  for (const line of text.slice(0, end).replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && native.isHeaderName(line.slice(0, colon))) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}

function email(event: EmailEvent): Trigger {
  const argument = new ForwardableEmailMessage(event);
  return { argument, outcome: () => argument._decisions };
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, configurable: true });
}

for (const constructor of [ScheduledController, Message, MessageBatch, EmailMessage, ForwardableEmailMessage]) shape(constructor.name, constructor);
