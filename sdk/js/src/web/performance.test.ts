import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { performance } from "./performance";
import type { PerformanceEntry } from "./performance-entry";

type List = { getEntries(): PerformanceEntry[] };
const { PerformanceObserver } = globalThis as unknown as {
  PerformanceObserver: new (callback: (list: List) => void) => { observe(options: object): void; disconnect(): void };
};

test("the clock is positive and goes in steps of 100 microseconds", () => {
  const time = performance.now();
  assert.ok(time > 0);
  assert.ok(Math.abs(time * 10 - Math.round(time * 10)) < 1e-6);
  assert.ok(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 50);
});

test("marks and measures are entries in the order of time", () => {
  performance.mark("b", { startTime: 20, detail: { x: 1 } });
  performance.mark("a", { startTime: 10 });
  const measure = performance.measure("m", "a", "b");
  assert.equal(measure.duration, 10);
  assert.deepEqual(performance.getEntriesByType("mark").map((entry) => entry.name), ["a", "b"]);
  assert.deepEqual(performance.getEntriesByName("b", "measure"), []);
  assert.throws(() => performance.measure("n", "nowhere"), { name: "SyntaxError" });
  assert.throws(() => performance.measure("n", { start: 1, end: 2, duration: 1 }), TypeError);
  performance.clearMarks("a");
  assert.equal(performance.getEntriesByType("mark").length, 1);
  performance.clearMarks();
  performance.clearMeasures();
  assert.equal(performance.getEntries().length, 0);
});

test("an observer gets what happens, and before where it asks for that", async () => {
  performance.mark("early");
  const names = await new Promise<string[]>((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries().map((entry) => entry.name));
    });
    observer.observe({ type: "mark", buffered: true });
    performance.mark("late");
  });
  assert.deepEqual(names, ["early", "late"]);
});
