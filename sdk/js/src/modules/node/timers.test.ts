import "../../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import node from "node:timers";
import "../../prelude";
import ours from "./timers";

interface Timer extends Disposable {
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
}

test("timers say what was said of them, as Node's do", () => {
  for (const start of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const said = ({ [start]: make, clearTimeout: clear }: Record<string, (...args: never[]) => unknown>): boolean[] => {
      const timer = (make as (...args: unknown[]) => Timer)(() => {}, 1000);
      const seen = [timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef(), timer.unref() === timer];
      (clear as (timer: unknown) => void)(timer);
      timer[Symbol.dispose]();
      return [...seen, timer.hasRef()];
    };
    assert.deepEqual(said(ours as never), said(node as never), start);
  }
});

test("a timer that was disposed of does not ring", async () => {
  let rang = false;
  ours.setTimeout(() => (rang = true), 1)[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(rang, false);
});
