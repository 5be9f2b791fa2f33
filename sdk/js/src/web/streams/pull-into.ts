/** Buffers that wait to be filled (Streams 4.7.4) and the request that offers the first of them (4.8). */
import { enforced, isObject, need } from "../webidl";
import type { ReadableByteStreamController } from "./byte-controller";
import { illegal, illegalConstructor } from "./promises";

export interface PullInto {
  buffer: ArrayBuffer;
  bufferByteLength: number;
  byteOffset: number;
  byteLength: number;
  bytesFilled: number;
  minimumFill: number;
  elementSize: number;
  view: new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;
  /** Who asked; "none" once that reader is gone. */
  reader: "default" | "byob" | "none";
}

type ViewConstructor = PullInto["view"] & { BYTES_PER_ELEMENT?: number };

const VIEWS = new Map<string, ViewConstructor>();
for (const name of Object.getOwnPropertyNames(globalThis).filter((name) => /^(Big|Uint|Int|Float)\w*Array$/.test(name))) {
  VIEWS.set(name, (globalThis as unknown as Record<string, ViewConstructor>)[name]!);
}

/** The built-in class of a view, whatever class extends it. */
export function viewClass(view: ArrayBufferView): ViewConstructor {
  if (view instanceof Uint8Array) return Uint8Array;
  return VIEWS.get((view as unknown as Record<symbol, string>)[Symbol.toStringTag]!) ?? DataView;
}

const { transfer } = ArrayBuffer.prototype;

/** Takes the buffer away from whoever holds it. */
export function transferBuffer(buffer: ArrayBufferLike): ArrayBuffer {
  return transfer.call(buffer as ArrayBuffer);
}

/** What was filled, as the kind of view that was given. */
export function viewOf(pull: PullInto): ArrayBufferView {
  return new pull.view(transferBuffer(pull.buffer), pull.byteOffset, pull.bytesFilled / pull.elementSize);
}

/** Moves bytes of the queue into the buffer; true once it holds what was asked for at least, in whole elements. */
export function fillFrom(controller: ReadableByteStreamController, pull: PullInto): boolean {
  const most = Math.min(controller._total, pull.byteLength - pull.bytesFilled);
  const filled = pull.bytesFilled + most;
  const aligned = filled - (filled % pull.elementSize);
  const ready = aligned >= pull.minimumFill;
  let left = ready ? aligned - pull.bytesFilled : most;
  while (left > 0) {
    const head = controller._chunks.peek();
    const length = Math.min(left, head.byteLength);
    const target = pull.byteOffset + pull.bytesFilled;
    new Uint8Array(pull.buffer).set(new Uint8Array(head.buffer, head.byteOffset, length), target);
    if (length === head.byteLength) {
      controller._chunks.shift();
    } else {
      head.byteOffset += length;
      head.byteLength -= length;
    }
    controller._total -= length;
    pull.bytesFilled += length;
    left -= length;
  }
  return ready;
}

export class ReadableStreamBYOBRequest {
  /** Undefined once it was answered. */
  declare _byteController: ReadableByteStreamController | undefined;
  declare _view: Uint8Array | null;

  constructor() {
    throw illegalConstructor();
  }

  get view(): Uint8Array | null {
    if (!isRequest(this)) throw illegal();
    return this._view;
  }

  respond(bytesWritten: number): void {
    if (!isRequest(this)) throw illegal();
    need(arguments.length, 1, "respond");
    const bytes = enforced(bytesWritten, 0, Number.MAX_SAFE_INTEGER, "the number of bytes");
    const controller = controllerOf(this);
    if ((this._view!.buffer as ArrayBuffer).detached) throw new TypeError("the view's buffer is detached");
    controller._respond(bytes);
  }

  respondWithNewView(view: ArrayBufferView): void {
    if (!isRequest(this)) throw illegal();
    need(arguments.length, 1, "respondWithNewView");
    if (!ArrayBuffer.isView(view)) throw new TypeError("the answer must be a view of an ArrayBuffer");
    const controller = controllerOf(this);
    if ((view.buffer as ArrayBuffer).detached) throw new TypeError("the view's buffer is detached");
    controller._respondWithView(view);
  }
}

function isRequest(value: unknown): value is ReadableStreamBYOBRequest {
  return isObject(value) && (value as ReadableStreamBYOBRequest)._view !== undefined;
}

function controllerOf(request: ReadableStreamBYOBRequest): ReadableByteStreamController {
  if (request._byteController === undefined) throw new TypeError("the request was answered already");
  return request._byteController;
}
