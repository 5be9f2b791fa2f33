/**
 * A `__native` for plain Node, so that the prelude's own logic can be tested without an engine. It must be the first import
 * of a test. Node's URL, crypto and encodings stand in for the engine's.
 */
import { createCipheriv, createDecipheriv, createHash, type DecipherGCM, createHmac, hkdfSync, pbkdf2Sync, randomFillSync, timingSafeEqual } from "node:crypto";
import { brotliCompressSync, brotliDecompressSync, deflateRawSync, deflateSync, gzipSync, inflateRawSync, unzipSync } from "node:zlib";
import { types } from "node:util";
import type { Native, NativeBody, NativeBodyWriter, NativeCoder, NativeFetch, NativeHash, NativeChannel, NativeResponse, NativeHandshake, NativeService, NativeZlib } from "../src/native";

const NodeURL = globalThis.URL;
const NodeParams = globalThis.URLSearchParams;
const NodeDecoder = globalThis.TextDecoder;
const encoder = new globalThis.TextEncoder();
const nodeSetTimeout = globalThis.setTimeout;
const nodeClearTimeout = globalThis.clearTimeout;

// Node 20 has no `transfer`.
if (!("transfer" in ArrayBuffer.prototype)) {
  const nodeClone = globalThis.structuredClone;
  const transfer = function (this: ArrayBuffer): ArrayBuffer {
    return nodeClone(this, { transfer: [this] });
  };
  Object.defineProperty(ArrayBuffer.prototype, "transfer", { value: transfer, configurable: true });
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

function notHere(): never {
  throw Object.assign(new Error("not in the tests"), { code: "unsupported" });
}

/** What the host saw of one invocation. */
export interface Outcome {
  status: number;
  headers: string[] | null;
  body: string | Uint8Array | null;
  /** Chunks of a streamed body. */
  chunks: Uint8Array[];
  /** The body that was passed through natively. */
  piped: NativeBody | null;
  finished: boolean;
  aborted: boolean;
}

export const host = {
  building: false,
  requestHeaders: [] as string[],
  lines: [] as { level: number; message: string }[],
  outcome: null as Outcome | null,
  failures: [] as { name: string; message: string; stack: string }[],
  holds: 0,
  completed: false,
  service: (_name: string, _own: boolean): NativeService => {
    throw new Error("no service");
  },
  clientGone: false,
  responded: deferred<Outcome>(),
  fetch: (_request: FetchRequest): NativeResponse | Promise<NativeResponse> => ({ status: 200, statusText: "", headers: [], body: null }),
  assets: (_path: string): NativeResponse => ({ status: 404, statusText: "", headers: [], body: null }),
  connectSocket: (): Promise<NativeHandshake> => Promise.reject(new TypeError("there is no network")),
  database: null as ReturnType<Native["openDatabase"]> | null,

  reset(): void {
    host.requestHeaders = [];
    host.lines = [];
    host.outcome = null;
    host.failures = [];
    host.holds = 0;
    host.completed = false;
    host.clientGone = false;
    host.responded = deferred<Outcome>();
  },
};

export interface FetchRequest {
  method: string;
  url: string;
  headers: string[];
  body: string | Uint8Array | NativeBody | null;
  written: FakeWriter | null;
}

/** A body of the host in these chunks. */
export class FakeBody implements NativeBody {
  readonly chunks: Uint8Array[];
  coding: string | null = null;
  decoded = false;
  cancelled = false;
  reads = 0;

  constructor(...chunks: (string | Uint8Array)[]) {
    this.chunks = chunks.map((chunk) => (typeof chunk === "string" ? encoder.encode(chunk) : chunk));
  }

  async read(): Promise<Uint8Array | null> {
    this.reads++;
    return this.chunks.shift() ?? null;
  }

  async readAll(): Promise<Uint8Array> {
    this.reads++;
    return Buffer.concat(this.chunks.splice(0)).subarray();
  }

  decode(): void {
    this.decoded = true;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

export class FakeWriter implements NativeBodyWriter {
  readonly outcome: Outcome;
  readonly done: () => void;

  constructor(outcome: Outcome, done: () => void) {
    this.outcome = outcome;
    this.done = done;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (host.clientGone) throw new Error("the client is gone");
    this.outcome.chunks.push(chunk.slice());
  }

  async pipe(body: NativeBody): Promise<void> {
    this.outcome.piped = body;
    this.finish();
  }

  finish(): void {
    this.outcome.finished = true;
    this.done();
  }

  abort(): void {
    this.outcome.aborted = true;
    this.done();
  }
}

function newOutcome(status: number, headers: string[] | null, body: string | Uint8Array | null): Outcome {
  return { status, headers, body, chunks: [], piped: null, finished: false, aborted: false };
}

/** Numbers the classes as they come; what looks like an error is one, as nothing else in Node tells. */
function classId(value: object): number {
  const kind = types.isProxy(value) ? "Proxy" : (types.isTypedArray(value) ? value[Symbol.toStringTag] : Object.keys(KINDS).find((name) => KINDS[name]!(value))) ?? "Object";
  const known = classes.indexOf(kind);
  return known >= 0 ? known : classes.push(kind) - 1;
}

const copies: Map<unknown, object>[] = [];

function cloneWhole(value: unknown, known: object[], other: (value: unknown) => object): unknown {
  copies.push(new Map(known.flatMap((item, index) => (index % 2 === 0 ? [[item, known[index + 1]!]] : []))));
  try {
    return cloneInner(value, other);
  } finally {
    copies.pop();
  }
}

function cloneInner(value: unknown, other: (value: unknown) => object): unknown {
  if (typeof value === "symbol" || typeof value === "function") return other(value);
  if (typeof value !== "object" || value === null) return value;
  const known = copies.at(-1)!;
  if (known.has(value)) return known.get(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return other(value);
  const copy = Array.isArray(value) ? new Array<unknown>(value.length) : {};
  known.set(value, copy);
  for (const [key, item] of Object.entries(value)) (copy as Record<string, unknown>)[key] = cloneInner(item, other);
  return copy;
}

function nullUnless(code: (text: string) => string): (text: string) => string | null {
  return (text) => {
    try {
      return code(text);
    } catch {
      return null;
    }
  };
}

const classes: string[] = [];
const KINDS: Record<string, (value: object) => boolean> = {
  Array: Array.isArray,
  Error: types.isNativeError,
  Number: types.isNumberObject,
  String: types.isStringObject,
  Boolean: types.isBooleanObject,
  BigInt: types.isBigIntObject,
  Date: types.isDate,
  RegExp: types.isRegExp,
  Map: types.isMap,
  Set: types.isSet,
  ArrayBuffer: types.isArrayBuffer,
  DataView: types.isDataView,
  Arguments: types.isArgumentsObject,
  Promise: types.isPromise,
  WeakMap: types.isWeakMap,
  WeakSet: types.isWeakSet,
};

function notAtTopLevel(what: string): void {
  if (host.building) throw new Error(`${what} is not allowed at the top level of a worker: it runs once, when the worker is built`);
}

function aes(mode: string, key: Uint8Array, iv: Uint8Array): { name: string; iv: Uint8Array } {
  return { name: `aes-${key.length * 8}-${mode.slice(4).toLowerCase()}`, iv };
}

const hash = (name: string): string => name.replace("-", "").toLowerCase();
const bytes = (buffer: Uint8Array | ArrayBuffer): Uint8Array => new Uint8Array(Uint8Array.from(new Uint8Array(buffer as ArrayBuffer)));
let timerIds = 0;
const timers = new Map<number, NodeJS.Timeout>();

/** Codes what it was given in one go, as soon as `code` takes it. */
function wholeZlib(code: (bytes: Buffer, end: boolean) => Buffer | null): NativeZlib {
  const chunks: Uint8Array[] = [];
  let output: Buffer | null = null;
  return {
    consumed: 0,
    status: 0,
    step(input, flush, room) {
      chunks.push(input.slice());
      Object.assign(this, { consumed: input.length, status: 0 });
      output ??= code(Buffer.concat(chunks), flush === 4);
      if (output === null) return new Uint8Array(0);
      const part = new Uint8Array(output.subarray(0, room));
      output = output.subarray(room);
      if (output.length === 0) Object.assign(this, { status: 1 });
      return part;
    },
    reset: () => {},
    setLevel: () => 0,
    setDictionary: () => {},
  };
}

/** Brotli of what it was given until it is finished, in one go. */
function wholeCoder(code: (bytes: Buffer) => Buffer): NativeCoder {
  const chunks: Uint8Array[] = [];
  let output: Buffer | null = null;
  return {
    consumed: 0,
    state: 0,
    step(input, operation, room) {
      chunks.push(input.slice());
      if (operation === 2) output ??= code(Buffer.concat(chunks));
      const part = new Uint8Array(output?.subarray(0, room) ?? []);
      output = output?.subarray(room) ?? null;
      Object.assign(this, { consumed: input.length, state: output === null ? 0 : output.length > 0 ? 1 : 2 });
      return part;
    },
    close: () => {},
  };
}

function withQuery(url: globalThis.URL): globalThis.URL & { query: string } {
  Object.defineProperty(url, "query", { get: () => url.search.slice(1), set: (query: string) => (url.search = query) });
  return url as globalThis.URL & { query: string };
}

const ENCODINGS = ["utf8", "latin1", "ascii", "utf16le", "base64", "base64url", "hex"] as const;
let context: unknown;
const fakeSocket = { start: () => {}, next: () => {}, send: () => {}, room: () => {}, close: () => {}, buffered: () => 0 };

export const fake: Native = {
  building: () => host.building,
  runTimeOnly: notAtTopLevel,
  wantEnv: () => {},
  classId,
  cloneWhole: (value, known, other) => cloneWhole(value, known, other),
  cloneInner: (value, other) => cloneInner(value, other),
  cloneRemember: (original, copy) => void copies.at(-1)?.set(original, copy),

  atob: nullUnless(globalThis.atob),
  btoa: nullUnless(globalThis.btoa),
  log: (level, message) => void host.lines.push({ level, message }),
  functionText: () => undefined,
  describeStack: (error, frames) => `${String(error)}\n${frames}`,

  monotonicMs() {
    notAtTopLevel("`performance.now()`");
    return performanceNow();
  },
  startTimer(ms, callback) {
    const id = ++timerIds;
    timers.set(id, nodeSetTimeout(callback, ms));
    return id;
  },
  cancelTimer(id) {
    nodeClearTimeout(timers.get(id));
  },

  trackContext: () => {},
  context: () => context,
  setContext(next) {
    context = next;
  },
  bindContext: (callback) => callback,

  bufferEncode: (text, encoding) => new Uint8Array(Buffer.from(text, ENCODINGS[encoding])),
  bufferWrite: (text, view, encoding) => Buffer.from(view.buffer, view.byteOffset, view.byteLength).write(text, ENCODINGS[encoding]),
  bufferByteLength: (text) => Buffer.byteLength(text),
  bufferDecode: (bytes, encoding, start, end) => Buffer.from(bytes).toString(ENCODINGS[encoding], start, end),
  bufferIndexOf: (all, part, from) => Buffer.from(all).indexOf(part, from),
  bufferLastIndexOf: (all, part, from) => Buffer.from(all).lastIndexOf(part, from),
  bufferCompare: (a, b) => Buffer.compare(a, b),

  randomFill(view) {
    notAtTopLevel("randomness");
    randomFillSync(view);
  },

  // So are sockets, where a network is.
  acceptSocket: () => fakeSocket,
  connectSocket: () => host.connectSocket(),

  // HTMLRewriter is tested in the engine, where its parser is.
  checkSelector: () => {},
  createRewriter: () => ({ scan: () => [], apply: () => [] }),

  utf8Encode: (text) => encoder.encode(text),
  utf8EncodeInto(text, view) {
    const { read, written } = encoder.encodeInto(text, view);
    return [read, written];
  },
  utf8DecodeLossy: (view) => new NodeDecoder("utf-8", { ignoreBOM: true }).decode(view),
  createDecoder(label, fatal, ignoreBOM) {
    const decoder = new NodeDecoder(label, { fatal, ignoreBOM });
    return { decode: (view, more) => decoder.decode(view, { stream: more }) };
  },
  encodingName(label) {
    try {
      return new NodeDecoder(label).encoding;
    } catch {
      return null;
    }
  },

  parseUrl(url, base) {
    try {
      return withQuery(new NodeURL(url, base));
    } catch {
      throw new TypeError("Invalid URL");
    }
  },
  tryParseUrl(url, base) {
    try {
      return withQuery(new NodeURL(url, base));
    } catch {
      return null;
    }
  },
  canParseUrl: (url, base) => NodeURL.canParse(url, base),
  compileUrlPattern: () => [],
  urlPatternInput: () => null,
  parseQuery: (text) => [...new NodeParams(`&${text}`)].flat(),
  serializeQuery(flat) {
    const params = new NodeParams();
    for (let i = 0; i < flat.length; i += 2) params.append(flat[i]!, flat[i + 1]!);
    return params.toString();
  },

  digest: (name, data) => bytes(createHash(hash(name)).update(data).digest()),
  hmac: (name, key, data) => bytes(createHmac(hash(name), key).update(data).digest()),
  createDeflate: (_level, windowBits) =>
    wholeZlib((bytes, end) => (!end ? null : windowBits < 0 ? deflateRawSync(bytes) : windowBits > 15 ? gzipSync(bytes) : deflateSync(bytes))),
  createInflate: (windowBits) =>
    wholeZlib((bytes) => {
      try {
        return windowBits < 0 ? inflateRawSync(bytes) : unzipSync(bytes);
      } catch {
        return null;
      }
    }),
  crc32: () => 0,
  createCoder: (_format, compresses) => wholeCoder(compresses ? brotliCompressSync : brotliDecompressSync),
  timingSafeEqual: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  aesEncrypt(mode, key, iv, data, additional, tagBits) {
    const { name } = aes(mode, key, iv);
    const cipher = createCipheriv(name, key, iv, { authTagLength: tagBits / 8 } as never) as ReturnType<typeof createCipheriv> & {
      setAAD(data: Uint8Array): void;
      getAuthTag(): Uint8Array;
    };
    if (additional !== null) cipher.setAAD(additional);
    const parts = [cipher.update(data), cipher.final()];
    if (mode === "AES-GCM") parts.push(Buffer.from(cipher.getAuthTag()));
    return bytes(Buffer.concat(parts));
  },
  aesDecrypt(mode, key, iv, data, additional, tagBits) {
    const { name } = aes(mode, key, iv);
    const decipher = createDecipheriv(name, key, iv, { authTagLength: tagBits / 8 } as never) as ReturnType<typeof createDecipheriv> & {
      setAAD(data: Uint8Array): void;
      setAuthTag(tag: Uint8Array): void;
    };
    const end = mode === "AES-GCM" ? data.length - tagBits / 8 : data.length;
    if (additional !== null) decipher.setAAD(additional);
    try {
      if (mode === "AES-GCM") decipher.setAuthTag(data.subarray(end));
      return bytes(Buffer.concat([decipher.update(data.subarray(0, end)), decipher.final()]));
    } catch {
      throw new Error("OperationError");
    }
  },
  hkdf: (name, key, salt, info, length) => bytes(hkdfSync(hash(name), key, salt, info, length)),
  createHash(name, key) {
    const started = key === undefined ? createHash(hash(name)) : createHmac(hash(name), key);
    const wrap = (it: typeof started): NativeHash => ({
      update: (data) => void it.update(data),
      digest: () => bytes(it.digest()),
      copy: () => wrap((it as ReturnType<typeof createHash>).copy()),
    });
    return wrap(started);
  },
  createCipher(mode, encrypts, key, iv) {
    const create = (encrypts ? createCipheriv : createDecipheriv) as typeof createDecipheriv;
    const it = create(`aes-${key.length * 8}-${mode.toLowerCase()}`, key, iv) as DecipherGCM & { getAuthTag(): Uint8Array };
    return {
      additional: (data) => void it.setAAD(data),
      update: (data) => bytes(it.update(data)),
      finish(padding, tag) {
        it.setAutoPadding(padding);
        if (tag !== null) it.setAuthTag(tag);
        return bytes(it.final());
      },
      tag: () => bytes(it.getAuthTag()),
    };
  },
  // Node's keys have other forms than the host's; end-to-end tests stand for these.
  scrypt: notHere,
  generateKeys: notHere,
  importKey: notHere,
  exportKey: notHere,
  sign: notHere,
  verify: notHere,
  rsaEncrypt: notHere,
  rsaDecrypt: notHere,
  deriveSecret: notHere,
  lockKey: notHere,
  unlockKey: notHere,
  generatePrime: notHere,
  isPrime: notHere,
  groupPrime: notHere,
  generateGroupPrime: notHere,
  checkGroup: notHere,
  generateNumbers: notHere,
  groupSecret: notHere,
  pbkdf2: (name, password, salt, iterations, length) => bytes(pbkdf2Sync(password, salt, iterations, length, hash(name))),

  parseHeaders(raw) {
    const lines = Buffer.from(raw).toString("latin1").split("\n").slice(0, -1);
    return lines.flatMap((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1)]);
  },
  isHeaderName: (name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name),

  requestHeaders: () => host.requestHeaders,
  respond(status, headers, body) {
    host.outcome = newOutcome(status, headers, body);
    host.responded.resolve(host.outcome);
  },
  respondStreaming(status, headers) {
    const outcome = newOutcome(status, headers, null);
    host.outcome = outcome;
    return new FakeWriter(outcome, () => host.responded.resolve(outcome));
  },
  fail(name, message, stack) {
    host.failures.push({ name, message, stack });
    host.responded.resolve(newOutcome(500, null, null));
  },
  holdInvocation() {
    host.holds++;
    return () => void host.holds--;
  },

  fetch(method, url, headers, body, streaming): NativeFetch {
    notAtTopLevel("`fetch`");
    const aborted = deferred<never>();
    aborted.promise.catch(() => {});
    const writer = streaming ? new FakeWriter(newOutcome(0, null, null), () => {}) : null;
    const answer = Promise.resolve().then(() => host.fetch({ method, url, headers, body, written: writer }));
    return {
      response: Promise.race([answer, aborted.promise]),
      writer,
      abort: () => aborted.reject(new TypeError("fetch aborted")),
    };
  },

  openDatabase(binding) {
    if (host.database === null) throw Object.assign(new Error(`no database binding \`${binding}\``), { code: "not-granted" });
    return host.database;
  },
  complete: () => {
    host.completed = true;
  },
  connection: () => ["LOCAL", "HTTP/1.1"],
  service: (name, own) => host.service(name, own),
  cacheMatch: () => null,
  cachePut: () => null,
  cacheDelete: () => false,
  assetsFetch: (_binding, _method, path) => host.assets(path),
};

// Node 20 has no `transfer`.
const nodeStructuredClone = globalThis.structuredClone;
Object.defineProperty(ArrayBuffer.prototype, "transfer", {
  configurable: true,
  value(this: ArrayBuffer) {
    return nodeStructuredClone(this, { transfer: [this] });
  },
});

const performanceNow = globalThis.performance.now.bind(globalThis.performance);

Object.defineProperty(globalThis, "__native", { value: fake, configurable: true, writable: true });

/** Both sides of a conversation. */
export function fakeChannel(): [NativeChannel, NativeChannel] {
  const queues = [new FakeQueue(), new FakeQueue()] as const;
  const end = (error: string): void => queues.forEach((queue) => queue.close(error));
  const side = (incoming: FakeQueue, outgoing: FakeQueue): NativeChannel => ({
    send: (text, blobs) => outgoing.push([text, ...blobs.map((blob) => blob.slice())]),
    receive: () => incoming.take(),
    close: () => end(""),
  });
  return [side(queues[0], queues[1]), side(queues[1], queues[0])];
}

type FakeMessage = [string, ...Uint8Array[]];

class FakeQueue {
  private readonly messages: FakeMessage[] = [];
  private reader: ReturnType<typeof deferred<FakeMessage>> | null = null;
  private closed: string | null = null;

  push(message: FakeMessage): void {
    if (this.closed !== null) throw this.error();
    this.messages.push(message);
    this.wake();
  }

  take(): Promise<FakeMessage> {
    this.reader = deferred<FakeMessage>();
    const { promise } = this.reader;
    this.wake();
    return promise;
  }

  close(reason: string): void {
    this.closed ??= reason;
    this.wake();
  }

  private wake(): void {
    const { reader } = this;
    if (reader === null) return;
    const message = this.messages.shift();
    if (message !== undefined) reader.resolve(message);
    else if (this.closed !== null) reader.reject(this.error());
    else return;
    this.reader = null;
  }

  private error(): Error {
    return Object.assign(new Error(this.closed!), { code: "closed" });
  }
}
