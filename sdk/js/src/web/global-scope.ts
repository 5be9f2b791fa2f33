/** The global object itself: an EventTarget, with `self`, `navigator` and event handlers. */
import { exposeFunctions, exposeGlobal } from "../expose";
import { addFetchListener } from "../handlers";
import { defineHandler, EventTarget, type Listener, type ListenerOptions } from "./events";

exposeGlobal("self", globalThis);
exposeGlobal("navigator", Object.freeze({ userAgent: "Ouro", language: "en", hardwareConcurrency: 1 }));

const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;

exposeFunctions({
  addEventListener(this: EventTarget, type: string, listener: Listener | null, _options: boolean | ListenerOptions | undefined = undefined): void {
    if (type === "fetch" && listener !== null && listener !== undefined) addFetchListener(listener);
    else addEventListener.apply(this, arguments as never);
  },
  removeEventListener,
  dispatchEvent,
});
for (const type of ["error", "unhandledrejection", "rejectionhandled"]) defineHandler(globalThis, type);
