/** Streams of Node.js from those of the Web, and the other way round. */
import type { Constructor, NodeReadable, NodeWritable, StreamModule } from "./stream-types";
import { invalidArgType } from "./errors";

interface WebReadable {
  getReader(): { read(): Promise<{ done: boolean; value?: unknown }>; cancel(reason?: unknown): Promise<void>; closed: Promise<void> };
}
interface WebWritable {
  getWriter(): { ready: Promise<void>; write(chunk: unknown): Promise<void>; close(): Promise<void>; abort(reason?: unknown): Promise<void> };
}
interface ReadableController {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly desiredSize: number | null;
}
interface Pair {
  readable: WebReadable;
  writable: WebWritable;
}

const scope = globalThis as unknown as {
  ReadableStream: new (source: object, strategy?: object) => WebReadable;
  WritableStream: new (sink: object, strategy?: object) => WebWritable;
};

const strategy = (objectMode: boolean, highWaterMark: number): object => (objectMode ? { highWaterMark, size: () => 1 } : { highWaterMark, size: (chunk: { byteLength?: number }) => chunk.byteLength ?? 1 });

/** Of a Buffer the Web gets plain bytes. */
function plain(chunk: unknown): unknown {
  return chunk instanceof Uint8Array ? new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength) : chunk;
}

export function adapters(stream: StreamModule): void {
  const { Readable, Writable, Duplex, finished } = stream;

  function readableToWeb(readable: NodeReadable): WebReadable {
    const closed = (controller: ReadableController) => (error?: unknown): void => {
      try {
        if (error) controller.error(error);
        else controller.close();
      } catch {
        // It was cancelled.
      }
    };
    return new scope.ReadableStream(
      {
        start(controller: ReadableController) {
          readable.pause();
          readable.on("data", (chunk: unknown) => {
            controller.enqueue(plain(chunk));
            if ((controller.desiredSize ?? 0) <= 0) readable.pause();
          });
          readable.pause();
          finished(readable, { writable: false }, closed(controller));
        },
        pull: () => void readable.resume(),
        cancel: (reason: unknown) => void readable.destroy(reason as Error),
      },
      strategy(readable.readableObjectMode, readable.readableHighWaterMark),
    );
  }

  function readableFromWeb(web: WebReadable, options: object = {}, Class: Constructor<NodeReadable> = Readable): NodeReadable {
    if (!(web instanceof scope.ReadableStream)) throw invalidArgType("readableStream", "an instance of ReadableStream", web);
    const reader = web.getReader();
    let ended = false;
    const readable = new Class({
      ...options,
      read(this: NodeReadable) {
        reader.read().then(
          ({ done, value }) => {
            ended ||= done;
            this.push(done ? null : value);
          },
          (error: unknown) => this.destroy(error),
        );
      },
      destroy(error: unknown, callback: (error: unknown) => void) {
        const done = (): void => callback(error);
        if (ended) done();
        else reader.cancel(error).then(done, done);
      },
    });
    return readable;
  }

  function writableToWeb(writable: NodeWritable): WebWritable {
    let drained: { resolve(): void; reject(error: unknown): void } | null = null;
    const { writableObjectMode, writableHighWaterMark } = writable;
    return new scope.WritableStream(
      {
        start(controller: { error(reason: unknown): void }) {
          writable.on("drain", () => drained?.resolve());
          finished(writable, { readable: false }, (error: unknown) => {
            drained?.reject(error);
            if (error) controller.error(error);
          });
        },
        write(chunk: unknown) {
          if (writable.write(chunk)) return undefined;
          return new Promise<void>((resolve, reject) => (drained = { resolve, reject }));
        },
        close: () => new Promise<void>((resolve) => writable.end(resolve)),
        abort: (reason: unknown) => void writable.destroy(reason),
      },
      strategy(writableObjectMode, writableHighWaterMark),
    );
  }

  function writing(web: WebWritable): object {
    const writer = web.getWriter();
    let closed = false;
    return {
      write(chunk: unknown, _encoding: unknown, callback: (error?: unknown) => void) {
        writer.ready.then(() => writer.write(plain(chunk))).then(() => callback(), callback);
      },
      final(callback: (error?: unknown) => void) {
        closed = true;
        writer.close().then(() => callback(), callback);
      },
      destroy(error: unknown, callback: (error: unknown) => void) {
        const done = (): void => callback(error);
        if (closed && !error) done();
        else writer.abort(error).then(done, done);
      },
    };
  }

  function writableFromWeb(web: WebWritable, options: object = {}): NodeWritable {
    if (!(web instanceof scope.WritableStream)) throw invalidArgType("writableStream", "an instance of WritableStream", web);
    // Text arrives as bytes, as from Node.js.
    return new Writable({ ...options, ...writing(web) });
  }

  function duplexFromWeb(pair: Pair, options: object = {}): object {
    const from = readableFromWeb(pair.readable, options);
    const to = writing(pair.writable);
    const duplex = new Duplex({ ...options, ...to, read: () => void from.resume() });
    from.on("data", (chunk: unknown) => {
      if (!duplex.push(chunk)) from.pause();
    });
    from.on("end", () => duplex.push(null));
    from.on("error", (error: unknown) => duplex.destroy(error));
    from.pause();
    return duplex;
  }

  Object.assign(Readable, { toWeb: readableToWeb, fromWeb: (web: WebReadable, options?: object) => readableFromWeb(web, options) });
  Object.assign(Writable, { toWeb: writableToWeb, fromWeb: writableFromWeb });
  Object.assign(Duplex, {
    toWeb: (duplex: NodeReadable & NodeWritable): Pair => ({ readable: readableToWeb(duplex), writable: writableToWeb(duplex) }),
    fromWeb: duplexFromWeb,
  });
}
