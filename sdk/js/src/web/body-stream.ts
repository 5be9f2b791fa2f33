/**
 * Bodies as streams, made only when a worker touches one. A stream remembers what it was made of, so that one that is only
 * handed on (`new Response(request.body)`) goes back to its source and no chunk of it enters JavaScript.
 */
import type { NativeBody, NativeBodyWriter } from "../native";
import { type AbortSignal, onAbort } from "./abort";
import { concat, encodeUtf8 } from "./bytes";
import { isDisturbed, ReadableStream } from "./streams";
import { markHandled, then } from "./streams/promises";
import { readDefault, type ReadableStreamDefaultReader, type ReadRequest } from "./streams/readers";

export type Source = string | Uint8Array | NativeBody;

/** No chunk is read before somebody asks for one. What a worker does to `Object.prototype` is no matter of these streams. */
const WHEN_ASKED: { highWaterMark: number } = Object.assign(Object.create(null) as object, { highWaterMark: 0 });

type BodyStream = ReadableStream<Uint8Array> & { _source?: Source };

export function streamOf(source: Source): ReadableStream<Uint8Array> {
  const underlying = typeof source === "string" || source instanceof Uint8Array ? bytesSource(source) : nativeSource(source);
  const stream = new ReadableStream(underlying as never, WHEN_ASKED) as BodyStream;
  stream._source = source;
  return stream;
}

/** What CompressionStreams give is in a content coding, and a response with it is sent as it is. */
const codings = new WeakMap<object, string>();

export function setCoding(stream: object, coding: string): void {
  codings.set(stream, coding);
}

export function codingOf(stream: object): string | null {
  return codings.get(stream) ?? null;
}

/** What a stream that nobody has touched was made of; the stream is locked from then on. Null for any other stream. */
export function takeSource(stream: ReadableStream<Uint8Array>): Source | null {
  const source = (stream as BodyStream)._source;
  if (source === undefined || stream.locked || isDisturbed(stream)) return null;
  stream.getReader();
  return source;
}

/** The stream is well, but whoever takes its chunks is not: a client that went away. */
export class ConsumerGone extends Error {
  constructor(cause: unknown) {
    super("nobody takes the body any more", { cause });
  }
}

/**
 * Calls back for each chunk, one at a time, and answers with what `end` gives. Rejects for a chunk that is not a Uint8Array (Fetch, "read a body"). Chunks do not pass
 * through promises of `read`, whose results a worker's `Object.prototype.then` would get to see.
 */
function forEachChunk<T>(stream: ReadableStream<Uint8Array>, use: (chunk: Uint8Array) => Promise<void> | void, end: () => T): Promise<T> {
  const reader = stream.getReader() as unknown as ReadableStreamDefaultReader;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      markHandled(reader.cancel(error));
      reject(error as Error);
    };
    const request: ReadRequest = {
      chunk(chunk) {
        if (!(chunk instanceof Uint8Array)) return fail(new TypeError("a body stream may hold only Uint8Array chunks"));
        const pending = use(chunk);
        if (pending === undefined) next();
        else then(pending, next, (error) => fail(new ConsumerGone(error)));
      },
      close() {
        try {
          resolve(end());
        } catch (error) {
          reject(error as Error);
        }
      },
      error: reject,
    };
    // A stream that has chunks answers at once: what is then left of the stack is the limit, not the number of chunks.
    let reading = false;
    let again = false;
    const next = (): void => {
      again = true;
      if (reading) return;
      reading = true;
      while (again) {
        again = false;
        readDefault(reader, request);
      }
      reading = false;
    };
    next();
  });
}

/** Answers with what `use` makes of the whole. */
export function readAll<T>(stream: ReadableStream<Uint8Array>, use: (bytes: Uint8Array) => T): Promise<T> {
  const chunks: Uint8Array[] = [];
  return forEachChunk(
    stream,
    (chunk) => void chunks.push(chunk),
    () => use(concat(chunks)),
  );
}

/** Moves a body to the host; one of the host's own does not enter JavaScript. */
export async function pump(writer: NativeBodyWriter, content: NativeBody | ReadableStream<Uint8Array>): Promise<void> {
  if (!(content instanceof ReadableStream)) return writer.pipe(content);
  await forEachChunk(
    content,
    (chunk) => (chunk.length === 0 ? undefined : writer.write(chunk)),
    () => writer.finish(),
  );
}

/** A body that ends with the signal's reason as soon as it aborts. It goes through JavaScript. */
export function abortableStream(body: NativeBody, signal: AbortSignal): ReadableStream<Uint8Array> {
  const source = nativeSource(body);
  const pull = source.pull;
  let forget: () => void;
  source.start = (controller) => {
    forget = onAbort(signal, () => {
      body.cancel();
      controller.error(signal.reason);
    });
  };
  source.pull = async (controller) => {
    try {
      if (await pull(controller)) forget();
    } catch (error) {
      // The host tells of an interrupted read by an error of its own.
      if (!signal.aborted) throw error;
    }
  };
  return new ReadableStream(source as never, WHEN_ASKED);
}

interface ByteController {
  readonly byobRequest: { respond(bytes: number): void } | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}

interface ByteSource {
  __proto__: null;
  type: "bytes";
  start?(controller: ByteController): void;
  /** True at the end. */
  pull(controller: ByteController): Promise<boolean | void> | void;
  cancel?(): void;
}

function bytesSource(source: string | Uint8Array): ByteSource {
  return {
    __proto__: null,
    type: "bytes",
    pull(controller: ByteController) {
      const bytes = typeof source === "string" ? encodeUtf8(source) : source.slice();
      if (bytes.length > 0) controller.enqueue(bytes);
      close(controller);
    },
  };
}

function nativeSource(body: NativeBody): ByteSource {
  return {
    __proto__: null,
    type: "bytes",
    async pull(controller) {
      let chunk = await body.read();
      while (chunk !== null && chunk.length === 0) chunk = await body.read();
      if (chunk === null) close(controller);
      else controller.enqueue(chunk);
      return chunk === null;
    },
    cancel() {
      body.cancel();
    },
  };
}

/** A reader that brought its own buffer waits for an answer also at the end. */
function close(controller: ByteController): void {
  controller.close();
  controller.byobRequest?.respond(0);
}
