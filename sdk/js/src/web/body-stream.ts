/**
 * Bodies as streams, made only when a worker touches one. A stream remembers what it was made of, so that one that is only
 * handed on (`new Response(request.body)`) goes back to its source and no chunk of it enters JavaScript.
 */
import type { NativeBody, NativeBodyWriter } from "../native";
import { concat, encodeUtf8 } from "./bytes";
import { isDisturbed, ReadableStream } from "./streams";

export type Source = string | Uint8Array | NativeBody;

type BodyStream = ReadableStream<Uint8Array> & { _source?: Source };

export function streamOf(source: Source): ReadableStream<Uint8Array> {
  const underlying = typeof source === "string" || source instanceof Uint8Array ? bytesSource(source) : nativeSource(source);
  // No chunk is read before somebody asks for one.
  const stream = new ReadableStream(underlying as never, { highWaterMark: 0 }) as BodyStream;
  stream._source = source;
  return stream;
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

/** Calls back for each chunk, one at a time. Rejects for a chunk that is not a Uint8Array (Fetch, "read a body"). */
export async function forEachChunk(stream: ReadableStream<Uint8Array>, use: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError("a body stream may hold only Uint8Array chunks");
      await reader.cancel(error);
      throw error;
    }
    const pending = use(value);
    if (pending === undefined) continue;
    try {
      await pending;
    } catch (error) {
      reader.cancel(error).catch(() => {});
      throw new ConsumerGone(error);
    }
  }
}

export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await forEachChunk(stream, (chunk) => void chunks.push(chunk));
  return concat(chunks);
}

/** Moves a body to the host; one of the host's own does not enter JavaScript. */
export async function pump(writer: NativeBodyWriter, content: NativeBody | ReadableStream<Uint8Array>): Promise<void> {
  if (!(content instanceof ReadableStream)) return writer.pipe(content);
  await forEachChunk(content, (chunk) => (chunk.length === 0 ? undefined : writer.write(chunk)));
  writer.finish();
}

interface ByteController {
  readonly byobRequest: { respond(bytes: number): void } | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
}

function bytesSource(source: string | Uint8Array): object {
  return {
    type: "bytes",
    pull(controller: ByteController) {
      const bytes = typeof source === "string" ? encodeUtf8(source) : source.slice();
      if (bytes.length > 0) controller.enqueue(bytes);
      close(controller);
    },
  };
}

function nativeSource(body: NativeBody): object {
  return {
    type: "bytes",
    async pull(controller: ByteController) {
      let chunk = await body.read();
      while (chunk !== null && chunk.length === 0) chunk = await body.read();
      if (chunk === null) close(controller);
      else controller.enqueue(chunk);
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
