/** The global object itself: an EventTarget of the class that Cloudflare gives it, with `self`, `navigator`, `performance` and event handlers. */
import { exposeClasses, exposeGlobal } from "../expose";
import { addHandlerListener, ExtendableEvent, FetchEvent, ScheduledEvent } from "../handlers";
import { defineHandler, EventTarget, type Listener, type ListenerOptions } from "./events";
import { performance } from "./performance";
import { illegalUnless, INTERNAL } from "./webidl";

class Navigator {
  readonly #language = "en";

  constructor(token: unknown = undefined) {
    illegalUnless(token);
  }

  get userAgent(): string {
    void this.#language;
    // What libraries look for before they choose the code that works here.
    return "Cloudflare-Workers";
  }

  get language(): string {
    return this.#language;
  }

  get platform(): string {
    void this.#language;
    return "";
  }

  get hardwareConcurrency(): number {
    void this.#language;
    return 1;
  }
}
const navigator = new Navigator(INTERNAL);

class WorkerGlobalScope extends EventTarget {
  constructor(token: unknown = undefined) {
    illegalUnless(token);
    super();
  }
}

class ServiceWorkerGlobalScope extends WorkerGlobalScope {}

/** A name to ask for: a `tail` handler of a module gets the items themselves. */
class TailEvent extends ExtendableEvent {
  constructor(token: unknown = undefined) {
    illegalUnless(token);
    super("tail");
  }
}

/** A read-only attribute of the global object; assignment puts a plain property in its place ([Replaceable], Web IDL 3.3.13). */
function defineAttribute(name: string, value: unknown): void {
  const check = (receiver: unknown): void => {
    if ((receiver ?? globalThis) !== globalThis) throw new TypeError("Illegal invocation");
  };
  const accessors = {
    get [name]() {
      check(this);
      return value;
    },
    set [name](replacement: unknown) {
      check(this);
      Object.defineProperty(globalThis, name, { value: replacement, writable: true, enumerable: true, configurable: true });
    },
  };
  // What an engine defines by itself would hide it.
  Reflect.deleteProperty(globalThis, name);
  Object.defineProperty(WorkerGlobalScope.prototype, name, Object.getOwnPropertyDescriptor(accessors, name)!);
}

exposeClasses({ Navigator, WorkerGlobalScope, ServiceWorkerGlobalScope, ExtendableEvent, FetchEvent, ScheduledEvent, TailEvent });
defineAttribute("self", globalThis);
defineAttribute("navigator", navigator);
defineAttribute("performance", performance);
defineAttribute("origin", "null");
for (const type of ["error", "unhandledrejection", "rejectionhandled", "online", "offline", "languagechange"]) defineHandler(WorkerGlobalScope.prototype, type);
Object.setPrototypeOf(globalThis, ServiceWorkerGlobalScope.prototype);

// The events that the host sends are answered, not only heard of.
exposeGlobal("addEventListener", function (this: EventTarget, type: string, listener: Listener | null, _options: boolean | ListenerOptions | undefined = undefined): void {
  if (!addHandlerListener(type, listener)) EventTarget.prototype.addEventListener.apply(this, arguments as never);
});
