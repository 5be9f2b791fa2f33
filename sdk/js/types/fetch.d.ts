/** Fetch, caches, WebSockets and server-sent events (Fetch, Service Workers 5, WebSockets, HTML 9.2), as Workers have them. */

type HeadersInit = Headers | Iterable<readonly string[]> | Record<string, string>;

interface Headers extends PairIterable<string> {
  append(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  getSetCookie(): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
}

declare var Headers: { prototype: Headers; new (init?: HeadersInit): Headers };

/** Chunks of a stream have to be Uint8Arrays. */
type BodyInit = string | AllowSharedBufferSource | Blob | FormData | URLSearchParams | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

interface Body {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json<T = unknown>(): Promise<T>;
  text(): Promise<string>;
}

type RequestInfo = Request | string;
type RequestCache = "default" | "no-store" | "reload" | "no-cache" | "force-cache" | "only-if-cached";
type RequestCredentials = "omit" | "same-origin" | "include";
type RequestMode = "same-origin" | "no-cors" | "cors";
type RequestPriority = "high" | "low" | "auto";
type RequestRedirect = "follow" | "error" | "manual";
type ReferrerPolicy =
  | ""
  | "no-referrer"
  | "no-referrer-when-downgrade"
  | "same-origin"
  | "origin"
  | "strict-origin"
  | "origin-when-cross-origin"
  | "strict-origin-when-cross-origin"
  | "unsafe-url";

/** A server has no page and no cookies: only `method`, `headers`, `body`, `redirect`, `signal`, `cache`, `integrity` and `keepalive` do something. */
interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  redirect?: RequestRedirect;
  signal?: AbortSignal | null;
  /** `no-store`, `no-cache` and `reload` become header fields for the caches on the way. */
  cache?: RequestCache;
  integrity?: string;
  /** The invocation waits for the response. */
  keepalive?: boolean;
  /** What `cf` of the Request says; nothing reads it. */
  cf?: Record<string, unknown> | undefined;
  credentials?: RequestCredentials;
  duplex?: "half";
  mode?: RequestMode;
  priority?: RequestPriority;
  referrer?: string;
  referrerPolicy?: ReferrerPolicy;
  window?: null;
}

interface Request extends Body {
  readonly cache: RequestCache;
  /** Of a request that a handler got: `IncomingRequestCfProperties`. */
  readonly cf: Record<string, unknown> | undefined;
  readonly credentials: RequestCredentials;
  readonly destination: string;
  readonly duplex: "half";
  readonly headers: Headers;
  readonly integrity: string;
  readonly isHistoryNavigation: boolean;
  readonly isReloadNavigation: boolean;
  readonly keepalive: boolean;
  readonly method: string;
  readonly mode: RequestMode;
  readonly redirect: RequestRedirect;
  readonly referrer: string;
  readonly referrerPolicy: ReferrerPolicy;
  readonly signal: AbortSignal;
  readonly url: string;
  clone(): Request;
}

declare var Request: { prototype: Request; new (input: RequestInfo | URL, init?: RequestInit | null): Request };

interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  /** Whether the body is already in the coding that `content-encoding` names: only then is the field sent. Standard: `automatic`, it is not. */
  encodeBody?: "automatic" | "manual";
  /** Of no effect; `cf` of the Response gives it back. */
  cf?: unknown;
  /** With status 101 alone. */
  webSocket?: WebSocket | null;
}

type ResponseType = "basic" | "default" | "error";

interface Response extends Body {
  /** What `cf` of its init was. */
  readonly cf: unknown;
  readonly headers: Headers;
  readonly ok: boolean;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly type: ResponseType;
  readonly url: string;
  /** Of a `fetch` with `Upgrade: websocket` that was answered with status 101. */
  readonly webSocket: WebSocket | null;
  clone(): Response;
}

declare var Response: {
  prototype: Response;
  new (body?: BodyInit | null, init?: ResponseInit | null): Response;
  error(): Response;
  json(data: unknown, init?: ResponseInit | null): Response;
  redirect(url: string | URL, status?: number): Response;
};

declare function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

// docs/reference/cache.md

interface CacheQueryOptions {
  ignoreMethod?: boolean;
}

interface Cache {
  delete(request: RequestInfo | URL, options?: CacheQueryOptions): Promise<boolean>;
  match(request: RequestInfo | URL, options?: CacheQueryOptions): Promise<Response | undefined>;
  put(request: RequestInfo | URL, response: Response): Promise<void>;
}

