/** The global object itself: `self`, `navigator`, and listeners on it. */
import { exposeGlobal } from "../expose";
import { addFetchListener } from "../handlers";
import type { Event, Listener, ListenerOptions } from "./events";
import { globalTarget } from "./report-error";

exposeGlobal("self", globalThis);
exposeGlobal("navigator", Object.freeze({ userAgent: "Ouro", language: "en", hardwareConcurrency: 1 }));

exposeGlobal("addEventListener", function addEventListener(type: string, listener: Listener | null, options?: boolean | ListenerOptions): void {
  if (type === "fetch") {
    if (listener !== null && listener !== undefined) addFetchListener(listener);
  } else {
    globalTarget.addEventListener(type, listener, options);
  }
});
exposeGlobal("removeEventListener", function removeEventListener(type: string, listener: Listener | null, options?: boolean): void {
  globalTarget.removeEventListener(type, listener, options);
});
exposeGlobal("dispatchEvent", function dispatchEvent(event: Event): boolean {
  return globalTarget.dispatchEvent(event);
});
