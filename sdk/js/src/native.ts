/**
 * What the engine (sdk/engine, Rust) gives to this prelude: the global `__native`, deleted from the global object once the
 * prelude has taken it. This file is the contract: `sdk/engine/src/native/*.rs` implements each group in a file of its name.
 *
 * Bytes cross as `Uint8Array` (or any view, where a function takes bytes). A native that fails throws the error class named here.
 * A `Uint8Array` given to JavaScript stands on memory of QuickJS's own (`JS_NewArrayBufferCopy`): streams and workers transfer its buffer, and
 * QuickJS calls the free function of a transferred buffer again with a null pointer. A native that returns normally leaves no exception
 * pending: `JS_GetArrayBuffer` on a view sets one (`ArrayBuffer object expected`), which the next job would seem to have thrown.
 * While a worker's top level is evaluated (`building()`), functions marked [run time] throw
 * `Error: <what> is not allowed at the top level of a worker: it runs once, when the worker is built`.
 */
export interface Native {
  /** True until the snapshot is taken. */
  building(): boolean;
  /** Throws the error above when building. */
  runTimeOnly(what: string): void;
  /** Tells the builder that the top level asked for `env`. */
  wantEnv(): void;

  // object.rs
  /** The number of an object's internal class, which tells a Date from an object that only looks like one. */
  classId(value: object): number;
  /**
   * The copies of primitives, ordinary objects and arrays, and of what is inside; `other` is asked for those of all other values.
   * `known` is a flat list of originals and their copies.
   */
  cloneWhole(value: unknown, known: object[], other: (value: unknown) => object): unknown;
  /** For `other`: the copy of a value that it found inside. */
  cloneInner(value: unknown, other: (value: unknown) => object): unknown;
  /** For `other`: says what a copy will be before it has all its parts. */
  cloneRemember(original: object, copy: object): void;

  // console.rs
  /** level: 0 debug, 1 info, 2 log, 3 warn, 4 error. When building it goes to the builder's warnings. */
  log(level: number, message: string): void;

  // errors.rs
  /** `Name: message` of the value, and below it the frames as V8 writes them. `frames` is what the engine makes of a stack by itself. */
  describeStack(error: object, frames: string): string;
  /** The text of the worker's function that is defined at this position of its bundle. */
  functionText(line: number, column: number): string | undefined;

  // intl.rs: all [run time]; absent from standalone components. Kinds are 0 collator, 1 date and time, 2 list, 3 number, 4 plural, 5 relative time,
  // 6 segmenter; options are JSON. They throw RangeError.
  intlBestLocale?(locales: string[]): string;
  intlCanonicalLocale?(locale: string): string;
  intlIsSupported?(locale: string): boolean;
  intlTimeZone?(name: string): string;
  intlTimeZones?(): string[];
  /** Name and value by turns; for plurals the categories. */
  intlResolve?(kind: number, locale: string, options: string): string[];
  /** Parts: type and text by turns. */
  intlFormat?(kind: number, locale: string, options: string, input: string[]): string[];
  intlCompare?(locale: string, options: string, a: string, b: string): number;
  /** Where segments end; 2^31 more where one is like a word. */
  intlSegments?(locale: string, options: string, text: string): number[];

  // time.rs
  /** [run time] Milliseconds of the monotonic clock since the invocation began, with fractions. */
  monotonicMs(): number;
  /** [run time] Calls back once, not before `ms`. Ids are positive. */
  startTimer(ms: number, callback: () => void): number;
  cancelTimer(id: number): void;

  // context.rs: the context of asynchronous work
  /** From now on reactions of promises and timers run in the context in which they were registered. */
  trackContext(): void;
  context(): unknown;
  /** Until the current job ends, or the function that runs was entered with another. Undefined is no context. */
  setContext(context: unknown): void;
  /** A function that runs in the context of now, with the same `this` and arguments. */
  bindContext<F extends (...args: never[]) => unknown>(callback: F): F;

