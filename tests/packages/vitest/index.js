/**
 * Stands in for vitest inside a worker: suites, hooks, mocks, timers and vitest's own matchers. What needs a file system or a loader of
 * modules (`toMatchSnapshot`, `vi.mock`) throws, as `vi.resetModules` does where an instance runs more than one test. `run` runs what was
 * declared and answers with one result for each test.
 */
import { assert, assertType, expect, expectTypeOf } from "./expect.js";
import { vi } from "./mocks.js";
import { onTestFailed, onTestFinished, run } from "./run.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "./suites.js";

const it = test;
const suite = describe;
const vitest = vi;

export { afterAll, afterEach, assert, assertType, beforeAll, beforeEach, describe, expect, expectTypeOf, it, onTestFailed, onTestFinished, run, suite, test, vi, vitest };

// Suites are configured with vitest's `globals` more often than not.
Object.assign(globalThis, { afterAll, afterEach, assert, assertType, beforeAll, beforeEach, describe, expect, expectTypeOf, it, onTestFailed, onTestFinished, suite, test, vi, vitest });
