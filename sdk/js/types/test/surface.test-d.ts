/**
 * The types say no more and no less than there is: dist/surface.ts is what `scripts/surface.js` found in the running prelude. An error here
 * names what is missing; whatever differs on purpose stands in one of the lists below.
 */
import type { Classes, Globals, Hidden, Modules, Objects, Statics } from "../../dist/surface";

type None<T extends never> = T;

// Global names

/** Those of TypeScript's ECMAScript libraries. */
type EcmaScript =
  | "AggregateError" | "Array" | "ArrayBuffer" | "AsyncDisposableStack" | "BigInt" | "BigInt64Array" | "BigUint64Array" | "Boolean" | "DataView" | "Date"
  | "DisposableStack" | "Error" | "EvalError" | "FinalizationRegistry" | "Float16Array" | "Float32Array" | "Float64Array" | "Function" | "Infinity" | "Int16Array"
  | "Int32Array" | "Int8Array" | "Intl" | "Iterator" | "JSON" | "Map" | "Math" | "NaN" | "Number" | "Object" | "Promise" | "Proxy" | "RangeError"
  | "ReferenceError" | "Reflect" | "RegExp" | "Set" | "SharedArrayBuffer" | "String" | "SuppressedError" | "Symbol" | "SyntaxError" | "TypeError" | "URIError"
  | "Uint16Array" | "Uint32Array" | "Uint8Array" | "Uint8ClampedArray" | "WeakMap" | "WeakRef" | "WeakSet" | "decodeURI" | "decodeURIComponent" | "encodeURI"
  | "encodeURIComponent" | "escape" | "eval" | "globalThis" | "isFinite" | "isNaN" | "parseFloat" | "parseInt" | "undefined" | "unescape"
  // In those libraries, and not in the engine: there are no threads.
  | "Atomics";

export type GlobalsWithoutType = None<Exclude<Globals, keyof typeof globalThis>>;
export type GlobalsInVain = None<Exclude<keyof typeof globalThis, Globals | EcmaScript>>;

// Members

interface Shape {
  members: PropertyKey;
  readonly: PropertyKey;
}

type IfSame<A, B, Yes, No> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? Yes : No;
type ReadonlyKeys<T> = { [Key in keyof T]-?: IfSame<{ [K in Key]: T[K] }, { readonly [K in Key]: T[K] }, Key, never> }[keyof T];

type Name<Owner, Key> = Key extends string | number ? `${Owner & string}.${Key}` : [Owner, Key];

/** What the types lack, have in vain, or allow to be written otherwise than it is. `Known` are differences on purpose. */
type Differences<Found extends Record<keyof Found, Shape>, Types extends Record<keyof Found, unknown>, Known extends Partial<Record<keyof Found, PropertyKey>> = {}> = {
  [Owner in keyof Found]: Name<
    Owner,
    Exclude<
      | Exclude<Found[Owner]["members"], keyof Types[Owner]>
      | Exclude<keyof Types[Owner], Found[Owner]["members"]>
      | (keyof Types[Owner] & Exclude<Found[Owner]["readonly"], ReadonlyKeys<Types[Owner]>>)
      | (Found[Owner]["members"] & Exclude<ReadonlyKeys<Types[Owner]>, Found[Owner]["readonly"]>),
      Owner extends keyof Known ? Known[Owner] : never
    >
  >;
}[keyof Found];

type Constructors = { [Name in keyof Classes]: (typeof globalThis)[Name & keyof typeof globalThis] };
type Instances = { [Name in keyof Classes]: Constructors[Name] extends { prototype: infer Instance } ? Instance : never };

/** Every class of the types was found and compared. */
type DeclaredClasses = {
  [Name in keyof typeof globalThis]: (typeof globalThis)[Name] extends (...args: never[]) => unknown ? never : (typeof globalThis)[Name] extends { prototype: object } ? Name : never;
}[keyof typeof globalThis];
export type ClassesNotFound = None<Exclude<DeclaredClasses, keyof Classes | EcmaScript>>;