  // random.rs
  /** [run time] Fills the view with random bytes. */
  randomFill(view: Uint8Array): void;

  // encoding.rs
  utf8Encode(text: string): Uint8Array;
  /** Writes whole code points only; answers with [UTF-16 units read, bytes written]. */
  utf8EncodeInto(text: string, view: Uint8Array): [number, number];
  /** Never fails; bad sequences become U+FFFD; no BOM handling. */
  utf8DecodeLossy(bytes: Uint8Array): string;
  /** WHATWG Encoding, by encoding_rs. Throws RangeError for an unknown label. */
  createDecoder(label: string, fatal: boolean, ignoreBom: boolean): NativeDecoder;
  /** Canonical name for a label, or null. */
  encodingName(label: string): string | null;

  // base64.rs
  /** HTML 8.3, on texts whose characters stand for bytes; null for a text that cannot be coded. */
  atob(text: string): string | null;
  btoa(text: string): string | null;

  // buffer.rs, for node:buffer. Encodings: 0 utf8, 1 latin1, 2 ascii, 3 utf16le, 4 base64, 5 base64url, 6 hex. None of it fails on bad text.
  bufferEncode(text: string, encoding: number): Uint8Array;
  /** Fills the view from its beginning with whole characters; answers with the bytes written. */
  bufferWrite(text: string, view: Uint8Array, encoding: number): number;
  /** Of the text in UTF-8. */
  bufferByteLength(text: string): number;
  bufferDecode(bytes: Uint8Array, encoding: number, start: number, end: number): string;
  /** The first place at or after `from` that is a multiple of `step`; -1 where there is none. */
  bufferIndexOf(all: Uint8Array, part: Uint8Array, from: number, step: number): number;
  /** The last place at or before `from`. */
  bufferLastIndexOf(all: Uint8Array, part: Uint8Array, from: number, step: number): number;
  bufferCompare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1;

  // url.rs
  /** URL Standard. Throws TypeError `Invalid URL`. */
  parseUrl(url: string, base?: string): NativeUrl;
  /** Null instead of an error. */
  tryParseUrl(url: string, base?: string): NativeUrl | null;
  canParseUrl(url: string, base?: string): boolean;
  /** application/x-www-form-urlencoded, as a flat list name, value, name, value. */
  parseQuery(text: string): string[];
  serializeQuery(flat: string[]): string;

  // url_pattern.rs
  /** Components in the order protocol, username, password, hostname, port, pathname, search, hash. `test` runs a regular expression (flag `v`). Throws TypeError. */
  compileUrlPattern(input: UrlPatternInput, baseUrl: string | null, test: (regexp: string, text: string) => boolean): NativeUrlPatternComponent[];
  /** The text of each component; null where the input is no URL. Throws TypeError for an object with a base URL beside it. */
  urlPatternInput(input: UrlPatternInput, baseUrl: string | null): string[] | null;

  // compression.rs
  /** zlib's deflate. Window bits as zlib has them: 8 to 15, 16 more for gzip, negative for raw. Throws RangeError. */
  createDeflate(level: number, windowBits: number, memLevel: number, strategy: number): NativeZlib;
  /** zlib's inflate. Window bits as above; 32 more finds out whether it is zlib or gzip, 0 believes the header. Throws RangeError. */
  createInflate(windowBits: number): NativeZlib;
  crc32(data: Uint8Array, start: number): number;

  // coder.rs
  /**
   * Brotli and Zstandard, at run time alone. Parameters are number and value by turns, as the format's library has them; `total` is how
   * many bytes will be compressed, for Zstandard. Errors have as `code` `parameter` for one that is not of the format or out of its range,
   * `limit` where the host would do or hold too much, else the decimal number that the library gives them.
   */
  createCoder(format: "brotli" | "zstd", compresses: boolean, parameters: number[], total: number | null): NativeCoder;

