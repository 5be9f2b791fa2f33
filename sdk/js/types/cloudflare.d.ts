/** The modules that a worker can import without installing anything, but for those of Node.js. */

declare module "cloudflare:workers" {
  /** The environment of the invocation. A module that reads it at its top level is evaluated anew by each invocation. */
  export const env: Cloudflare.Env;
  /** Runs a function under another environment. */
  export function withEnv<Result>(env: object, body: () => Result): Result;
  export function waitUntil(promise: PromiseLike<unknown>): void;

  /** Objects of classes that extend it are handed to other workers as capabilities. */
  export abstract class RpcTarget {
    #private;
  }

  /** Base of the classes that a worker exports as entrypoints. */
  export abstract class WorkerEntrypoint<Env = Cloudflare.Env, Props = unknown> {
    #private;
    protected readonly ctx: ExecutionContext<Props>;
    protected readonly env: Env;
    constructor(ctx: ExecutionContext<Props>, env: Env);
    fetch?(request: IncomingRequest): Response | Promise<Response>;
    scheduled?(controller: ScheduledController): void | Promise<void>;
    queue?(batch: MessageBatch): void | Promise<void>;
    email?(message: ForwardableEmailMessage): void | Promise<void>;
    tail?(items: TraceItem[]): void | Promise<void>;
  }

  /** Stubs come from calls of other workers; none can be made. */
  export type RpcStub<T> = import("./bindings.js").RpcStub<T>;
}

declare module "cloudflare:email" {
  export class EmailMessage {
    constructor(from: string, to: string, raw: string | ReadableStream<Uint8Array>);
    readonly from: string;
    readonly to: string;
    readonly raw: string | ReadableStream<Uint8Array>;
  }
}

/** To be extended by a project with the type of its environment: `declare namespace Cloudflare { interface Env { … } }`. */
declare namespace Cloudflare {
  interface Env {}
}
