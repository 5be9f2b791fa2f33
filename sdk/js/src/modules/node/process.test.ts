import { fake, host } from "../../../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import prelude from "../../prelude";
import { console } from "../../web/console";
import { Response } from "../../web/response";
import type { ExecutionContext } from "../../execution-context";
import process from "./process";

beforeEach(() => host.reset());

const write = (to: "stdout" | "stderr", text: string): boolean => (process[to] as { write(text: string): boolean }).write(text);

// The first test: no invocation has ended yet.
test("clocks stand still at the top level", () => {
  host.building = true;
  prelude.beginEvaluation();
  try {
    assert.deepEqual([process.hrtime(), process.hrtime.bigint(), process.uptime()], [[0, 0], 0n, 0]);
    console.time();
    console.timeEnd();
    write("stdout", "at the top level");
  } finally {
    prelude.endEvaluation();
    host.building = false;
  }
  assert.equal(host.lines.pop()!.message, "at the top level");
  const warned = host.lines.filter(({ message }) => message.includes("at the top level")).map(({ message }) => message.split(" ")[0]);
  assert.deepEqual(warned, ["`process.hrtime()`", "`process.hrtime.bigint()`", "`process.uptime()`"]);
  assert.equal(host.lines.at(-1)!.message, "default: 0.000ms");
});

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

test("what is written without a line end is a line at the end of the invocation", async () => {
  const written = (): string[] => host.lines.map(({ level, message }) => `${level} ${message}`);
  let release!: () => void;
  prelude.register({
    default: {
      fetch(_request: unknown, _env: unknown, ctx: ExecutionContext) {
        write("stdout", "a");
        write("stderr", "error");
        write("stdout", "b\nc");
        ctx.waitUntil(new Promise<void>((resolve) => (release = resolve)));
        return new Response();
      },
    },
  });
  prelude.fetch("GET", "http://x/", null, []);
  assert.deepEqual(written(), ["2 ab"]);
  write("stdout", "d");
  release();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(written(), ["2 ab", "2 cd", "4 error"]);
  write("stdout", "late");
  assert.equal(written().at(-1), "2 late");
});

test("and before a failure", () => {
  prelude.register({
    default: {
      fetch() {
        write("stdout", "before");
        throw new Error("failed");
      },
    },
  });
  prelude.fetch("GET", "http://x/", null, []);
  assert.deepEqual(host.lines.map(({ message }) => message), ["before"]);
  assert.equal(host.failures.length, 1);
});
