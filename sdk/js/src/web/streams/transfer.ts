/**
 * The transfer of streams (Streams 4.2.5, 5.2.5, 6.2.4). There is one realm here, so instead of a pair of message ports a transform stands
 * between both ends; each chunk is cloned in it, as a message would be.
 */
import { DOMException } from "../dom-exception";
import { addMover, structuredClone, type Transfer } from "../structured-clone";
import { markHandled } from "./promises";
import { pipe, pipeOptions } from "./pipe";
import { isReadableStream, type ReadableStream } from "./readable-stream";
import { createTransform, isTransformStream, TransformStream } from "./transform-stream";
import { isWritableStream, type WritableStream } from "./writable-stream";

function between(): TransformStream {
  return createTransform<unknown, unknown>({ transform: (chunk, controller) => controller.enqueue(structuredClone(chunk)) });
}

function moveReadable(stream: ReadableStream): Transfer {
  const { readable, writable } = between();
  return transfer(readable, () => connect(stream, writable), stream);
}

function moveWritable(stream: WritableStream): Transfer {
  const { readable, writable } = between();
  return transfer(writable, () => connect(readable, stream), stream);
}

function moveTransform(stream: TransformStream): Transfer {
  const readable = moveReadable(stream._readableSide);
  const writable = moveWritable(stream._writableSide);
  const received = Object.create(TransformStream.prototype) as TransformStream;
  received._readableSide = readable.received as ReadableStream;
  received._writableSide = writable.received as WritableStream;
  const commit = (): void => {
    readable.commit();
    writable.commit();
  };
  return { received, commit };
}

/** Its locks are looked at again once it is due: another item of the list may have taken the stream. */
function transfer(received: object, move: () => void, stream: ReadableStream | WritableStream): Transfer {
  const check = (): void => {
    const locked = isReadableStream(stream) ? stream._reader !== undefined : stream._writer !== undefined;
    if (locked) throw new DOMException("a locked stream cannot be transferred", "DataCloneError");
  };
  check();
  const commit = (): void => {
    check();
    move();
  };
  return { received, commit };
}

function connect(from: ReadableStream, to: WritableStream): void {
  markHandled(pipe(from, to, pipeOptions(undefined)));
}

addMover((value) => {
  if (isReadableStream(value)) return moveReadable(value);
  if (isWritableStream(value)) return moveWritable(value);
  return isTransformStream(value) ? moveTransform(value) : null;
});
