import assert from "node:assert/strict";
import { test } from "node:test";
import "./reflect";

test("Reflect.set takes null for a receiver", () => {
  const seen: unknown[] = [];
  const target = Object.create({
    set accessor(value: unknown) {
      seen.push(this, value);
    },
  }) as object;
  assert.equal(Reflect.set(target, "accessor", 1, null), true);
  assert.deepEqual(seen, [null, 1]);
  assert.equal(Reflect.set({ plain: 1 }, "plain", 2, null), false);
  assert.equal(Reflect.set({}, "absent", 2, null), false);
  assert.equal(Reflect.set(target, "own", 3), true);
  assert.deepEqual(Object.entries(target), [["own", 3]]);
  assert.equal(Reflect.set.length, 3);
});
