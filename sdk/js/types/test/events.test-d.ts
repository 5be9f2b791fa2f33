/** Events, abort signals, timers, the global object and the console. */

class Progress extends EventTarget {
  advance(): boolean {
    return this.dispatchEvent(new CustomEvent("advance", { detail: { percent: 1 } }));
  }
}
const progress = new Progress();
progress.addEventListener("advance", { handleEvent: (event) => console.log(event.type, event.composedPath().length) }, { once: true, signal: AbortSignal.timeout(1) });
progress.removeEventListener("advance", null);
const custom = new CustomEvent("advance", { detail: 1 });
const detail: number = custom.detail;
// @ts-expect-error an attribute cannot be written
custom.detail = 2;
// @ts-expect-error an event has a type
new Event();
// @ts-expect-error an option of another name
new Event("a", { bubble: true });
const phase: 2 = Event.AT_TARGET;

const controller = new AbortController();
const signal: AbortSignal = AbortSignal.any([controller.signal, AbortSignal.abort("no")]);
signal.onabort = function (event) {
  console.log(this.aborted, event.type);
};
controller.abort(new DOMException("gone", "AbortError"));
const isSignal: boolean = (signal as object) instanceof AbortSignal;
signal.throwIfAborted();
// @ts-expect-error a reason may be anything
signal.reason.message;

const code: number = new DOMException("a", { name: "NotFoundError", cause: 1 }).code + DOMException.NOT_FOUND_ERR;

addEventListener("error", (event) => console.error(event.message, event.lineno, event.error));
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  event.promise.catch(() => {});
});
addEventListener("scheduled", (event) => {
  event.waitUntil(scheduler.wait(1));
  if (event.cron === "* * * * *") event.noRetry();
});
addEventListener("mine", (event) => console.log(event.timeStamp));
// @ts-expect-error of the host's event
addEventListener("fetch", (event) => event.respondWith("text"));
onerror = (message, file, line) => `${file}:${line}: ${message}` === "";
self.onunhandledrejection = null;
self.queueMicrotask(() => {});

const timer: number = setTimeout((a: string, b: number) => console.log(a, b), 1, "a", 2);
// @ts-expect-error arguments are checked
setTimeout((a: string) => console.log(a), 1, 2);
// @ts-expect-error text is not evaluated
setTimeout("console.log(1)", 1);
clearTimeout(timer);
clearInterval(setInterval(() => {}, 10));
clearTimeout(undefined);
await new Promise<void>((resolve) => setTimeout(resolve, 1));
await new Promise((resolve) => setTimeout(resolve, 1));
await scheduler.wait(1, { signal });
reportError(new Error("a"));

console.table([{ a: 1 }], ["a"]);
console.dir({}, { depth: null });
console.timeLog("a", 1, 2);
console.profile();

const agent: string = navigator.userAgent + navigator.language + navigator.hardwareConcurrency + origin;

export { agent, code, detail, isSignal, phase };
