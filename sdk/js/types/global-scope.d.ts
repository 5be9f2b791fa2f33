/** The global object, timers and what is left: HTML 8, and Cloudflare's `scheduler`. */

interface GlobalEventMap {
  error: ErrorEvent;
  unhandledrejection: PromiseRejectionEvent;
  rejectionhandled: PromiseRejectionEvent;
  online: Event;
  offline: Event;
  languagechange: Event;
  /** Not an event that can be dispatched: the host asks for it. */
  fetch: FetchEvent;
  scheduled: ScheduledEvent;
}

type GlobalEventHandler<Type extends keyof GlobalEventMap> = ((this: ServiceWorkerGlobalScope, event: GlobalEventMap[Type]) => unknown) | null;

/** Answers `true` to say that the error needs no line on the console. */
type OnErrorEventHandler = ((message: string, filename: string, lineno: number, colno: number, error: unknown) => unknown) | null;

interface WorkerGlobalScope extends TypedEventTarget<GlobalEventMap> {
  self: ServiceWorkerGlobalScope & typeof globalThis;
  navigator: Navigator;
  performance: Performance;
  /** Always `null`, as text. */
  origin: string;
  onerror: OnErrorEventHandler;
  onunhandledrejection: GlobalEventHandler<"unhandledrejection">;
  onrejectionhandled: GlobalEventHandler<"rejectionhandled">;
  ononline: GlobalEventHandler<"online">;
  onoffline: GlobalEventHandler<"offline">;
  onlanguagechange: GlobalEventHandler<"languagechange">;
}

declare var WorkerGlobalScope: Unconstructible<WorkerGlobalScope>;

interface ServiceWorkerGlobalScope extends WorkerGlobalScope {}

declare var ServiceWorkerGlobalScope: Unconstructible<ServiceWorkerGlobalScope>;

declare var self: ServiceWorkerGlobalScope & typeof globalThis;
declare var navigator: Navigator;
declare var origin: string;
declare var onerror: OnErrorEventHandler;
declare var onunhandledrejection: GlobalEventHandler<"unhandledrejection">;
declare var onrejectionhandled: GlobalEventHandler<"rejectionhandled">;
declare var ononline: GlobalEventHandler<"online">;
declare var onoffline: GlobalEventHandler<"offline">;
declare var onlanguagechange: GlobalEventHandler<"languagechange">;

declare function addEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  callback: (this: ServiceWorkerGlobalScope, event: GlobalEventMap[Type]) => unknown,
  options?: AddEventListenerOptions | boolean,
): void;
declare function addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: AddEventListenerOptions | boolean): void;
declare function removeEventListener<Type extends keyof GlobalEventMap>(
  type: Type,
  callback: (this: ServiceWorkerGlobalScope, event: GlobalEventMap[Type]) => unknown,
  options?: EventListenerOptions | boolean,
): void;
declare function removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: EventListenerOptions | boolean): void;
declare function dispatchEvent(event: Event): boolean;

interface Navigator {
  /** `Cloudflare-Workers`: it is what libraries look for. */
  readonly userAgent: string;
  readonly language: string;
  /** Empty. */
  readonly platform: string;
  readonly hardwareConcurrency: number;
}

declare var Navigator: Unconstructible<Navigator>;

declare function setTimeout(callback: (...args: never[]) => unknown, delay?: number): number;
declare function setTimeout<Args extends unknown[]>(callback: (...args: Args) => unknown, delay: number | undefined, ...args: Args): number;
declare function setInterval(callback: (...args: never[]) => unknown, delay?: number): number;
declare function setInterval<Args extends unknown[]>(callback: (...args: Args) => unknown, delay: number | undefined, ...args: Args): number;
declare function clearTimeout(id?: number | null): void;
declare function clearInterval(id?: number | null): void;
declare function queueMicrotask(callback: () => unknown): void;

/** Its error becomes an `error` event, or a line on the console. */
declare function reportError(error: unknown): void;

interface Scheduler {
  wait(delay: number, options?: { signal?: AbortSignal }): Promise<void>;
}

declare var scheduler: Scheduler;

interface DOMExceptionCodes {
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
}

interface DOMException extends Error, DOMExceptionCodes {
  readonly code: number;
  readonly message: string;
  readonly name: string;
}

declare var DOMException: {
  prototype: DOMException;
  new (message?: string, nameOrOptions?: string | { name?: string; cause?: unknown }): DOMException;
} & DOMExceptionCodes;
