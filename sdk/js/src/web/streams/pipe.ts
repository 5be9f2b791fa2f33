/** "ReadableStreamPipeTo" (Streams 4.9.1). */
import { toDictionary } from "../webidl";
import { type AbortSignal, onAbort, toSignal } from "../abort";
import { Deferred, markHandled, resolved, then } from "./promises";
import { cancelReadable, type ReadableStream } from "./readable-stream";
import { readDefault, ReadableStreamDefaultReader, releaseReader } from "./readers";
import { abortWritable, closeQueuedOrInFlight, closeWithErrorPropagation, releaseWriter, type WritableStream, WritableStreamDefaultWriter, writeTo } from "./writable-stream";

export interface PipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

export function pipeOptions(value: unknown): Required<Omit<PipeOptions, "signal">> & { signal: AbortSignal | undefined } {
  const options = toDictionary<PipeOptions>(value as PipeOptions, "the options");
  const preventAbort = Boolean(options.preventAbort);
  const preventCancel = Boolean(options.preventCancel);
  const preventClose = Boolean(options.preventClose);
  const { signal } = options;
  return { preventAbort, preventCancel, preventClose, signal: signal === undefined ? undefined : toSignal(signal) };
}

export function pipe(source: ReadableStream, destination: WritableStream, options: ReturnType<typeof pipeOptions>): Promise<void> {
  return new Pipe(source, destination, options).done.promise;
}

type Action = () => Promise<unknown>;

class Pipe {
  readonly done = new Deferred<void>();
  private readonly reader: ReadableStreamDefaultReader;
  private readonly writer: WritableStreamDefaultWriter;
  private shuttingDown = false;
  private lastWrite: Promise<unknown> = resolved(undefined);
  private forgetSignal: () => void = () => {};

  constructor(
    private readonly source: ReadableStream,
    private readonly destination: WritableStream,
    private readonly options: ReturnType<typeof pipeOptions>,
  ) {
    this.reader = new ReadableStreamDefaultReader(source);
    this.writer = new WritableStreamDefaultWriter(destination);
    source._disturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.abort(signal.reason);
        return;
      }
      this.forgetSignal = onAbort(signal, () => this.abort(signal.reason));
    }
    this.watch();
    this.pump();
  }

  private abort(reason: unknown): void {
    const actions: Action[] = [];
    if (!this.options.preventAbort) {
      actions.push(() => (this.destination._writableState === "writable" ? abortWritable(this.destination, reason) : resolved(undefined)));
    }
    if (!this.options.preventCancel) {
      actions.push(() => (this.source._readableState === "readable" ? cancelReadable(this.source, reason) : resolved(undefined)));
    }
    this.shutDown(() => Promise.all(actions.map((action) => action())), { reason });
  }

  /** Errors and ends that come to either side, in the order in which the standard looks for them. */
  private watch(): void {
    const { source, destination, options } = this;
    whenErrored(source._readableState === "errored", this.reader._closed.promise, () => {
      const reason = source._error;
      this.shutDown(options.preventAbort ? undefined : () => abortWritable(destination, reason), { reason });
    });
    whenErrored(destination._writableState === "errored", this.writer._closed.promise, () => {
      const reason = destination._error;
      this.shutDown(options.preventCancel ? undefined : () => cancelReadable(source, reason), { reason });
    });
    const ended = (): void => this.shutDown(options.preventClose ? undefined : () => closeWithErrorPropagation(this.writer));
    if (source._readableState === "closed") ended();
    else then(this.reader._closed.promise, ended, () => {});
    if (closeQueuedOrInFlight(destination) || destination._writableState === "closed") {
      const reason = new TypeError("the destination was closed before everything was piped to it");
      this.shutDown(options.preventCancel ? undefined : () => cancelReadable(source, reason), { reason });
    }
  }

  /** Reads while the destination wants more. */
  private pump(): void {
    if (this.shuttingDown) return;
    if (this.destination._writableState === "writable" && !this.destination._backpressure) return this.read();
    then(
      this.writer._ready.promise,
      () => {
        if (!this.shuttingDown) this.read();
      },
      () => {},
    );
  }

  private read(): void {
    readDefault(this.reader, {
      chunk: (chunk) => {
        // Not within `enqueue`: the sink's `write` never runs before that has returned.
        this.lastWrite = then(resolved(undefined), () => this.write(chunk));
        markHandled(this.lastWrite);
      },
      close: () => {},
      error: () => {},
    });
  }

  private write(chunk: unknown): Promise<void> {
    if (this.writer._stream === undefined) return resolved(undefined);
    const written = writeTo(this.writer, chunk);
    this.pump();
    return written;
  }

  private shutDown(action: Action | undefined, failure?: { reason: unknown }): void {
    if (this.shuttingDown) return;
    this.shuttingDown = true;
    const act = (): void => {
      if (action === undefined) return this.finish(failure);
      then(
        action(),
        () => this.finish(failure),
        (reason) => this.finish({ reason }),
      );
    };
    if (this.destination._writableState === "writable" && !closeQueuedOrInFlight(this.destination)) this.afterWrites(act);
    else act();
  }

  /** Chunks that were read are written before anything ends. */
  private afterWrites(act: () => void): void {
    const { lastWrite } = this;
    const next = (): void => (lastWrite === this.lastWrite ? act() : this.afterWrites(act));
    then(lastWrite, next, next);
  }

  private finish(failure: { reason: unknown } | undefined): void {
    releaseWriter(this.writer);
    releaseReader(this.reader);
    this.forgetSignal();
    if (failure === undefined) this.done.resolve(undefined);
    else this.done.reject(failure.reason);
  }
}

function whenErrored(already: boolean, closed: Promise<void>, act: () => void): void {
  if (already) act();
  else then(closed, undefined, act);
}
