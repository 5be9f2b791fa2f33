import { host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { format } from "node:util";
import { console, formatLog } from "./console";
import { inspect } from "./inspect";

beforeEach(() => host.reset());

const lines = (): string[] => host.lines.map((line) => line.message);

const circular: Record<string, unknown> = {};
circular["self"] = circular;

test("formats as Node does", () => {
  const samples: unknown[][] = [
    ["%s is %d years and %i days, %f", "x", "42", 42.9, "1.5"],
    ["%j %o", { a: 1 }, [1]].slice(0, 2),
    ["100%", 1],
    ["%% %s", "a", "extra", { b: 1 }],
    [1, "a", null, undefined, [1, "b"]],
    ["%s %s", "only one"],
    ["%s", { a: { b: { c: 1 } } }],
    ["%c styled", "color: red"],
    ["%s", { toString: () => "own" }],
    ["%o", [1, () => 1]],
    ["%O", { a: { b: { c: { d: 1 } } } }],
    ["%d %i %f %s", Symbol("a"), Symbol("b"), Symbol("c"), Symbol("d")],
    ["%d %i %f %s", -0, -0, -0, -0],
    ["%d %d %d %d", 1n, {}, [5], { valueOf: () => 7 }],
    ["%d %d %d %d", null, undefined, true, "0x10"],
    ["%j %j %j", circular, [circular], { list: [{ circular }] }],
    ["%j %j", undefined, () => {}],
  ];
  for (const sample of samples) assert.equal(formatLog(sample), format(...sample));
});

test("levels, groups and counters", () => {
  console.debug("d");
  console.group("g");
  console.warn("two\nlines");
  console.groupEnd();
  console.count();
  console.count();
  console.assert(true, "not shown");
  console.assert(false, "shown %d", 1);
  console.error("e");
  assert.deepEqual(host.lines.map((line) => line.level), [0, 2, 3, 2, 2, 4, 4]);
  assert.deepEqual(lines(), ["d", "g", "  two\n  lines", "default: 1", "default: 2", "Assertion failed: shown 1", "e"]);
});

test("what JSON cannot say is an error, but for what is circular", () => {
  assert.throws(() => formatLog(["%j", 1n]), TypeError);
  assert.throws(() => formatLog(["%j", { toJSON: () => assert.fail("no") }]), /no/);
});

test("arrays and tables of any length are printed", () => {
  const many = Array.from({ length: 200_000 }, (_, i) => i);
  assert.ok(inspect(many, 0, { maxArrayLength: null }).includes("199999"));
  assert.ok(inspect(Object.fromEntries(many.map((i) => [`k${i}`, i])), 0).includes("k199999"));
  console.table(many);
  assert.ok(lines()[0]!.includes("│ 199999  │ 199999 │"));
});

test("a table has a box", () => {
  console.table([{ a: 1, b: "x" }, { a: 2 }]);
  assert.equal(
    lines()[0],
    [
      "┌─────────┬───┬─────┐",
      "│ (index) │ a │ b   │",
      "├─────────┼───┼─────┤",
      "│ 0       │ 1 │ 'x' │",
      "│ 1       │ 2 │     │",
      "└─────────┴───┴─────┘",
    ].join("\n"),
  );
});

test("time without a label says so", () => {
  console.timeEnd("none");
  assert.deepEqual(lines(), ["No such label 'none' for console.time()"]);
});
