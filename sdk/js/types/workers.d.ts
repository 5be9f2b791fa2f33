/** Types of a worker's handlers beside `fetch`, of service bindings, of `cloudflare:*` modules and of what Cloudflare adds to the Web APIs. */

interface ScheduledController {
  /** Unix milliseconds. */
  readonly scheduledTime: number;
  readonly cron: string;
  /** A failure is not to be tried again. */
  noRetry(): void;
}

/** The event of `addEventListener("scheduled", …)`. */
interface ScheduledEvent extends Event {
  readonly scheduledTime: number;
  readonly cron: string;
  noRetry(): void;
  waitUntil(promise: Promise<unknown>): void;
}

interface QueueRetryOptions {
  /** 0 to 43,200. */
  delaySeconds?: number;
}

interface Message<Body = unknown> {
  readonly id: string;
  readonly timestamp: Date;
  readonly body: Body;
  /** The first delivery is attempt 1. */
  readonly attempts: number;
  ack(): void;
  retry(options?: QueueRetryOptions): void;
}

interface MessageBatch<Body = unknown> {
  readonly queue: string;
  readonly messages: readonly Message<Body>[];
  ackAll(): void;
  retryAll(options?: QueueRetryOptions): void;
}

interface EmailMessage {
  /** Of the envelope. */
  readonly from: string;
  readonly to: string;
}

interface ForwardableEmailMessage extends EmailMessage {
  readonly raw: ReadableStream<Uint8Array>;
  readonly rawSize: number;
  readonly headers: Headers;
  setReject(reason: string): void;
  forward(rcptTo: string, headers?: Headers): Promise<void>;
  reply(message: EmailMessage): Promise<void>;
}

interface TraceLog {
  readonly timestamp: number;
  readonly level: string;
  readonly message: unknown;
}

interface TraceException {
  readonly timestamp: number;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

interface TraceItem {
  readonly scriptName: string | null;
  readonly event: unknown;
  readonly eventTimestamp: number | null;
  readonly logs: readonly TraceLog[];
  readonly exceptions: readonly TraceException[];
  readonly outcome: string;
  readonly [name: string]: unknown;
}

/** What a node of one's own knows of a client's connection; what it cannot know is null. */
interface IncomingRequestCfProperties {
  /** The place that the server's configuration names. */
  readonly colo: string;
  /** Such as `HTTP/1.1`. */
  readonly httpProtocol: string;
  readonly clientAcceptEncoding: string;
  readonly country: string | null;
  readonly [name: string]: unknown;
}

interface Request {
  readonly cf?: IncomingRequestCfProperties | Record<string, unknown>;
}

interface RequestInit {
  cf?: Record<string, unknown>;
}

interface CacheStorage {
  /** The cache without a name. */
  readonly default: Cache;
}

// Service bindings

declare namespace Rpc {
  const target: unique symbol;
  const entrypoint: unique symbol;

  /** What goes to another worker as a capability. */
  interface Target {
    readonly [target]: never;
  }

  interface Entrypoint {
    readonly [entrypoint]: never;
  }

  /** What a stub can do once it is not needed any more. */
  interface Disposable {
    [Symbol.dispose](): void;
  }

  /** A value as it arrives from another worker: capabilities are stubs. */
  type Received<T> = T extends Target | ((...args: never[]) => unknown) ? Stub<T> : T;

  type Method<F> = F extends (...args: infer Arguments) => infer Result ? (...args: Arguments) => Promise<Received<Awaited<Result>>> & Pipelined<Awaited<Result>> : never;

  /** Results can be used before they are there. */
  type Pipelined<T> = T extends Target ? Members<T> : unknown;

  type Members<T> = { readonly [Key in keyof T as Key extends string ? Key : never]: T[Key] extends (...args: never[]) => unknown ? Method<T[Key]> : Promise<Received<T[Key]>> };

  type Stub<T> = Disposable & { dup(): Stub<T> } & (T extends (...args: never[]) => unknown ? Method<T> : Members<T>);
}

/** A service binding: `Service<typeof import("../auth").default>` or `Service<Auth>`. */
type Service<T = undefined> = Fetcher &
  (T extends new (...args: never[]) => infer Instance ? Rpc.Members<Omit<Instance, Reserved>> : T extends object ? Rpc.Members<Omit<T, Reserved>> : unknown);

type Reserved = "fetch" | "connect" | "scheduled" | "queue" | "email" | "tail" | "constructor" | "env" | "ctx";

declare module "cloudflare:workers" {
  /** The environment of the invocation. Reading it at the top level of a worker throws. */
  export const env: Cloudflare.Env;
  export function withEnv<R>(env: object, body: () => R): R;
  export function waitUntil(promise: Promise<unknown>): void;

  export abstract class RpcTarget implements Rpc.Target {
    readonly [Rpc.target]: never;
  }

  export abstract class WorkerEntrypoint<Env = Cloudflare.Env, Props = unknown> implements Rpc.Entrypoint {
    readonly [Rpc.entrypoint]: never;
    protected readonly ctx: ExecutionContext<Props>;
    protected readonly env: Env;
    constructor(ctx: ExecutionContext<Props>, env: Env);
    fetch?(request: Request): Response | Promise<Response>;
    scheduled?(controller: ScheduledController): void | Promise<void>;
    queue?(batch: MessageBatch): void | Promise<void>;
    email?(message: ForwardableEmailMessage): void | Promise<void>;
    tail?(items: TraceItem[]): void | Promise<void>;
  }
}

declare module "cloudflare:email" {
  const Message: new (from: string, to: string, raw: string | ReadableStream<Uint8Array>) => EmailMessage;
  export { Message as EmailMessage };
}

/** To be extended by a project with the type of its environment: `declare namespace Cloudflare { interface Env { … } }`. */
declare namespace Cloudflare {
  interface Env {}
}
