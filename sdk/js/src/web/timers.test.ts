import { host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { AbortController } from "./abort";
import { clearTimeout, queueMicrotask, scheduler, setInterval, setTimeout } from "./timers";

test("a timer calls back once, with its arguments", async () => {
  const args = await new Promise((resolve) => setTimeout((...given) => resolve(given), 1, "a", 2));
  assert.deepEqual(args, ["a", 2]);
});

test("an interval goes on until it is cleared, from within too", async () => {
  let ticks = 0;
  await new Promise<void>((resolve) => {
    const id = setInterval(() => {
      if (++ticks < 3) return;
      clearTimeout(id);
      resolve();
    }, 1);
  });
  await scheduler.wait(5);
  assert.equal(ticks, 3);
});

test("clearing what never was does nothing", () => {
  for (const id of [undefined, 0, -1, 1e9, Number.NaN]) clearTimeout(id);
});

test("functions of the global object refuse another receiver", () => {
  const other = { setTimeout, clearTimeout, queueMicrotask };
  assert.throws(() => other.setTimeout(() => {}), { name: "TypeError", message: "Illegal invocation" });
  assert.throws(() => other.clearTimeout(1), { name: "TypeError", message: "Illegal invocation" });
  assert.throws(() => other.queueMicrotask(() => {}), { name: "TypeError", message: "Illegal invocation" });
  clearTimeout.call(globalThis, 1);
  clearTimeout.call(null, 1);
});

test("what a callback throws is reported", async () => {
  host.reset();
  queueMicrotask(() => {
    throw new Error("task");
  });
  await scheduler.wait(1);
  assert.match(host.lines[0]?.message ?? "", /Uncaught Error: task/);
  assert.throws(() => queueMicrotask("code" as never), TypeError);
});

test("scheduler.wait ends with its signal", async () => {
  const controller = new AbortController();
  const waiting = scheduler.wait(60_000, { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});
