/** structuredClone (HTML 2.7): JavaScript's own types by their internal class, platform objects by what they registered here. */
import { exposeFunctions, isPlatformObject } from "../expose";
import { native } from "../host";
import { blobOf, bytesOf, File, fileOf, isBlob } from "./blob";
import { DOMException, isDomException } from "./dom-exception";
import { need, toDictionary, toSequence } from "./webidl";

export interface StructuredSerializeOptions {
  transfer?: Iterable<object>;
}

/** How platform objects of one kind are copied: null for an object of another kind. */
export type Copier = (value: object) => object | null;

const copiers: Copier[] = [
  (value) => (isBlob(value) ? (value instanceof File ? fileOf(value, value.name) : blobOf(bytesOf(value), value.type)) : null),
  (value) => (isDomException(value) ? withStack(new DOMException(value.message, value.name), value) : null),
];

/** Makes a kind of platform object serializable. */
export function addCopier(copier: Copier): void {
  copiers.push(copier);
}

/** How platform objects of one kind move: the receiving object, and what makes it so once nothing can fail any more. */
export interface Transfer {
  readonly received: object;
  commit(): void;
}

type Mover = (value: object) => Transfer | null;

const movers: Mover[] = [(value) => (kindOf(value) === "ArrayBuffer" ? moveBuffer(value as ArrayBuffer) : null)];

/** Makes a kind of platform object transferable. */
export function addMover(mover: Mover): void {
  movers.push(mover);
}

export function structuredClone<T>(value: T, options: StructuredSerializeOptions | undefined = undefined): T {
  if (options === undefined) return native.cloneWhole(value, [], copyOther) as T;
  return cloneAndTransfer(value, transferOf(options)).value as T;
}

export function transferOf(options: StructuredSerializeOptions | undefined): object[] {
  const { transfer } = toDictionary(options, "the options");
  return transfer === undefined ? [] : toSequence(transfer, (item) => item as object, "`transfer`");
}

/** The copy, and what the transferred objects became, in their order. Nothing moves unless everything can be cloned. */
export function cloneAndTransfer(value: unknown, transfer: readonly object[]): { value: unknown; received: object[] } {
  if (new Set(transfer).size !== transfer.length) throw new DOMException("an object occurs twice in the transfer list", "DataCloneError");
  const transfers = transfer.map(prepare);
  const copy = native.cloneWhole(value, transfer.flatMap((item, index) => [item, transfers[index]!.received]), copyOther);
  for (const prepared of transfers) prepared.commit();
  return { value: copy, received: transfers.map((prepared) => prepared.received) };
}

function prepare(item: unknown): Transfer {
  if (typeof item === "object" && item !== null) {
    for (const mover of movers) {
      const prepared = mover(item);
      if (prepared !== null) return prepared;
    }
  }
  throw new DOMException("only an ArrayBuffer, a MessagePort and the like can be transferred", "DataCloneError");
}

/** The bytes are copied and the original detached: views on the new buffer must exist before anything moves. */
function moveBuffer(buffer: ArrayBuffer): Transfer {
  const received = copyBuffer(buffer);
  const commit = (): void => {
    new Uint8Array(received).set(new Uint8Array(buffer).subarray(0, received.byteLength));
    buffer.transfer(0);
  };
  return { received, commit };
}

/** The built-in classes by the numbers that the engine gives to them. */
const KINDS = new Map<number, string>();
const samples: Record<string, object> = {
  Object: {},
  Arguments: (function (..._: unknown[]) {
    return arguments;
  })(),
  Error: new Error(),
  Number: Object(0) as object,
  String: Object("") as object,
  Boolean: Object(false) as object,
  BigInt: Object(0n) as object,
  Date: new Date(0),
  RegExp: /(?:)/,
  Map: new Map(),
  Set: new Set(),
  ArrayBuffer: new ArrayBuffer(0),
  DataView: new DataView(new ArrayBuffer(0)),
};
for (const [kind, sample] of Object.entries(samples)) KINDS.set(native.classId(sample), kind);

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView & { length?: number };

