import { fake, host } from "../../../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import prelude from "../../prelude";
import { console } from "../../web/console";
import process from "./process";

beforeEach(() => host.reset());

test("clocks go in steps of 100 microseconds", (t) => {
  t.mock.method(fake, "monotonicMs", () => 1234.56789);
  assert.deepEqual(process.hrtime(), [1, 234_600_000]);
  assert.deepEqual(process.hrtime([0, 900_000_000]), [0, 334_600_000]);
  assert.equal(process.hrtime.bigint(), 1_234_600_000n);
  assert.equal(process.uptime(), 1.2346);
  console.time();
  t.mock.method(fake, "monotonicMs", () => 1236.00001);
  console.timeEnd();
  assert.deepEqual(host.lines.map(({ message }) => message), ["default: 1.500ms"]);
});

test("clocks stand still at the top level", () => {
  host.building = true;
  prelude.beginEvaluation();
  try {
    assert.deepEqual([process.hrtime(), process.hrtime.bigint(), process.uptime()], [[0, 0], 0n, 0]);
    console.time();
    console.timeEnd();
  } finally {
    prelude.endEvaluation();
    host.building = false;
  }
  const warned = host.lines.filter(({ message }) => message.includes("at the top level")).map(({ message }) => message.split(" ")[0]);
  assert.deepEqual(warned, ["`process.hrtime()`", "`process.hrtime.bigint()`", "`process.uptime()`"]);
  assert.equal(host.lines.at(-1)!.message, "default: 0.000ms");
});
