/** `node:diagnostics_channel`. */
import { checkFunction, invalidArgType } from "./internal/errors";

type Name = string | symbol;
type Subscriber = (message: unknown, name: Name) => void;
interface Storage {
  run<R>(store: unknown, callback: () => R): R;
}
type Transform = ((data: unknown) => unknown) | undefined;

const channels = new Map<Name, Channel>();

export class Channel {
  readonly name: Name;
  #subscribers: Subscriber[] = [];
  readonly #stores = new Map<Storage, Transform>();

  constructor(name: Name) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        // A subscriber's mistake must not reach who publishes.
        (globalThis as unknown as { reportError(error: unknown): void }).reportError(error);
      }
    }
  }

  subscribe(subscriber: Subscriber): void {
    checkFunction("subscription", subscriber);
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const left = this.#subscribers.filter((other) => other !== subscriber);
    const found = left.length < this.#subscribers.length;
    this.#subscribers = left;
    return found;
  }

  bindStore(storage: Storage, transform?: Transform): void {
    this.#stores.set(storage, transform);
  }

  unbindStore(storage: Storage): boolean {
    return this.#stores.delete(storage);
  }

  runStores<R>(data: unknown, callback: (...args: never[]) => R, thisArg?: unknown, ...args: unknown[]): R {
    let run = (): R => {
      this.publish(data);
      return callback.apply(thisArg, args as never[]);
    };
    for (const [storage, transform] of this.#stores) {
      const inner = run;
      run = () => storage.run(transform === undefined ? data : transform(data), inner);
    }
    return run();
  }
}

export function channel(name: Name): Channel {
  if (typeof name !== "string" && typeof name !== "symbol") throw invalidArgType("channel", "one of type string or symbol", name);
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new Channel(name)));
  return found;
}

export const hasSubscribers = (name: Name): boolean => channels.get(name)?.hasSubscribers ?? false;
export const subscribe = (name: Name, subscriber: Subscriber): void => channel(name).subscribe(subscriber);
export const unsubscribe = (name: Name, subscriber: Subscriber): boolean => channel(name).unsubscribe(subscriber);

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Events = Record<(typeof EVENTS)[number], Channel>;
type Context = Record<string, unknown>;
type Fn = (...args: never[]) => unknown;

export class TracingChannel implements Events {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(from: string | Events) {
    for (const event of EVENTS) {
      Object.defineProperty(this, event, { value: typeof from === "string" ? channel(`tracing:${from}:${event}`) : from[event], enumerable: true });
    }
  }

  get hasSubscribers(): boolean {
    return EVENTS.some((event) => this[event].hasSubscribers);
  }

  subscribe(subscribers: Partial<Record<keyof Events, Subscriber>>): void {
    for (const event of EVENTS) if (subscribers[event] !== undefined) this[event].subscribe(subscribers[event]);
  }

  unsubscribe(subscribers: Partial<Record<keyof Events, Subscriber>>): boolean {
    return EVENTS.filter((event) => subscribers[event] !== undefined).every((event) => this[event].unsubscribe(subscribers[event]!));
  }

  traceSync<F extends Fn>(callback: F, context: Context = {}, thisArg?: unknown, ...args: Parameters<F>): ReturnType<F> {
    return this.start.runStores(context, () => {
      try {
        const result = callback.apply(thisArg, args);
        context["result"] = result;
        return result as ReturnType<F>;
      } catch (error) {
        context["error"] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise<F extends Fn>(callback: F, context: Context = {}, thisArg?: unknown, ...args: Parameters<F>): Promise<unknown> {
    const settled = (key: "result" | "error", value: unknown): void => {
      context[key] = value;
      if (key === "error") this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        return Promise.resolve(callback.apply(thisArg, args)).then(
          (value) => {
            settled("result", value);
            return value;
          },
          (error: unknown) => {
            settled("error", error);
            throw error;
          },
        );
      } catch (error) {
        context["error"] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceCallback<F extends Fn>(callback: F, position = -1, context: Context = {}, thisArg?: unknown, ...args: unknown[]): unknown {
    const original = args.at(position) as Fn;
    checkFunction("callback", original);
    const traced = (...results: unknown[]): unknown => {
      const [error, result] = results;
      if (error) {
        context["error"] = error;
        this.error.publish(context);
      } else {
        context["result"] = result;
      }
      return this.asyncStart.runStores(context, () => {
        try {
          return original(...(results as never[]));
        } finally {
          this.asyncEnd.publish(context);
        }
      });
    };
    args.splice(position, 1, traced);
    return this.start.runStores(context, () => {
      try {
        return callback.apply(thisArg, args as never[]);
      } catch (error) {
        context["error"] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

export function tracingChannel(from: string | Events): TracingChannel {
  return new TracingChannel(from);
}

export default { Channel, channel, hasSubscribers, subscribe, unsubscribe, tracingChannel, TracingChannel };
