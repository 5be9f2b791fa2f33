/** Streams between workers: one side answers reads or writes, the other makes a stream of them. Each chunk waits for the one before it. */
import { ReadableStream, WritableStream } from "../web/streams";
import { RpcTarget } from "./targets";

/** The end of a stream at the other side. */
export interface Remote {
  call(name: string, ...args: unknown[]): Promise<unknown>;
  release(): void;
}

export class ReadableTarget extends RpcTarget {
  readonly #reader: { read(): Promise<{ done: boolean; value: unknown }>; cancel(reason?: unknown): Promise<void> };

  constructor(stream: ReadableStream<unknown>) {
    super();
    this.#reader = stream.getReader() as never;
  }

  /** The next chunk in an array, which is empty at the end. */
  async read(): Promise<unknown[]> {
    const { done, value } = await this.#reader.read();
    return done ? [] : [value];
  }

  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  [Symbol.dispose](): void {
    this.#reader.cancel().catch(() => {});
  }
}

export class WritableTarget extends RpcTarget {
  readonly #writer: ReturnType<WritableStream<unknown>["getWriter"]>;

  constructor(stream: WritableStream<unknown>) {
    super();
    this.#writer = stream.getWriter();
  }

  write(chunk: unknown): Promise<void> {
    return this.#writer.write(chunk);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  abort(reason: unknown): Promise<void> {
    return this.#writer.abort(reason);
  }
}

export function readableFrom(remote: Remote): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        const chunk = (await remote.call("read").catch((error: unknown) => {
          remote.release();
          throw error;
        })) as unknown[];
        if (chunk.length > 0) return controller.enqueue(chunk[0]);
        remote.release();
        controller.close();
      },
      async cancel(reason) {
        await remote.call("cancel", reason);
        remote.release();
      },
    },
    { highWaterMark: 0 },
  );
}

export function writableTo(remote: Remote): WritableStream<unknown> {
  const end = async (name: string, ...args: unknown[]): Promise<void> => {
    await remote.call(name, ...args);
    remote.release();
  };
  return new WritableStream<unknown>({
    write: (chunk) => remote.call("write", chunk) as Promise<undefined>,
    close: () => end("close"),
    abort: (reason) => end("abort", reason),
  });
}
