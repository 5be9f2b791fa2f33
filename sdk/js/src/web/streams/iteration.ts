/** Streams as asynchronous iterables, and iterables as streams (Streams 4.2.4, 4.2.5; Web IDL 3.7.10). */
import { isObject } from "../webidl";
import { Deferred, rejected, resolved, then } from "./promises";
import { cancelReadable, createReadable, type ReadableStream } from "./readable-stream";
import { readDefault, ReadableStreamDefaultReader, releaseReader } from "./readers";
import { closeController, enqueueChunk, type ReadableStreamDefaultController } from "./default-controller";

const asyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype) as object;

/** The state of an iterator is no property of it. */
const states = new WeakMap<object, Iteration>();

interface Iteration {
  reader: ReadableStreamDefaultReader;
  preventCancel: boolean;
  /** Calls run one after the other. */
  last: Promise<unknown> | undefined;
  finished: boolean;
}

export function iterate<R>(stream: ReadableStream<R>, preventCancel: boolean): AsyncIterableIterator<R> {
  const iterator = Object.create(iteratorPrototype) as AsyncIterableIterator<R>;
  const reader = new ReadableStreamDefaultReader(stream as ReadableStream);
  states.set(iterator, { reader, preventCancel, last: undefined, finished: false });
  return iterator;
}

const iteratorPrototype = Object.create(asyncIteratorPrototype, {
  next: {
    value: function next(this: object): Promise<IteratorResult<unknown>> {
      return inTurn(this, nextStep);
    },
    writable: true,
    enumerable: true,
    configurable: true,
  },
  return: {
    value: function (this: object, value: unknown): Promise<IteratorResult<unknown>> {
      return inTurn(this, (iteration) => returnStep(iteration, value));
    },
    writable: true,
    enumerable: true,
    configurable: true,
  },
  [Symbol.toStringTag]: { value: "ReadableStream AsyncIterator", configurable: true },
}) as object;
Object.defineProperty((iteratorPrototype as { return: object }).return, "name", { value: "return", configurable: true });

function inTurn(iterator: object, step: (iteration: Iteration) => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
  const iteration = states.get(iterator);
  if (iteration === undefined) return rejected(new TypeError("Illegal invocation"));
  const { last } = iteration;
  const run = (): Promise<IteratorResult<unknown>> => step(iteration);
  const result = last === undefined ? run() : then(last, run, run);
  iteration.last = result;
  const settled = (): void => {
    if (iteration.last === result) iteration.last = undefined;
  };
  then(result, settled, settled);
  return result;
}

function nextStep(iteration: Iteration): Promise<IteratorResult<unknown>> {
  if (iteration.finished) return resolved({ value: undefined, done: true });
  const answer = new Deferred<IteratorResult<unknown>>();
  readDefault(iteration.reader, {
    chunk: (value) => answer.resolve({ value, done: false }),
    close: () => {
      iteration.finished = true;
      releaseReader(iteration.reader);
      answer.resolve({ value: undefined, done: true });
    },
    error: (error) => {
      iteration.finished = true;
      releaseReader(iteration.reader);
      answer.reject(error);
    },
  });
  return answer.promise;
}

function returnStep(iteration: Iteration, value: unknown): Promise<IteratorResult<unknown>> {
  const result = { value, done: true as const };
  if (iteration.finished) return resolved(result);
  iteration.finished = true;
  const { reader } = iteration;
  const cancelled = iteration.preventCancel ? resolved(undefined) : cancelReadable(reader._stream!, value);
  releaseReader(reader);
  return then(cancelled, () => result);
}

interface AnyIterator {
  next(): unknown;
  return?: unknown;
}

/** "ReadableStreamFromIterable" (4.9.1). */
export function fromIterable<T>(iterable: Iterable<T> | AsyncIterable<T>): ReadableStream<T> {
  const { iterator, next, sync } = iteratorOf(iterable);
  let controller: ReadableStreamDefaultController;
  return createReadable<T>(
    {
      start: (made) => void (controller = made),
      pull() {
        return then(attempt(() => Reflect.apply(next, iterator, [])), (result) => {
          if (!isObject(result)) throw new TypeError("the iterator's result is no object");
          const { done } = result as IteratorResult<unknown>;
          if (done) return closeController(controller);
          const { value } = result as IteratorResult<unknown>;
          return sync ? then(resolved(value), (chunk) => enqueueChunk(controller, chunk)) : enqueueChunk(controller, value);
        });
      },
      cancel: (reason) => {
        try {
          const method = iterator.return;
          if (method === undefined || method === null) return resolved(undefined);
          if (typeof method !== "function") throw new TypeError("the iterator's `return` is no function");
          return then(attempt(() => Reflect.apply(method, iterator, [reason]) as unknown), (result) => {
            if (!isObject(result)) throw new TypeError("the iterator's result is no object");
          });
        } catch (error) {
          return rejected(error);
        }
      },
    },
    0,
  );
}

function attempt(call: () => unknown): Promise<unknown> {
  try {
    return resolved(call());
  } catch (error) {
    return rejected(error);
  }
}

function iteratorOf(iterable: unknown): { iterator: AnyIterator; next: () => unknown; sync: boolean } {
  const object = iterable as Record<symbol, unknown> | null | undefined;
  let method = object?.[Symbol.asyncIterator];
  const sync = method === undefined || method === null;
  if (sync) method = object?.[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError("`ReadableStream.from` takes an iterable");
  const iterator = Reflect.apply(method, iterable, []) as AnyIterator;
  if (!isObject(iterator)) throw new TypeError("the iterator is no object");
  return { iterator, next: iterator.next, sync };
}
