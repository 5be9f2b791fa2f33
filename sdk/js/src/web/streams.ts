/** Streams Standard: its classes as globals, and what other APIs use of them. */
import { exposeClasses } from "../expose";
import { ReadableByteStreamController } from "./streams/byte-controller";
import { ReadableStreamDefaultController } from "./streams/default-controller";
import { ReadableStreamBYOBRequest } from "./streams/pull-into";
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from "./streams/queue";
import { ReadableStream } from "./streams/readable-stream";
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from "./streams/readers";
import { TransformStream, TransformStreamDefaultController } from "./streams/transform-stream";
import { WritableStreamDefaultController } from "./streams/writable-controller";
import { WritableStream, WritableStreamDefaultWriter } from "./streams/writable-stream";

exposeClasses({
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBReader,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  ReadableStreamDefaultReader,
  TransformStream,
  TransformStreamDefaultController,
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
});

/** Was it read or cancelled? The standard keeps this to itself. */
export function isDisturbed(stream: ReadableStream<never> | ReadableStream): boolean {
  return stream._disturbed;
}

export function isByteStream(stream: ReadableStream): boolean {
  return stream._controller instanceof ReadableByteStreamController;
}

export { ReadableStream, TransformStream, WritableStream };
export { createTransform } from "./streams/transform-stream";
