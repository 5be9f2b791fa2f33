import { host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import type { ErrorEvent, PromiseRejectionEvent } from "./event-classes";
import { rejectionHandled, unhandledRejection } from "./rejections";
import { report } from "./report-error";

type Scope = { onerror: unknown; onunhandledrejection: unknown; addEventListener(type: string, listener: (event: never) => void, options?: object): void };
const scope = globalThis as unknown as Scope & Record<string, { get?: unknown }>;

test("attributes of the global object take no other receiver", () => {
  assert.throws(() => (Object.create(globalThis) as { navigator: unknown }).navigator, TypeError);
  assert.equal((globalThis as { self?: unknown }).self, globalThis);
});

test("an error that nothing caught goes to the listeners with its place, and to the console unless one prevents that", () => {
  host.reset();
  const error = new RangeError("far");
  scope.addEventListener("error", (event: ErrorEvent) => (assert.equal(event.error, error), assert.equal(event.message, "Uncaught RangeError: far"), event.preventDefault()), { once: true });
  report(error);
  assert.equal(host.lines.length, 0);
  scope.onerror = (message: string, _file: string, line: number) => line > 0 && message === "Uncaught RangeError: far";
  report(error);
  assert.equal(host.lines.length, 0);
  scope.onerror = null;
  report(error);
  assert.equal(host.lines.length, 1);
});

test("a rejection is told, and that it was handled later", () => {
  const promise = Promise.resolve();
  const seen: unknown[] = [];
  scope.onunhandledrejection = (event: PromiseRejectionEvent) => (seen.push(event.reason), false);
  scope.addEventListener("rejectionhandled", (event: PromiseRejectionEvent) => seen.push(event.promise), { once: true });
  assert.equal(unhandledRejection(promise, "why"), true);
  rejectionHandled(promise, "why");
  rejectionHandled(promise, "why");
  assert.deepEqual(seen, ["why", promise]);
  scope.onunhandledrejection = null;
  assert.equal(unhandledRejection(Promise.resolve(), 1), false);
});
