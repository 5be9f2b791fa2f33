/**
 * Handlers and bindings as a module: `import type { ExportedHandler, D1Database } from "ouro/bindings"`. Nothing here is global, and web
 * interfaces are whatever the project has, so it goes with `@cloudflare/workers-types` too. `ouro` makes globals of the same names of it.
 */
/// <reference lib="esnext.disposable" />
import type { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

// Handlers

/** What `export default` of a worker must satisfy: `export default { … } satisfies ExportedHandler<Env>`. */
export interface ExportedHandler<Env = unknown, QueueMessage = unknown, Props = unknown> {
  fetch?: ExportedHandlerFetchHandler<Env, Props>;
  scheduled?: ExportedHandlerScheduledHandler<Env, Props>;
  queue?: ExportedHandlerQueueHandler<Env, QueueMessage, Props>;
  email?: EmailExportedHandler<Env, Props>;
  tail?: ExportedHandlerTailHandler<Env, Props>;
}

export type ExportedHandlerFetchHandler<Env = unknown, Props = unknown> = (
  request: IncomingRequest,
  env: Env,
  ctx: ExecutionContext<Props>,
) => Response | Promise<Response>;

export type ExportedHandlerScheduledHandler<Env = unknown, Props = unknown> = (
  controller: ScheduledController,
  env: Env,
  ctx: ExecutionContext<Props>,
) => void | Promise<void>;

export type ExportedHandlerQueueHandler<Env = unknown, QueueMessage = unknown, Props = unknown> = (
  batch: MessageBatch<QueueMessage>,
  env: Env,
  ctx: ExecutionContext<Props>,
) => void | Promise<void>;

export type EmailExportedHandler<Env = unknown, Props = unknown> = (
  message: ForwardableEmailMessage,
  env: Env,
  ctx: ExecutionContext<Props>,
) => void | Promise<void>;

export type ExportedHandlerTailHandler<Env = unknown, Props = unknown> = (items: TraceItem[], env: Env, ctx: ExecutionContext<Props>) => void | Promise<void>;

export interface ExecutionContext<Props = unknown> {
  /** The invocation goes on after the response until the promise is settled. A rejection is recorded as its failure. */
  waitUntil(promise: PromiseLike<unknown>): void;
  /** Accepted and without effect: there is no origin behind a worker. */
  passThroughOnException(): void;
  /** What the service binding says that called this worker. */
  readonly props: Props;
  /** Who the request comes from, as the host has verified it; null for nobody, and where the worker's `auth` is `public`. */
  readonly principal: Principal | null;
  /** The worker's own entrypoints, as service bindings: `ctx.exports.Admin as Service<Admin>`. */
  readonly exports: Readonly<Record<string, Fetcher>>;
}

/** Who a request comes from. */
export type Principal =
  | { readonly kind: "operator"; readonly id: "operator" }
  | { readonly kind: "user"; readonly id: string; readonly session: string; readonly email: string; readonly name: string }
  | { readonly kind: "key"; readonly id: string; readonly organization: string; readonly scopes: readonly string[] }
  | { readonly kind: "service"; readonly id: string; readonly organization: string }
  | { readonly kind: "anon"; readonly id: "anon"; readonly organization?: string };

/** A request as a handler gets it. */
export type IncomingRequest = Request & { readonly cf: IncomingRequestCfProperties };

/** What a node of one's own knows of a client's connection; what it cannot know is null. */
export type IncomingRequestCfProperties = {
  /** The place that the server's configuration names. */
  readonly colo: string;
  /** Such as `HTTP/1.1`. */
  readonly httpProtocol: string;
  readonly clientAcceptEncoding: string;
  readonly requestPriority: string;
  readonly country: string | null;
  readonly continent: string | null;
  readonly region: string | null;
  readonly regionCode: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly latitude: string | null;
  readonly longitude: string | null;
  readonly timezone: string | null;
  readonly asn: number | null;
  readonly asOrganization: string | null;
  readonly tlsVersion: string | null;
  readonly tlsCipher: string | null;
};

export interface ScheduledController {
  /** Unix milliseconds. */
  readonly scheduledTime: number;
  readonly cron: string;
  /** A failure is not to be tried again. */
  noRetry(): void;
}

export interface QueueRetryOptions {
  /** 0 to 43,200. */
  delaySeconds?: number;
}

export interface Message<Body = unknown> {
  readonly id: string;
  readonly timestamp: Date;
  readonly body: Body;
  /** The first delivery is attempt 1. */
  readonly attempts: number;
  ack(): void;
  retry(options?: QueueRetryOptions): void;
}

export interface MessageBatch<Body = unknown> {
  readonly queue: string;
  readonly messages: readonly Message<Body>[];
  ackAll(): void;
  retryAll(options?: QueueRetryOptions): void;
}

/** A message that a worker writes itself: `EmailMessage` of `cloudflare:email`. */
export interface EmailMessage {
  /** Of the envelope. */
  readonly from: string;
  readonly to: string;
}

export interface ForwardableEmailMessage extends EmailMessage {
  readonly raw: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly rawSize: number;
  readonly headers: Headers;
  setReject(reason: string): void;
  forward(rcptTo: string, headers?: Headers): Promise<void>;
  reply(message: EmailMessage): Promise<void>;
}

export interface TraceLog {
  readonly timestamp: number;
  readonly level: string;
  readonly message: unknown;
}

export interface TraceException {
  readonly timestamp: number;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export interface TraceItem {
  readonly scriptName: string | null;
  readonly event: unknown;
  readonly eventTimestamp: number | null;
  readonly logs: readonly TraceLog[];
  readonly exceptions: readonly TraceException[];
  readonly outcome: string;
  readonly [name: string]: unknown;
}

// The older shapes

/** An event that the host waits for. */
export interface ExtendableEvent extends Event {
  waitUntil(promise: PromiseLike<unknown>): void;
}

/** The event of `addEventListener("fetch", …)`. */
export interface FetchEvent extends ExtendableEvent {
  readonly request: IncomingRequest;
  respondWith(response: Response | Promise<Response>): void;
  passThroughOnException(): void;
}

/** The event of `addEventListener("scheduled", …)`. */
export interface ScheduledEvent extends ExtendableEvent, ScheduledController {}

/** Named for `instanceof` alone: no such event is dispatched. */
export interface TailEvent extends ExtendableEvent {}

/** What `export function handler(request)` gets and gives. */
export interface PlainRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface PlainResponse {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: string | object | null;
}

// Bindings

/** The `assets` binding, and the part of a service binding that every worker has. */
export interface Fetcher {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

/** The `database` binding. */
export interface D1Database {
  prepare(query: string): D1PreparedStatement;
  /** Runs the statements in order in one transaction. */
  batch<T = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]>;
  /** Runs any number of statements without parameters, stopping at the first error. */
  exec(query: string): Promise<D1ExecResult>;
  withSession(constraintOrBookmark?: D1SessionBookmark | D1SessionConstraint): D1DatabaseSession;
  /** @deprecated Always rejects: it is here because libraries name it. */
  dump(): Promise<ArrayBuffer>;
}

export type D1SessionBookmark = string;
export type D1SessionConstraint = "first-primary" | "first-unconstrained";

export interface D1DatabaseSession {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]>;
  getBookmark(): D1SessionBookmark | null;
}

export interface D1PreparedStatement {
  /** Booleans become 0 and 1, buffers become blobs; `undefined` is refused. */
  bind(...values: unknown[]): D1PreparedStatement;
  first<T = unknown>(columnName: string): Promise<T | null>;
  first<T = Record<string, unknown>>(): Promise<T | null>;
  run<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  all<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
}

export interface D1Response {
  success: true;
  meta: D1Meta & Record<string, unknown>;
}

export type D1Result<T = unknown> = D1Response & { results: T[] };

export interface D1ExecResult {
  count: number;
  /** Milliseconds. */
  duration: number;
}

export interface D1Meta {
  /** Milliseconds in the database. */
  duration: number;
  changes: number;
  last_row_id: number;
  changed_db: boolean;
  /** Bytes. */
  size_after: number;
  rows_read: number;
  rows_written: number;
  /** Always there; optional because a statement of Cloudflare's types has to fit too. */
  served_by?: string;
}

// Service bindings: docs/reference/service.md

/** Another worker, by its class, an instance of it or its exported object: `Service<typeof import("../auth").default>`. */
export type Service<Entrypoint = undefined> = Fetcher &
  (Entrypoint extends abstract new (...args: never[]) => infer Instance
    ? RpcMembers<Omit<Instance, Reserved>>
    : Entrypoint extends WorkerEntrypoint<unknown, unknown>
      ? RpcMembers<Omit<Entrypoint, Reserved>>
      : Entrypoint extends object
        ? RpcHandlers<Omit<Entrypoint, Reserved>>
        : unknown);

/** What means something else on an entrypoint, and cannot be called. */
type Reserved = "alarm" | "connect" | "constructor" | "dup" | "email" | "fetch" | "queue" | "scheduled" | "tail" | "test" | "trace";

/** What stands for a function or an RpcTarget of another worker. */
export type RpcStub<T> = RpcDisposable & { dup(): RpcStub<T> } & (T extends Callable ? RpcMethod<T> : RpcMembers<Omit<T, Reserved>>);

type Callable = (...args: never[]) => unknown;

interface RpcDisposable {
  [Symbol.dispose](): void;
}

/** A value as it arrives from another worker: capabilities are stubs. */
type Received<T> = T extends Copied
  ? T
  : T extends RpcTarget | Callable
    ? RpcStub<T>
    : T extends Map<infer Key, infer Value>
      ? Map<Received<Key>, Received<Value>>
      : T extends Set<infer Item>
        ? Set<Received<Item>>
        : T extends object
          ? { [Key in keyof T]: Received<T[Key]> }
          : T;

/** What arrives as it was sent. */
type Copied =
  | string | number | bigint | boolean | null | undefined | void
  | Date | RegExp | Error | ArrayBuffer | ArrayBufferView
  | Headers | Request | Response | Blob | ReadableStream | WritableStream
  | RpcDisposable;

type RpcResult<T> = Promise<Received<T>> & Pipelined<T> & RpcDisposable;

type RpcMethod<F> = F extends (...args: infer Args) => infer Result ? (...args: Args) => RpcResult<Awaited<Result>> : never;

/** Results can be used before they are there. */
type Pipelined<T> = T extends Copied | readonly unknown[] | Map<unknown, unknown> | Set<unknown> ? unknown : T extends object ? RpcMembers<Omit<T, Reserved>> : unknown;

type RpcMembers<T> = {
  readonly [Key in keyof T as Key extends string ? Key : never]: T[Key] extends Callable ? RpcMethod<T[Key]> : Promise<Received<Awaited<T[Key]>>> & Pipelined<Awaited<T[Key]>>;
};

/** Functions of an exported object take one argument of the caller's, then `env` and `ctx`. */
type RpcHandlers<T> = {
  readonly [Key in keyof T as T[Key] extends Callable ? Key : never]: T[Key] extends (argument: infer Argument, env: never, ctx: never) => infer Result
    ? (argument: Argument) => RpcResult<Awaited<Result>>
    : never;
};
