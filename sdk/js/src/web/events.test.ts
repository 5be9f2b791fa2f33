import { host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { AbortController, AbortSignal } from "./abort";
import { CustomEvent } from "./event-classes";
import { Event, EventTarget } from "./events";

test("listeners run in order, once each, and can be removed", () => {
  const target = new EventTarget();
  const calls: string[] = [];
  const first = (): void => void calls.push("first");
  target.addEventListener("a", first);
  target.addEventListener("a", first);
  target.addEventListener("a", { handleEvent: () => calls.push("object") });
  target.addEventListener("a", () => calls.push("once"), { once: true });
  target.dispatchEvent(new Event("a"));
  target.removeEventListener("a", first);
  target.dispatchEvent(new Event("a"));
  assert.deepEqual(calls, ["first", "object", "once", "object"]);
});

test("preventDefault counts for cancelable events only", () => {
  const target = new EventTarget();
  target.addEventListener("a", (event) => event.preventDefault());
  assert.equal(target.dispatchEvent(new Event("a")), true);
  assert.equal(target.dispatchEvent(new CustomEvent("a", { cancelable: true, detail: 1 })), false);
});

test("what a listener throws is reported and stops nothing", () => {
  host.reset();
  const target = new EventTarget();
  let reached = false;
  target.addEventListener("a", () => {
    throw new Error("listener");
  });
  target.addEventListener("a", () => (reached = true));
  target.dispatchEvent(new Event("a"));
  assert.equal(reached, true);
  assert.match(host.lines[0]?.message ?? "", /^Uncaught Error: listener/);
});

test("a signal aborts once, with its reason, to listeners and onabort", () => {
  const controller = new AbortController();
  const calls: string[] = [];
  controller.signal.onabort = () => calls.push("on");
  controller.signal.addEventListener("abort", () => calls.push("listener"));
  controller.abort("why");
  controller.abort("again");
  assert.deepEqual(calls, ["on", "listener"]);
  assert.equal(controller.signal.reason, "why");
  assert.throws(() => controller.signal.throwIfAborted(), (reason) => reason === "why");
});

test("any follows the first signal that aborts", () => {
  const [a, b] = [new AbortController(), new AbortController()];
  const any = AbortSignal.any([a.signal, b.signal]);
  b.abort(2);
  a.abort(1);
  assert.equal(any.reason, 2);
  assert.equal(AbortSignal.any([any]).aborted, true);
});

test("timeout aborts with a TimeoutError", async () => {
  const signal = AbortSignal.timeout(1);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  assert.equal((signal.reason as Error).name, "TimeoutError");
});