const VIEWS = new Map<string, ViewConstructor>([["DataView", DataView as ViewConstructor]]);
for (const name of Object.getOwnPropertyNames(globalThis).filter((name) => /^(Big|Uint|Int|Float)\w*Array$/.test(name))) {
  const View = (globalThis as unknown as Record<string, ViewConstructor>)[name]!;
  VIEWS.set(name, View);
  KINDS.set(native.classId(new View(new ArrayBuffer(0), 0)), name);
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as { keys(): unknown };

function kindOf(value: object): string | undefined {
  return KINDS.get(native.classId(value));
}

const ERRORS: Record<string, ErrorConstructor> = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

const inner = (value: unknown): unknown => native.cloneInner(value, copyOther);

function remember<T extends object>(original: object, copy: T): T {
  native.cloneRemember(original, copy);
  return copy;
}

/** The copy of anything but primitives, ordinary objects and arrays, which the engine makes itself. */
function copyOther(value: unknown): object {
  if (typeof value !== "object" || value === null) throw notCloneable(value);
  const kind = kindOf(value);
  switch (kind) {
    case "Object":
    case "Arguments":
      return isPlatformObject(value) ? copyPlatform(value) : copyInstance(value);
    case "Map":
      return copyMap(value as Map<unknown, unknown>);
    case "Set":
      return copySet(value as Set<unknown>);
    case "Error":
      return isDomException(value) ? copyPlatform(value) : copyError(value as Error);
    case undefined:
      throw notCloneable(value);
    default:
      return VIEWS.has(kind) ? copyView(value as ArrayBufferView, VIEWS.get(kind)!) : remember(value, copyLeaf(value, kind));
  }
}

function copyPlatform(value: object): object {
  for (const copier of copiers) {
    const copy = copier(value);
    if (copy !== null) return remember(value, copy);
  }
  throw notCloneable(value);
}

/** An instance of a worker's class keeps its own properties and loses its class. */
function copyInstance(value: object): object {
  const copy = remember(value, {} as Record<string, unknown>);
  for (const key of Object.keys(value)) {
    // One that an earlier getter deleted is gone.
    if (!Object.hasOwn(value, key)) continue;
    const item = inner((value as Record<string, unknown>)[key]);
    Object.defineProperty(copy, key, { value: item, writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function copyMap(value: Map<unknown, unknown>): object {
  const copy = remember(value, new Map<unknown, unknown>());
  const entries: [unknown, unknown][] = [];
  Map.prototype.forEach.call(value, (item, key) => entries.push([key, item]));
  for (const [key, item] of entries) copy.set(inner(key), inner(item));
  return copy;
}

function copySet(value: Set<unknown>): object {
  const copy = remember(value, new Set<unknown>());
  const items: unknown[] = [];
  Set.prototype.forEach.call(value, (item) => items.push(item));
  for (const item of items) copy.add(inner(item));
  return copy;
}

/** Name (one of the standard's), message, stack and cause. */
function copyError(value: Error): object {
  const { name } = value;
  const target = remember(value, new ((Object.hasOwn(ERRORS, name) ? ERRORS[name] : undefined) ?? Error)());
  const message = Object.getOwnPropertyDescriptor(value, "message");
  if (message !== undefined && "value" in message) hide(target, "message", String(message.value));
  if (Object.hasOwn(value, "cause")) hide(target, "cause", inner(value.cause));
  return withStack(target, value);
}

function copyView(value: ArrayBufferView & { length?: number }, View: ViewConstructor): object {
  const { offset, length } = boundsOf(value);
  const tracks = isLengthTracking(value);
  const buffer = inner(value.buffer) as ArrayBuffer;
  return remember(value, tracks ? new View(buffer, offset) : new View(buffer, offset, length));
}

/** Throws for a view whose buffer is detached, or too short for it by now. */
function boundsOf(view: ArrayBufferView & { length?: number }): { offset: number; length: number } {
  try {
    if (view instanceof DataView) return { offset: view.byteOffset, length: view.byteLength };
    typedArray.keys.call(view);
    return { offset: view.byteOffset, length: view.length! };
  } catch {
    throw new DOMException("a view outside of its ArrayBuffer could not be cloned", "DataCloneError");
  }
}

/** Does the view grow with its buffer? JavaScript can only try: the buffer changes its size for a moment. */
function isLengthTracking(view: ArrayBufferView): boolean {
  const buffer = view.buffer as ArrayBuffer & { resizable?: boolean; resize(length: number): void; maxByteLength: number };
  if (buffer.resizable !== true) return false;
  const { byteLength } = buffer;
  const before = view.byteLength;
  if (byteLength + 8 <= buffer.maxByteLength) {
    buffer.resize(byteLength + 8);
    const grew = view.byteLength !== before;
    buffer.resize(byteLength);
    return grew;
  }
  if (view.byteOffset + before + 8 <= byteLength || before < 8) return false;
  const tail = new Uint8Array(buffer, byteLength - 8).slice();
  buffer.resize(byteLength - 8);
  // One of fixed length is now out of bounds, and some engines throw then.
  let shrank = false;
  try {
    shrank = view.byteLength === before - 8;
  } catch {}
  buffer.resize(byteLength);
  new Uint8Array(buffer, byteLength - 8).set(tail);
  return shrank;
}

/** Copies of what holds no other values. */
function copyLeaf(value: object, kind: string): object {
  switch (kind) {
    case "Date":
      return new Date(Date.prototype.getTime.call(value));
    case "RegExp":
      return new RegExp((value as RegExp).source, (value as RegExp).flags);
    case "ArrayBuffer":
      return copyBuffer(value as ArrayBuffer);
    case "Number":
      return Object(Number.prototype.valueOf.call(value)) as object;
    case "String":
      return Object(String.prototype.valueOf.call(value)) as object;
    case "Boolean":
      return Object(Boolean.prototype.valueOf.call(value)) as object;
    default:
      return Object(BigInt.prototype.valueOf.call(value)) as object;
  }
}

function copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (buffer.detached) throw new DOMException("a detached ArrayBuffer could not be cloned", "DataCloneError");
  const { resizable, maxByteLength } = buffer as ArrayBuffer & { resizable?: boolean; maxByteLength?: number };
  if (resizable !== true) return buffer.slice(0);
  const copy = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(buffer.byteLength, { maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

function withStack(copy: Error, original: Error): Error {
  if (typeof original.stack === "string") hide(copy, "stack", original.stack);
  return copy;
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

function notCloneable(value: unknown): DOMException {
  const what = typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
  return new DOMException(`${what} could not be cloned.`, "DataCloneError");
}

exposeFunctions({
  structuredClone(value: unknown, options: StructuredSerializeOptions | undefined = undefined) {
    need(arguments.length, 1, "structuredClone");
    return structuredClone(value, options);
  },
});