declare var Cache: Unconstructible<Cache>;

interface CacheStorage {
  /** The cache without a name. */
  readonly default: Cache;
  open(cacheName: string): Promise<Cache>;
}

declare var CacheStorage: Unconstructible<CacheStorage>;
declare var caches: CacheStorage;

// docs/reference/websockets.md

type BinaryType = "arraybuffer" | "blob";

interface WebSocketStates {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  readonly READY_STATE_CONNECTING: 0;
  readonly READY_STATE_OPEN: 1;
  readonly READY_STATE_CLOSING: 2;
  readonly READY_STATE_CLOSED: 3;
}

interface WebSocketEventMap {
  close: CloseEvent;
  /** An ErrorEvent for a socket of a pair or of `response.webSocket`. */
  error: Event | ErrorEvent;
  message: MessageEvent<string | ArrayBuffer | Blob>;
  open: Event;
}

type WebSocketHandler<Type extends keyof WebSocketEventMap> = ((this: WebSocket, event: WebSocketEventMap[Type]) => unknown) | null;

interface WebSocket extends TypedEventTarget<WebSocketEventMap>, WebSocketStates {
  /** As what binary messages arrive: `blob`, unless the worker says otherwise. */
  binaryType: BinaryType;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  readonly readyState: number;
  /** Null for a socket of a pair or of `response.webSocket`. */
  readonly url: string | null;
  onclose: WebSocketHandler<"close">;
  onerror: WebSocketHandler<"error">;
  onmessage: WebSocketHandler<"message">;
  onopen: WebSocketHandler<"open">;
  /** Begins to deliver what arrives, for a socket of a pair or of `response.webSocket`. */
  accept(): void;
  close(code?: number, reason?: string): void;
  /** A copy of what was kept; null where nothing was. */
  deserializeAttachment(): unknown;
  send(data: string | AllowSharedBufferSource | Blob): void;
  /** Keeps a copy of a value with the socket. */
  serializeAttachment(value: unknown): void;
}

declare var WebSocket: { prototype: WebSocket; new (url: string | URL, protocols?: string | Iterable<string>): WebSocket } & WebSocketStates;

/** The worker keeps and accepts one end; the other goes into a response with status 101. */
type WebSocketPair = { 0: WebSocket; 1: WebSocket; [Symbol.iterator](): IterableIterator<WebSocket> };

declare var WebSocketPair: { prototype: WebSocketPair; new (): WebSocketPair };

interface WebSocketCloseInfo {
  closeCode?: number;
  reason?: string;
}

interface WebSocketError extends DOMException {
  readonly closeCode: number | null;
  readonly reason: string;
}

declare var WebSocketError: { prototype: WebSocketError; new (message?: string, info?: WebSocketCloseInfo): WebSocketError };

interface WebSocketStreamOptions {
  protocols?: string[];
  signal?: AbortSignal;
}

interface WebSocketOpened {
  readable: ReadableStream<string | Uint8Array>;
  writable: WritableStream<string | BufferSource>;
  extensions: string;
  protocol: string;
}

/** A WebSocket as two streams, each of which waits for the slower side. */
interface WebSocketStream {
  readonly url: string;
  readonly opened: Promise<WebSocketOpened>;
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  close(info?: WebSocketCloseInfo): void;
}

declare var WebSocketStream: { prototype: WebSocketStream; new (url: string, options?: WebSocketStreamOptions): WebSocketStream };

interface EventSourceStates {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
}

interface EventSourceInit {
  /** Reported, and without effect. */
  withCredentials?: boolean;
}

interface EventSourceEventMap {
  error: Event;
  message: MessageEvent<string>;
  open: Event;
}

type EventSourceHandler<Type extends keyof EventSourceEventMap> = ((this: EventSource, event: EventSourceEventMap[Type]) => unknown) | null;

interface EventSource extends TypedEventTarget<EventSourceEventMap>, EventSourceStates {
  readonly readyState: number;
  readonly url: string;
  readonly withCredentials: boolean;
  onerror: EventSourceHandler<"error">;
  onmessage: EventSourceHandler<"message">;
  onopen: EventSourceHandler<"open">;
  close(): void;
}

declare var EventSource: {
  prototype: EventSource;
  new (url: string | URL, init?: EventSourceInit): EventSource;
  /** Reads events from a stream of bytes. It does not reconnect. */
  from(stream: ReadableStream<Uint8Array>): EventSource;
} & EventSourceStates;
