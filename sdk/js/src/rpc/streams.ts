/** Streams between workers: one side answers reads or writes, the other makes a stream of them. Each chunk waits for the one before it. */
import { ReadableStream, WritableStream } from "../web/streams";
import { markHandled } from "../web/streams/promises";
import { RpcTarget } from "./targets";

/** The end of a stream at the other side. It is let go of once, when the stream has ended in whichever way. */
export class Remote {
  #held = true;

  constructor(
    private readonly ask: (name: string, args: unknown[]) => Promise<unknown>,
    private readonly letGo: () => void,
  ) {}

  call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.ask(name, args);
  }

  /** The last call, after which nothing comes, or one whose failure ends the stream. */
  async ending(name: string, ...args: unknown[]): Promise<void> {
    try {
      await this.ask(name, args);
    } finally {
      this.release();
    }
  }

  release(): void {
    if (this.#held) this.letGo();
    this.#held = false;
  }
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
    markHandled(this.#reader.cancel());
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

/** A stream of bytes stays one. */
export function readableFrom(remote: Remote, isBytes: boolean): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      type: isBytes ? "bytes" : undefined,
      async pull(controller) {
        try {
          const chunk = (await remote.call("read")) as unknown[];
          if (chunk.length > 0) return controller.enqueue(chunk[0] as Uint8Array);
        } catch (error) {
          remote.release();
          throw error;
        }
        remote.release();
        controller.close();
        // A reader that brought its own buffer waits for an answer also at the end.
        if (isBytes) controller.byobRequest?.respond(0);
      },
      cancel: (reason) => remote.ending("cancel", reason),
    },
    { highWaterMark: 0 },
  );
}

export function writableTo(remote: Remote): WritableStream<unknown> {
  return new WritableStream<unknown>({
    async write(chunk) {
      try {
        await remote.call("write", chunk);
      } catch (error) {
        remote.release();
        throw error;
      }
    },
    close: () => remote.ending("close"),
    abort: (reason) => remote.ending("abort", reason),
  });
}
