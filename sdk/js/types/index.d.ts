/**
 * Ambient types of Ouro workers: what a worker finds beside the Web APIs of TypeScript's `webworker` library.
 * Use: `"types": ["ouro"]` in tsconfig.json. Of that library these do not exist at run time: indexedDB, BroadcastChannel,
 * Worker, XMLHttpRequest, importScripts, and everything that draws.
 */

/// <reference lib="webworker" />
/// <reference lib="webworker.iterable" />
/// <reference lib="webworker.asynciterable" />
/// <reference lib="esnext.disposable" />
/// <reference path="./html-rewriter.d.ts" />
/// <reference path="./websocket.d.ts" />
/// <reference path="./workers.d.ts" />

/** What `export default` of a worker must satisfy: `export default { … } satisfies ExportedHandler<Env>`. */
interface ExportedHandler<Env = unknown> {
  fetch?: ExportedHandlerFetchHandler<Env>;
  scheduled?(controller: ScheduledController, env: Env, ctx: ExecutionContext): void | Promise<void>;
  queue?(batch: MessageBatch, env: Env, ctx: ExecutionContext): void | Promise<void>;
  email?(message: ForwardableEmailMessage, env: Env, ctx: ExecutionContext): void | Promise<void>;
  tail?(items: TraceItem[], env: Env, ctx: ExecutionContext): void | Promise<void>;
}

type ExportedHandlerFetchHandler<Env = unknown> = (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>;

interface ExecutionContext<Props = unknown> {
  /** The invocation goes on after the response until the promise is settled. A rejection is recorded as its failure. */
  waitUntil(promise: Promise<unknown>): void;
  /** Accepted and without effect: there is no origin behind a worker. */
  passThroughOnException(): void;
  /** What the service binding says that called this worker. */
  readonly props: Props;
  /** The worker's own entrypoints, as service bindings. */
  readonly exports: Record<string, Service<Record<string, (...args: never[]) => unknown>>>;
}

/** The event of `addEventListener("fetch", …)`. */
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Response | Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
  passThroughOnException(): void;
}

declare function addEventListener(type: "fetch", listener: (event: FetchEvent) => unknown): void;
declare function addEventListener(type: "scheduled", listener: (event: ScheduledEvent) => unknown): void;

/** What `export function handler(request)` gets and gives. */
interface PlainRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

interface PlainResponse {
  status?: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: string | object | null;
}

/** The `assets` binding, and the part of a service binding that every worker has. */
interface Fetcher {
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
}

/** The `database` binding. */
interface D1Database {
  prepare(query: string): D1PreparedStatement;
  /** Runs the statements in order in one transaction. */
  batch<T = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]>;
  /** Runs any number of statements without parameters, stopping at the first error. */
  exec(query: string): Promise<D1ExecResult>;
  withSession(constraintOrBookmark?: D1SessionBookmark | D1SessionConstraint): D1DatabaseSession;
  /** @deprecated Always rejects. */
  dump(): Promise<ArrayBuffer>;
}

type D1SessionBookmark = string;
type D1SessionConstraint = "first-primary" | "first-unconstrained";

interface D1DatabaseSession {
  prepare(query: string): D1PreparedStatement;
  batch<T = unknown>(statements: readonly D1PreparedStatement[]): Promise<D1Result<T>[]>;
  getBookmark(): D1SessionBookmark | null;
}

interface D1PreparedStatement {
  /** Booleans become 0 and 1, buffers become blobs; `undefined` is refused. */
  bind(...values: unknown[]): D1PreparedStatement;
  first<T = unknown>(columnName: string): Promise<T | null>;
  first<T = Record<string, unknown>>(): Promise<T | null>;
  run<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  all<T = Record<string, unknown>>(): Promise<D1Result<T>>;
  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
}

interface D1Response {
  success: true;
  meta: D1Meta & Record<string, unknown>;
}

type D1Result<T = unknown> = D1Response & { results: T[] };

interface D1ExecResult {
  count: number;
  /** Milliseconds. */
  duration: number;
}

interface D1Meta {
  /** Milliseconds in the database. */
  duration: number;
  changes: number;
  last_row_id: number;
  changed_db: boolean;
  /** Bytes. */
  size_after: number;
  rows_read: number;
  rows_written: number;
  served_by: string;
}

interface ResponseInit {
  /** Whether the body is already in the coding that `content-encoding` names: only then is the field sent. Standard: `automatic`, it is not. */
  encodeBody?: "automatic" | "manual";
}

interface SubtleCrypto {
  /** Compares in a time that does not depend on the contents. */
  timingSafeEqual(a: BufferSource, b: BufferSource): boolean;
}

/** Hashes what is written to it: ArrayBuffers, views of them, and strings as UTF-8. */
interface DigestStream extends WritableStream<ArrayBuffer | ArrayBufferView | string> {
  /** Resolves once the stream is closed. */
  readonly digest: Promise<ArrayBuffer>;
  readonly bytesWritten: bigint;
}

interface Crypto {
  readonly DigestStream: {
    prototype: DigestStream;
    new (algorithm: AlgorithmIdentifier): DigestStream;
  };
}

interface Scheduler {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>;
}

declare var scheduler: Scheduler;

interface ReadableStreamBYOBReader {
  /** As `read` with `min`: fewer elements come only at the end of the stream. */
  readAtLeast<T extends Exclude<BufferSource, ArrayBuffer>>(minElements: number, view: T): Promise<ReadableStreamReadResult<T>>;
}

/** Bytes that pass as they are, each chunk straight from a write to the read that waits for it. */
declare class IdentityTransformStream extends TransformStream<ArrayBuffer | ArrayBufferView, Uint8Array<ArrayBuffer>> {
  constructor(queuingStrategy?: { highWaterMark?: number });
}

/** Refuses more and fewer bytes than were said; as a body it has that `content-length`. */
declare class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: number | bigint, queuingStrategy?: { highWaterMark?: number });
}
