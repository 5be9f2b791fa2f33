/** `vi`: functions that record their calls, globals and variables that are put back, and the clock. */
import * as spies from "@vitest/spy";
import { realTimers, timers } from "./timers.js";

const globals = new Map();
const variables = new Map();

/** A worker is one bundle, whose modules are evaluated once in an instance: fresh ones are to be had by a fresh instance for each test. */
export const loader = { isFresh: false };

const needsLoader = (name) => () => {
  throw new Error(`\`vi.${name}\` needs a loader of modules; a worker is one bundle`);
};

/** Calls until nothing is thrown. */
async function until(body, options, isDone) {
  const { timeout = 1000, interval = 50 } = typeof options === "number" ? { timeout: options } : (options ?? {});
  const end = realTimers.Date.now() + timeout;
  for (;;) {
    let failure = new Error(`not so within ${timeout} ms`);
    try {
      const value = await body();
      if (isDone(value)) return value;
    } catch (error) {
      failure = error;
    }
    if (realTimers.Date.now() > end) throw failure;
    await new Promise((resolve) => realTimers.setTimeout(resolve, interval));
  }
}

const putBack = (saved, restore) => {
  for (const [name, value] of saved) restore(name, value);
  saved.clear();
  return vi;
};

export const vi = {
  ...timers,
  fn: spies.fn,
  spyOn: spies.spyOn,
  isMockFunction: spies.isMockFunction,
  mocked: (value) => value,
  hoisted: (make) => make(),
  clearAllMocks: () => (spies.clearAllMocks(), vi),
  resetAllMocks: () => (spies.resetAllMocks(), vi),
  restoreAllMocks: () => (spies.restoreAllMocks(), vi),
  stubGlobal(name, value) {
    if (!globals.has(name)) globals.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    return vi;
  },
  unstubAllGlobals: () => putBack(globals, (name, descriptor) => (descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name])),
  stubEnv(name, value) {
    const { env } = globalThis.process;
    if (!variables.has(name)) variables.set(name, env[name]);
    if (value === undefined) delete env[name];
    else env[name] = String(value);
    return vi;
  },
  unstubAllEnvs: () => putBack(variables, (name, value) => (value === undefined ? delete globalThis.process.env[name] : (globalThis.process.env[name] = value))),
  waitFor: (body, options) => until(body, options, () => true),
  waitUntil: (body, options) => until(body, options, Boolean),
  mock: needsLoader("mock"),
  doMock: needsLoader("doMock"),
  resetModules: () => (loader.isFresh ? vi : needsLoader("resetModules")()),
};