type Events = "Event" | "CloseEvent" | "CustomEvent" | "ErrorEvent" | "MessageEvent" | "ProgressEvent" | "PromiseRejectionEvent" | "TailEvent";

/** Properties of the objects themselves, and what is left out. */
interface ClassesKnown extends Record<Events, "isTrusted"> {
  ExtendableEvent: "isTrusted";
  FetchEvent: "isTrusted" | "request";
  ScheduledEvent: "isTrusted" | "scheduledTime" | "cron";
  DOMException: "stack" | "cause";
  WebSocketError: "stack" | "cause";
  WebSocketPair: 0 | 1;
  /** They are there, as on Cloudflare, and always reject. */
  Cache: "add" | "addAll" | "keys" | "matchAll";
}

export type ClassDifferences = None<Differences<Classes, Instances, ClassesKnown>>;
export type StaticDifferences = None<Differences<Statics, { [Name in keyof Statics]: Omit<Constructors[Name], "prototype"> }>>;
export type ObjectDifferences = None<Differences<Pick<Objects, "console" | "scheduler">, { console: Console; scheduler: Scheduler }>>;
export type IntlWithoutType = None<Exclude<Objects["Intl"]["members"], keyof typeof Intl>>;
/** TypeScript's libraries have it; docs/reference/intl.md says what is here. */
export type IntlInVain = None<Exclude<keyof typeof Intl, Objects["Intl"]["members"] | "DisplayNames">>;

/** Classes that no global is. */
interface Named {
  AttributesIterator: IterableIterator<[string, string]>;
  Comment: Comment;
  D1Database: D1Database;
  D1DatabaseSession: D1DatabaseSession;
  D1PreparedStatement: D1PreparedStatement;
  DigestStream: DigestStream;
  Doctype: Doctype;
  DocumentEnd: DocumentEnd;
  Element: Element;
  EmailMessage: InstanceType<(typeof import("cloudflare:email"))["EmailMessage"]>;
  EndTag: EndTag;
  ExecutionContext: ExecutionContext;
  Fetcher: Fetcher;
  ForwardableEmailMessage: ForwardableEmailMessage;
  Message: Message;
  MessageBatch: MessageBatch;
  RpcTarget: import("cloudflare:workers").RpcTarget;
  ScheduledController: ScheduledController;
  Text: Text;
  WorkerEntrypoint: import("cloudflare:workers").WorkerEntrypoint;
}

interface NamedKnown {
  AttributesIterator: "return" | "throw" | keyof IteratorObject<unknown>;
  EmailMessage: "from" | "to";
  /** It always throws. */
  Fetcher: "connect";
  ForwardableEmailMessage: "from" | "to" | "raw" | "rawSize" | "headers";
  Message: "id" | "timestamp" | "body" | "attempts";
  MessageBatch: "queue" | "messages";
  ScheduledController: "scheduledTime" | "cron";
  /** What a class may have. */
  WorkerEntrypoint: "fetch" | "scheduled" | "queue" | "email" | "tail";
}

export type HiddenDifferences = None<Differences<Hidden, Named, NamedKnown>>;
export type NamedInVain = None<Exclude<keyof Named, keyof Hidden>>;

// Modules

/** What throws whenever it is used: it is there so that modules that only name it can be loaded. */
type Absent = "DurableObject" | "WorkflowEntrypoint" | "RpcStub";

interface ModuleTypes {
  "cloudflare:email": keyof typeof import("cloudflare:email");
  /** Its `connect` throws: there are no types of it. */
  "cloudflare:sockets": "connect";
  "cloudflare:workers": keyof typeof import("cloudflare:workers") | Absent;
}

export type ModulesWithoutType = None<{ [Name in keyof Modules]: Exclude<Modules[Name], Name extends keyof ModuleTypes ? ModuleTypes[Name] : never> }[keyof Modules]>;
export type ModulesInVain = None<{ [Name in keyof ModuleTypes]: Exclude<ModuleTypes[Name], Modules[Name]> }[keyof ModuleTypes]>;
