import { fake, host } from "../test/fake-native";
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import prelude from "./prelude";

const RealDate = Date;
const refused = /not allowed at the top level/;

beforeEach(() => {
  host.building = true;
  prelude.beginEvaluation();
});
afterEach(() => {
  prelude.endEvaluation();
  host.building = false;
});

function endTopLevel(): void {
  prelude.endEvaluation();
  host.building = false;
}

test("clocks stand still while the top level runs, and chance is fixed", () => {
  assert.equal(Date.now(), 0);
  assert.equal(new Date().getTime(), 0);
  assert.equal(new (new Date(5).constructor as DateConstructor)().getTime(), 0);
  assert.match(Date(), /1970/);
  assert.equal(performance.now(), 0);
  assert.equal(performance.timeOrigin, 0);
  const drawn = [Math.random(), Math.random(), Math.random()];
  assert.ok(drawn.every((value) => value >= 0 && value < 1) && new Set(drawn).size === 3);
  const warnings = host.lines.filter(({ message }) => message.includes("Math.random()"));
  assert.equal(warnings.length, 1);
});

test("secure randomness and I/O are refused while the top level runs", () => {
  assert.throws(() => crypto.randomUUID(), refused);
  assert.throws(() => crypto.getRandomValues(new Uint8Array(1)), refused);
  assert.throws(() => setTimeout(() => {}, 0), refused);
  assert.throws(() => void fetch("http://x/"), refused);
  assert.throws(() => fake.monotonicMs(), refused);
});

test("a date that is given its time works", () => {
  assert.equal(new Date(5).getTime(), 5);
  assert.equal(new Date(5) instanceof Date, true);
  assert.equal(Date.UTC(2020, 0), RealDate.UTC(2020, 0));
  assert.equal(Date.parse("1970-01-01T00:00:01Z"), 1000);
});

test("what was captured at the top level works at run time", () => {
  const CapturedDate = Date;
  const { now } = Date;
  const { random } = Math;
  class Stamp extends Date {
    label = "x";
  }
  endTopLevel();
  assert.ok(Math.abs(new CapturedDate().getTime() - RealDate.now()) < 1000);
  assert.ok(new CapturedDate() instanceof RealDate);
  assert.ok(Math.abs(now() - RealDate.now()) < 1000);
  assert.ok(random() < 1);
  assert.ok(new Stamp().getTime() > 0 && new Stamp() instanceof Stamp);
  assert.equal(typeof CapturedDate(), "string");
});

test("the real Date is back afterwards", () => {
  endTopLevel();
  assert.equal(Date, RealDate);
  assert.equal(new Date(0).constructor, RealDate);
});
