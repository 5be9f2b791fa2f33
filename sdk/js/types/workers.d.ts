/** The names of `bindings.d.ts` as globals, as Cloudflare's types have them. */

type ExportedHandler<Env = unknown, QueueMessage = unknown, Props = unknown> = import("./bindings.js").ExportedHandler<Env, QueueMessage, Props>;
type ExportedHandlerFetchHandler<Env = unknown, Props = unknown> = import("./bindings.js").ExportedHandlerFetchHandler<Env, Props>;
type ExportedHandlerScheduledHandler<Env = unknown, Props = unknown> = import("./bindings.js").ExportedHandlerScheduledHandler<Env, Props>;
type ExportedHandlerQueueHandler<Env = unknown, QueueMessage = unknown, Props = unknown> = import("./bindings.js").ExportedHandlerQueueHandler<Env, QueueMessage, Props>;
type EmailExportedHandler<Env = unknown, Props = unknown> = import("./bindings.js").EmailExportedHandler<Env, Props>;
type ExportedHandlerTailHandler<Env = unknown, Props = unknown> = import("./bindings.js").ExportedHandlerTailHandler<Env, Props>;

type ExecutionContext<Props = unknown> = import("./bindings.js").ExecutionContext<Props>;
type IncomingRequest = import("./bindings.js").IncomingRequest;
type IncomingRequestCfProperties = import("./bindings.js").IncomingRequestCfProperties;
type ScheduledController = import("./bindings.js").ScheduledController;
type QueueRetryOptions = import("./bindings.js").QueueRetryOptions;
type Message<Body = unknown> = import("./bindings.js").Message<Body>;
type MessageBatch<Body = unknown> = import("./bindings.js").MessageBatch<Body>;
type EmailMessage = import("./bindings.js").EmailMessage;
type ForwardableEmailMessage = import("./bindings.js").ForwardableEmailMessage;
type TraceLog = import("./bindings.js").TraceLog;
type TraceException = import("./bindings.js").TraceException;
type TraceItem = import("./bindings.js").TraceItem;

type ExtendableEvent = import("./bindings.js").ExtendableEvent;
type FetchEvent = import("./bindings.js").FetchEvent;
type ScheduledEvent = import("./bindings.js").ScheduledEvent;
type TailEvent = import("./bindings.js").TailEvent;

declare var ExtendableEvent: Unconstructible<ExtendableEvent>;
declare var FetchEvent: Unconstructible<FetchEvent>;
declare var ScheduledEvent: Unconstructible<ScheduledEvent>;
declare var TailEvent: Unconstructible<TailEvent>;

type PlainRequest = import("./bindings.js").PlainRequest;
type PlainResponse = import("./bindings.js").PlainResponse;

type Fetcher = import("./bindings.js").Fetcher;
type D1Database = import("./bindings.js").D1Database;
type D1SessionBookmark = import("./bindings.js").D1SessionBookmark;
type D1SessionConstraint = import("./bindings.js").D1SessionConstraint;
type D1DatabaseSession = import("./bindings.js").D1DatabaseSession;
type D1PreparedStatement = import("./bindings.js").D1PreparedStatement;
type D1Response = import("./bindings.js").D1Response;
type D1Result<T = unknown> = import("./bindings.js").D1Result<T>;
type D1ExecResult = import("./bindings.js").D1ExecResult;
type D1Meta = import("./bindings.js").D1Meta;
type Service<Entrypoint = undefined> = import("./bindings.js").Service<Entrypoint>;
