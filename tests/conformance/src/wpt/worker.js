// Runs one file of the Web Platform Tests in a fresh instance. The request names the scripts; the answer is what testharness.js found.
export default {
  async fetch(request) {
    const { url, harness, script, timeoutMs, asWorker } = await request.json();
    // As in a browser it belongs to the global object alone.
    Object.defineProperty(globalThis, "location", { configurable: true, enumerable: true, get: locationOf(new URL(url)) });
    globalThis.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
    resolveAgainst(url);
    // testharness.js must not see a service worker's scope, where it would wait for messages. idlharness.js asks what is exposed where
    // it runs, and workers have what a dedicated worker has.
    const { ServiceWorkerGlobalScope, WorkerGlobalScope } = globalThis;
    delete globalThis.ServiceWorkerGlobalScope;
    delete globalThis.WorkerGlobalScope;
    (0, eval)(harness);
    if (ServiceWorkerGlobalScope) define("ServiceWorkerGlobalScope", ServiceWorkerGlobalScope);
    if (WorkerGlobalScope) define("WorkerGlobalScope", WorkerGlobalScope);
    if (asWorker) define("DedicatedWorkerGlobalScope", class { static [Symbol.hasInstance](value) { return value === globalThis; } });
    if (script.includes("new WebAssembly.Memory(")) define("WebAssembly", { Memory });
    const tests = [];
    const done = new Promise((resolve) => {
      add_result_callback((test) => tests.push({ name: plain(test.name), status: test.status, message: plain(test.message) }));
      add_completion_callback((_, harness) => resolve({ status: harness.status, message: harness.message }));
    });
    let failure = null;
    try {
      (0, eval)(script);
    } catch (error) {
      failure = `${error}\n${error?.stack ?? ""}`;
    }
    // Ends what is still running with the status TIMEOUT.
    const timer = setTimeout(() => timeout(), failure === null ? timeoutMs : 200);
    const outcome = await done;
    clearTimeout(timer);
    if (failure !== null) Object.assign(outcome, { status: 1, message: plain(failure) });
    return Response.json({ ...outcome, tests });
  },
};

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}

function locationOf(url) {
  const location = { toString: () => url.href };
  for (const part of ["href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash"]) location[part] = url[part];
  return function () {
    if ((this ?? globalThis) !== globalThis) throw new TypeError("Illegal invocation");
    return location;
  };
}

// Workers have no WebAssembly; common/sab.js wants no more of it than the constructor of SharedArrayBuffer.
class Memory {
  constructor({ shared, initial }) {
    this.buffer = new (shared ? SharedArrayBuffer : ArrayBuffer)(initial * 65_536);
  }
}

// Lone surrogates, which some names have, are not to be had in every reader's JSON.
const plain = (text) => text?.toWellFormed();

// A worker has no base URL; the tests count on one.
function resolveAgainst(base) {
  const resolve = (input) => (typeof input === "object" && input !== null ? input : new URL(input, base).href);
  const first = (handler) => ({ [handler]: (target, ...rest) => {
    const index = handler === "construct" ? 0 : 1;
    const args = [...rest[index]];
    if (args.length > 0) {
      try {
        args[0] = resolve(args[0]);
      } catch {
        // What is no URL is the test's own matter.
      }
    }
    rest[index] = args;
    return Reflect[handler](target, ...rest);
  } });
  for (const name of ["Request", "EventSource", "WebSocket"]) {
    if (name in globalThis) {
      replace(globalThis, name, new Proxy(globalThis[name], first("construct")));
      replace(globalThis[name].prototype, "constructor", globalThis[name]);
    }
  }
  replace(globalThis, "fetch", new Proxy(globalThis.fetch, first("apply")));
  replace(Response, "redirect", new Proxy(Response.redirect, first("apply")));
}

function replace(object, name, value) {
  Object.defineProperty(object, name, { ...Object.getOwnPropertyDescriptor(object, name), value });
}
