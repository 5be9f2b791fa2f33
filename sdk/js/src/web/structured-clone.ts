/** structuredClone (HTML 2.7): JavaScript's own types, cycles, and the transfer of ArrayBuffers. */
import { exposeGlobal } from "../expose";
import { Blob, blobOf, bytesOf, File, fileOf } from "./blob";
import { DOMException } from "./dom-exception";

export interface StructuredSerializeOptions {
  transfer?: Iterable<unknown>;
}

export function structuredClone<T>(value: T, options?: StructuredSerializeOptions): T {
  if (arguments.length === 0) throw new TypeError("`structuredClone` needs a value");
  const transfer = checkTransfer(options?.transfer);
  // Nothing moves before all is known to be cloneable: a first walk finds what is not.
  if (transfer.length > 0) new Cloner().clone(value);
  const cloner = new Cloner();
  for (const buffer of transfer) cloner.copies.set(buffer, buffer.transfer());
  return cloner.clone(value) as T;
}

class Cloner {
  /** Copies by their originals: keeps identity and ends cycles. */
  readonly copies = new Map<object, object>();

  clone(value: unknown): unknown {
    if (typeof value === "symbol" || typeof value === "function") throw notCloneable(value);
    if (typeof value !== "object" || value === null) return value;
    return this.copies.get(value) ?? this.cloneObject(value);
  }

  private cloneObject(value: object): object {
    if (Array.isArray(value)) return this.properties(value, this.remember(value, new Array(value.length)));
    if (isPlain(value)) return this.properties(value, this.remember(value, {}));
    if (value instanceof Map) return this.map(value);
    if (value instanceof Set) return this.set(value);
    if (value instanceof Error) return this.error(value);
    if (ArrayBuffer.isView(value)) return this.view(value);
    const copy = copyLeaf(value);
    if (copy !== null) return this.remember(value, copy);
    if (isPlatformObject(value)) throw notCloneable(value);
    // An instance of a class keeps its own properties and loses its class.
    return this.properties(value, this.remember(value, {}));
  }

  private remember<T extends object>(original: object, copy: T): T {
    this.copies.set(original, copy);
    return copy;
  }

  private properties<T extends object>(from: object, to: T): T {
    for (const key of Object.keys(from)) {
      const value = this.clone((from as Record<string, unknown>)[key]);
      Object.defineProperty(to, key, { value, writable: true, enumerable: true, configurable: true });
    }
    return to;
  }

  private map(value: Map<unknown, unknown>): object {
    const copy = this.remember(value, new Map<unknown, unknown>());
    for (const [key, item] of [...value]) copy.set(this.clone(key), this.clone(item));
    return copy;
  }

  private set(value: Set<unknown>): object {
    const copy = this.remember(value, new Set<unknown>());
    for (const item of [...value]) copy.add(this.clone(item));
    return copy;
  }

  /** Name (one of the standard's), message, stack and cause. */
  private error(value: Error): object {
    if (value instanceof DOMException) return this.remember(value, new DOMException(value.message, value.name));
    const target = this.remember(value, new (ERRORS[value.name] ?? Error)());
    const message = Object.getOwnPropertyDescriptor(value, "message");
    if (message !== undefined && "value" in message) hide(target, "message", String(message.value));
    if (typeof value.stack === "string") hide(target, "stack", value.stack);
    if ("cause" in value) hide(target, "cause", this.clone(value.cause));
    return target;
  }

  private view(value: ArrayBufferView): object {
    const buffer = this.clone(value.buffer) as ArrayBuffer;
    const length = value instanceof DataView ? value.byteLength : (value as unknown as { length: number }).length;
    return this.remember(value, new (viewConstructor(value))(buffer, value.byteOffset, length));
  }
}

const VIEWS: Record<string, ViewConstructor> = { DataView };
for (const array of Object.getOwnPropertyNames(globalThis).filter((name) => /^(Big|Uint|Int|Float)\w*Array$/.test(name))) {
  VIEWS[array] = (globalThis as unknown as Record<string, ViewConstructor>)[array]!;
}

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView;

const ERRORS: Record<string, ErrorConstructor> = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** Of the built-in classes, whatever a subclass says of itself. */
function viewConstructor(value: ArrayBufferView): ViewConstructor {
  const name = value instanceof DataView ? "DataView" : (value as unknown as Record<symbol, string>)[Symbol.toStringTag]!;
  return VIEWS[name]!;
}

/** Copies of what holds no other values; null for anything else. */
function copyLeaf(value: object): object | null {
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof ArrayBuffer) {
    if (value.detached) throw new DOMException("a detached ArrayBuffer could not be cloned", "DataCloneError");
    return value.slice(0);
  }
  if (value instanceof Boolean || value instanceof Number || value instanceof String) return Object(value.valueOf()) as object;
  if (value instanceof BigInt) return Object(value.valueOf()) as object;
  if (value instanceof File) return fileOf(value, value.name);
  if (value instanceof Blob) return blobOf(bytesOf(value), value.type);
  return null;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype && !(Symbol.toStringTag in value)) || prototype === null;
}

/** Objects with a state of their own that properties do not show. */
function isPlatformObject(value: object): boolean {
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef || value instanceof Symbol) return true;
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag];
  return typeof tag === "string" && tag in globalThis && tag !== "Object";
}

function checkTransfer(transfer: Iterable<unknown> | undefined): ArrayBuffer[] {
  const buffers = transfer === undefined ? [] : [...transfer];
  for (const buffer of buffers) {
    if (!(buffer instanceof ArrayBuffer)) throw new DOMException("only an ArrayBuffer can be transferred", "DataCloneError");
    if (buffer.detached) throw new DOMException("a detached ArrayBuffer cannot be transferred", "DataCloneError");
  }
  if (new Set(buffers).size !== buffers.length) throw new DOMException("an ArrayBuffer occurs twice in the transfer list", "DataCloneError");
  return buffers as ArrayBuffer[];
}

function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: false, configurable: true });
}

function notCloneable(value: unknown): DOMException {
  const what = typeof value === "symbol" ? String(value) : typeof value === "function" ? `the function \`${value.name}\`` : Object.prototype.toString.call(value);
  return new DOMException(`${what} could not be cloned`, "DataCloneError");
}

exposeGlobal("structuredClone", structuredClone);