  // crypto.rs. Hashes are named SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512, MD5 and RIPEMD-160.
  /** Throws Error for a name that is not among those. */
  digest(hash: string, data: Uint8Array): Uint8Array;
  hmac(hash: string, key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Incremental; with a key it is HMAC. Null for an unknown name. */
  createHash(hash: string, key?: Uint8Array): NativeHash | null;
  /** False where the lengths differ. */
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
  /**
   * mode: "AES-GCM" (the tag follows the text; tagBits is a multiple of 8 up to 128), "AES-CBC" (PKCS#7 padding), "AES-CTR" (tagBits is how many
   * bits of the block count, 1 to 128), "AES-KW" (no iv). Keys have 16, 24 or 32 bytes. Throws Error `OperationError`.
   */
  aesEncrypt(mode: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array, additional: Uint8Array | null, tagBits: number): Uint8Array;
  aesDecrypt(mode: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array, additional: Uint8Array | null, tagBits: number): Uint8Array;
  /** Incremental, for node:crypto. mode: "GCM" | "CBC" | "CTR" | "ECB". Null where key or iv have the wrong length. */
  createCipher(mode: string, encrypt: boolean, key: Uint8Array, iv: Uint8Array): NativeCipher | null;
  hkdf(hash: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  // keys.rs [run time]: what the host does, because it is slow or must take constant time. Keys cross as DER: PKCS #8 for a private one,
  // SubjectPublicKeyInfo for a public one. Throws Error with `code`: "data" (not a key), "operation" (it failed) or "unsupported".
  /** Iterations times blocks of output are 4 million at most; beyond that the code is "unsupported". */
  pbkdf2(hash: string, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Uint8Array;
  scrypt(password: Uint8Array, salt: Uint8Array, n: number, r: number, p: number, length: number): Uint8Array;
  /** A new pair, [private, public]. The modulus and the exponent are for RSA alone. */
  generateKeys(kind: KeyKind, modulusBits: number, publicExponent: Uint8Array): [Uint8Array, Uint8Array];
  /**
   * formats: "pkcs8", "spki", "sec1" and "pkcs1" (private), "pkcs1-public", "x509" (the public key of a certificate): one part each;
   * "raw" (a point, compressed or not, or the 32 bytes of a curve 25519 key) and "raw-private" (a scalar or seed), where `kind` must be named;
   * "parts": big-endian numbers, n e | n e d p q dp dq qi | x y | x y d, by `kind`. For "parts" of curve 25519: x | x d.
   * A null kind takes any.
   */
  importKey(format: string, kind: KeyKind | null, parts: Uint8Array[]): NativeKey;
  /** formats: "spki" (also of a private key), "raw", "raw-compressed", "raw-private", "parts", "pkcs1" and "sec1" (private), "pkcs1-public". */
  exportKey(format: string, key: NativeKey): Uint8Array[];
  /** `data` is the digest made by `hash`, except for Ed25519 and Ed448, which sign the message. `saltLength` of RSA-PSS: 2^32 - 1 is the longest, or any. */
  sign(scheme: SignScheme, hash: string, key: Uint8Array, data: Uint8Array, saltLength: number): Uint8Array;
  verify(scheme: SignScheme, hash: string, key: Uint8Array, data: Uint8Array, signature: Uint8Array, saltLength: number): boolean;
  /** padding: "OAEP" (with hash and label), "PKCS1", "NONE". The key is public to encrypt and private to decrypt. */
  rsaEncrypt(padding: string, hash: string, key: Uint8Array, data: Uint8Array, label: Uint8Array): Uint8Array;
  rsaDecrypt(padding: string, hash: string, key: Uint8Array, data: Uint8Array, label: Uint8Array): Uint8Array;
  /** The shared secret of ECDH, X25519 or X448. */
  deriveSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** A private key under a passphrase: PKCS #8, or with a vector what stands in PEM under `DEK-Info`. cipher: "aes-128-cbc", "des-cbc", "des-ede3-cbc" and so on. */
  lockKey(cipher: string, vector: Uint8Array | null, passphrase: Uint8Array, der: Uint8Array): Uint8Array;
  /** The reverse. PKCS #8 names its cipher and its vector itself. */
  unlockKey(cipher: string | null, vector: Uint8Array | null, passphrase: Uint8Array, der: Uint8Array): Uint8Array;

  // keys/numbers.rs: big-endian numbers
  /** Divided by the divisor the prime leaves the remainder; a divisor of 0 demands nothing. */
  generatePrime(bits: number, safe: boolean, divisor: number, remainder: number): Uint8Array;
  isPrime(candidate: Uint8Array, checks: number): boolean;
  /** Of a group that has a name. */
  groupPrime(bits: number): Uint8Array;
  generateGroupPrime(bits: number, generator: number): Uint8Array;
  /** Flags of OpenSSL. */
  checkGroup(prime: Uint8Array, generator: Uint8Array): number;
  /** [private, public]; the private one is made where none is given. */
  generateNumbers(prime: Uint8Array, generator: Uint8Array, privateNumber: Uint8Array | null): [Uint8Array, Uint8Array];
  groupSecret(prime: Uint8Array, generator: Uint8Array, privateNumber: Uint8Array, publicNumber: Uint8Array): Uint8Array;

  // headers.rs
  /** `name:value` lines, each ended by a line feed, as a flat list name, value, … with names in lower case. Values are byte strings. */
  parseHeaders(raw: Uint8Array): string[];
  /** Is it a field name (RFC 9110 5.1)? */
  isHeaderName(name: string): boolean;

  // html_rewriter.rs
  /** Throws TypeError where HTMLRewriter does not know the selector. */
  checkSelector(selector: string): void;
  /**
   * Selector, or null for the document, then the handlers that there are, as a sum: element or doctype 1, comments 2, text 4, end 8.
   * Throws TypeError for an encoding that it cannot parse.
   */
  createRewriter(registrations: (string | number | null)[], encoding: string): NativeRewriter;

  // http.rs: the invocation
  /** Field lines of the request being served. */
  requestHeaders(): string[];
  /** Answers the request. `headers` is a flat list; text and bytes are whole bodies. */
  respond(status: number, headers: string[] | null, body: string | Uint8Array | null): void;
  /** Answers with the head; the body follows. */
  respondStreaming(status: number, headers: string[] | null): NativeBodyWriter;
  /** The handler (before a response), or a waitUntil promise, failed. */
  fail(name: string, message: string, stack: string): void;
  /** Counts a promise that the invocation must outlive; call the answer once it is settled. */
  holdInvocation(): () => void;

  /** What is no request was handled, or is served for as long as something holds the invocation. */
  complete(): void;
  /** Place of the node and version of HTTP, for `request.cf`. */
  connection(): [colo: string, httpProtocol: string];

  // fetch.rs
  /** [run time] Outbound HTTP, without following redirects. Rejects with TypeError. `signalId` aborts by abortFetch. */
  fetch(method: string, url: string, headers: string[], body: string | Uint8Array | NativeBody | null, streaming: boolean): NativeFetch;

  // websocket.rs
  /** Answers the request with status 101; `headers` is a flat list. Throws TypeError where the request is no WebSocket handshake. */
  acceptSocket(headers: string[] | null): NativeSocket;
  /** [run time] A handshake with another server, at an `http:` or `https:` URL. Rejects with TypeError. */
  connectSocket(url: string, headers: string[]): Promise<NativeHandshake>;

  // bindings: one file each in native/
  /** Rejections and throws are Error objects with `code` (the WIT variant's name, such as `constraint`) and `message`. */
  openDatabase(binding: string): NativeDatabase;
  /** A service binding; where `own` is true, an entrypoint of this worker. */
  service(name: string, own: boolean): NativeService;
  cacheMatch(cache: string, url: string, headers: string[]): NativeResponse | null;
  /** Null where the response's headers forbid storing it. Throws TypeError for what the Cache API refuses. */
  cachePut(cache: string, url: string, status: number, headers: string[]): NativeCacheWriter | null;
  cacheDelete(cache: string, url: string): boolean;
  assetsFetch(binding: string, method: string, path: string, headers: string[]): NativeResponse;

  // privileged; absent from the engines of other workers
  artifactsMissing?(digests: string[]): string[];
  artifactsPut?(digest: string, body: NativeBody | Uint8Array): number;
  buildPrepare?(component: string, granted: string[], management: boolean): { component: string; kind: "javascript" | "component"; rebuilt: boolean };
  databasesCreate?(id: string): void;
  databasesDelete?(id: string): void;
  databasesOpen?(id: string): NativeDatabase;
  executionsFlush?(): void;
  executionsHealth?(worker: string): NativeHealth;
  identityHashPassword?(password: string): string;
  identityVerifyPassword?(password: string, hash: string): boolean;
  identityIssue?(kind: string, claims: string, lifetimeSeconds: number): string;
  identityVerify?(kind: string, token: string): string | null | undefined;
  identityForget?(): void;
  cronsCheck?(expression: string, timeZone: string, weekdays: string): number[];
  cronsReload?(): void;
  mailSend?(to: string, subject: string, text: string): void;
  domainsRequired?(): boolean;
  domainsCheck?(name: string, token: string): void;
  routingCheck?(version: string, healthPath: string | null): void;
  routingReload?(worker: string | null): void;
  secretsSeal?(plaintext: string): string;
}

/** How the invocations of a worker ended lately. */
export interface NativeHealth {
  status: "idle" | "healthy" | "failing" | "dying";
  windowMs: number;
  /** Counts by outcome. */
  outcomes: Record<string, number>;
  lastFailure?: { outcome: string; message: string; endedAtMs: number; execution: string };
}

/** One HTML document. A piece is scanned, then its edits are applied; null is the end. Fails with TypeError, and is of no use then. */
export interface NativeRewriter {
  /**
   * The handlers that are due, flat: number of the handler (4 × registration + bit), of the token, and, with the first handler of a
   * token, what it is: [name, namespace, can have content, flat attributes], [text, last], [text], [name, public id, system id] or [].
   * An end tag has -1 as its handler, and [name, token of its element].
   */
  scan(piece: Uint8Array | null): unknown[];
  /** Token, its edits as a flat list of number and two arguments, …; answers with bytes and numbers of streams in their order. */
  apply(edits: unknown[]): (Uint8Array | number)[];
}

export interface NativeDecoder {
  /** Throws TypeError when fatal and the bytes are bad. */
  decode(bytes: Uint8Array, more: boolean): string;
}

/** A pattern or URL as text; else its eight components and then its base URL, null where they are not there. */
export type UrlPatternInput = string | (string | null)[];

export interface NativeUrlPatternComponent {
  /** The normal form of the pattern. */
  pattern: string;
  regexp: string;
  /** Of the groups, in their order. */
  names: string[];
  hasRegExpGroups: boolean;
  /** Kind (0 `*`, 1 segment, 2 regular expression, 3 text), modifier (0 `*`, 1 `?`, 2 `+`, 3 none), prefix, value, suffix. */
  parts: [number, number, string, string, string][];
}

/**
 * A zlib stream, one step at a time. Errors have zlib's name of the error as `code` (`Z_DATA_ERROR`, ...) and zlib's message (`incorrect
 * header check`, ...).
 */
export interface NativeZlib {
  /**
   * Takes from `input` what it can and answers with at most `room` bytes. `flush` is zlib's: 0 none, 1 partial, 2 sync, 3 full, 4 finish,
   * 5 block. There is more to come (call again with the rest of the input) while the answer fills the room or `consumed` is less than the input.
   */
  step(input: Uint8Array, flush: number, room: number): Uint8Array;
  /** How much of the input the last step took. */
  readonly consumed: number;
  /** How the last step ended, in zlib's numbers: 0 OK, 1 end of the stream, 2 a dictionary is needed, -5 nothing could be done without more input or room. */
  readonly status: number;
  /** Begins a new stream with the same parameters, but without a dictionary. */
  reset(): void;
  /** Answers 0; -5 where the output so far must be taken first (a step with flush 5). */
  setLevel(level: number): number;
  /** Deflate: before the first step. Inflate: after status 2, or at once for raw. */
  setDictionary(dictionary: Uint8Array): void;
}

/** Errors as of `createCoder`; after one, it does nothing any more. */
export interface NativeCoder {
  /**
   * Takes from `input`, which is 262144 bytes at most, and answers with at most `room` bytes. The operation is 0 to process, 1 to flush,
   * 2 to finish, 3 for metadata of Brotli.
   */
  step(input: Uint8Array, operation: number, room: number): Uint8Array;
  /** How much of the input the last step took. */
  readonly consumed: number;
  /** 0 all input was taken, 1 call again with the rest of it and the same operation, 2 the end. */
  readonly state: number;
  /** Gives back what the host holds. */
  close(): void;
}

/** `digest` ends it: what comes after throws. `copy` goes on from here. */
export interface NativeHash {
  update(data: Uint8Array): void;
  digest(): Uint8Array;
  copy(): NativeHash;
}

export interface NativeCipher {
  /** AES-GCM only, before `update`. */
  additional(data: Uint8Array): void;
  update(data: Uint8Array): Uint8Array;
  /** The last block. `padding` false wants whole blocks. For AES-GCM that decrypts, `tag` is checked. Throws Error `OperationError`. */
  finish(padding: boolean, tag: Uint8Array | null): Uint8Array;
  /** Of AES-GCM that encrypted, after `finish`: 16 bytes. */
  tag(): Uint8Array;
}

export type KeyKind = "rsa" | "P-256" | "P-384" | "P-521" | "Ed25519" | "X25519" | "Ed448" | "X448";
export type SignScheme = "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "ECDSA" | "ECDSA-DER" | "Ed25519" | "Ed448";

export interface NativeKey {
  kind: KeyKind;
  isPrivate: boolean;
  der: Uint8Array;
}

/** A parsed URL. Setters ignore what the standard says to ignore. */
export interface NativeUrl {
  href: string; // setting an invalid one throws TypeError
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  /** Without its question mark; what is set must be encoded already. */
  query: string;
}

/** Bytes that come from the host. Once `read` or `readAll` was called by JavaScript it cannot be passed through. */
export interface NativeBody {
  /** The content coding of its bytes (`gzip`, `deflate`, `br`): reading undoes it, `pipe` does not. Null for plain bytes. */
  readonly coding: string | null;
  /** From now on `pipe` undoes the coding, too. */
  decode(): void;
  /** The next chunk; null at the end. One call at a time. */
  read(): Promise<Uint8Array | null>;
  readAll(): Promise<Uint8Array>;
  /** The whole body as text (lossy UTF-8, no BOM handling) where all of it has arrived with the request; null, and nothing taken, otherwise. */
  takeText?(): string | null;
  cancel(): void;
}

export interface NativeBodyWriter {
  /** Undefined where the host took the chunk at once, else resolves when it has (back-pressure). Rejects when the client is gone. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Moves a whole body without a chunk entering JavaScript; then finishes. */
  pipe(body: NativeBody): Promise<void>;
  finish(): void;
  abort(): void;
}

export interface NativeFetch {
  /** The response head. */
  response: Promise<NativeResponse>;
  /** The request body's writer, where `streaming` was true. */
  writer: NativeBodyWriter | null;
  abort(): void;
}

/** A WebSocket connection of the host. */
export interface NativeSocket {
  /** Begins to call back for each message, and last for the end. Once. */
  start(receive: (arrival: string | Uint8Array | NativeClosing) => void): void;
  /** Calls back for one of them. */
  next(receive: (arrival: string | Uint8Array | NativeClosing) => void): void;
  send(data: string | Uint8Array): void;
  /** Calls back once another message fits; never where the connection ends before. */
  room(ready: () => void): void;
  close(code: number | null, reason: string): void;
  /** Bytes that the network has not taken yet. */
  buffered(): number;
}

export interface NativeClosing {
  /** 1005 where the peer named none, 1006 where the connection was lost. */
  code: number;
  reason: string;
  wasClean: boolean;
  /** What went wrong, if anything. */
  error: string | null;
}

export interface NativeHandshake {
  status: number;
  headers: string[];
  /** There where the status is 101. */
  socket: NativeSocket | null;
  /** The beginning of any other answer. */
  body: Uint8Array;
}

export interface NativeResponse {
  status: number;
  /** Byte string. */
  statusText: string;
  headers: string[];
  body: NativeBody | null;
}

export interface NativeService {
  /** [run time] As `fetch` of the network. What the worker that is called threw is the rejection. */
  fetch: Native["fetch"];
  /** [run time] Starts an instance of the worker that is called. */
  connect(): NativeChannel;
}

/** One side of a conversation. Errors have the `code` `closed` at its end, with the reason where the other side failed, and `limit`. */
export interface NativeChannel {
  send(text: string, blobs: Uint8Array[]): void;
  receive(): Promise<[text: string, ...blobs: Uint8Array[]]>;
  close(): void;
}

export interface NativeCacheWriter {
  writer: NativeBodyWriter;
  /** Throws where the body, which was written whole, could not be stored. */
  check(): void;
}

/** Name of an entrypoint, null for the default one, and JSON for `ctx.props`. */
export type Whom = [name: string | null, props: string | null];

export type SqlValue = null | number | bigint | string | Uint8Array;

export interface NativeDatabase {
  query(statements: { sql: string; params: SqlValue[] }[]): Promise<NativeResultSet[]>;
  exec(sql: string): { count: number; durationMs: number };
}

export interface NativeResultSet {
  columns: string[];
  rows: SqlValue[][];
  meta: {
    durationMs: number;
    changes: number;
    lastRowId: number;
    changedDb: boolean;
    sizeAfter: number;
    rowsRead: number;
    rowsWritten: number;
  };
}

/**
 * What the prelude gives back: the engine calls these. The prelude's script value is an object of this shape.
 */
export interface Prelude {
  /** Takes the module namespace of the worker after its evaluation. Throws when it has no handler. */
  register(namespace: Record<string, unknown>): void;
  /** Before and after the worker's top level runs: the build-time guards (Date, Math.random, …) go up and down. */
  beginEvaluation(): void;
  endEvaluation(): void;
  /** Hands a request to the worker's `fetch` handler while it is built, and takes its answer. `headers` is a flat list name, value. */
  warmUp(method: string, url: string, headers: string[], body?: string): Promise<void>;
  /** A promise was rejected and has no handler after all jobs; true where an event listener took care of it, else the engine logs it. */
  unhandledRejection(promise: object, reason: unknown): boolean;
  /** One of those got a handler. */
  rejectionHandled(promise: object, reason: unknown): boolean;
  /** As `fetch`, of any entrypoint. */
  fetchFrom(whom: Whom, method: string, url: string, body: string | Uint8Array | NativeBody | null, env: string[]): void;
  /** Runs the handler of an event (`argument` in sdk/engine/src/events.rs); ends in native.complete. */
  event(kind: string, event: never, env: string[]): void;
  /** What the handler of the event has decided (`Kind::outcome` there). */
  outcome(): object;
  /** Serves the calls of another worker: holds the invocation until the conversation ends. */
  serve(whom: Whom, channel: NativeChannel, env: string[]): void;
  /** Serves one request: ends in native.respond*, or native.fail. `env` is a flat list name, kind, value: kinds text, json, secret, binding. */
  fetch(method: string, url: string, body: string | Uint8Array | NativeBody | null, env: string[]): void;
  /** The default export of `ouro:internal`, which only modules that Ouro provides may import. */
  internal: object;
}
