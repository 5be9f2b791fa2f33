/** What Web IDL says of every class: layout, brands, conversions. */
import "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { Blob } from "./blob";
import { DOMException } from "./dom-exception";
import { Event } from "./events";
import { FormData } from "./form-data";
import { clamped, enforced, toEnum, toLongLong, toSequence, toText, toUsvText } from "./webidl";

type Class = { new (...args: never[]): object; prototype: object; name: string };

const scope = globalThis as unknown as Record<string, Class>;
const NAMES = "Event EventTarget CustomEvent ErrorEvent MessageEvent CloseEvent ProgressEvent PromiseRejectionEvent AbortController AbortSignal Blob File " +
  "FormData FileReader MessageChannel MessagePort DOMException PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver";

test("attributes and operations are enumerable and refuse what is no instance", () => {
  for (const name of NAMES.split(" ")) {
    const { prototype } = scope[name]!;
    assert.equal(Object.prototype.toString.call(prototype), `[object ${name}]`);
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key === "constructor" || "value" in descriptor && typeof descriptor.value !== "function") continue;
      assert.equal(descriptor.enumerable, true, `${name}.${key}`);
      if (descriptor.get !== undefined) assert.throws(() => descriptor.get!.call({}), TypeError, `${name}.${key}`);
    }
  }
});

test("objects show no properties of their own", () => {
  assert.deepEqual(Reflect.ownKeys(new Blob(["a"])), []);
  assert.deepEqual(Reflect.ownKeys(new FormData()), []);
  assert.equal(JSON.stringify(new Event("a")), '{"isTrusted":false}');
});

test("length counts the required arguments, which are checked", () => {
  assert.equal(FormData.prototype.append.length, 2);
  assert.equal(Blob.prototype.slice.length, 0);
  assert.throws(() => (new FormData() as unknown as { get(): void }).get(), { name: "TypeError", message: "`FormData.get` needs 1 argument, not 0" });
  assert.throws(() => new (scope["PerformanceEntry"]!)(), { name: "TypeError", message: "Illegal constructor" });
});

test("a foreign receiver of an asynchronous operation is a rejection", async () => {
  await assert.rejects(Blob.prototype.text.call({} as Blob), TypeError);
});

test("arguments are converted", () => {
  assert.throws(() => toText(Symbol("s")), TypeError);
  assert.equal(toUsvText("a\ud800"), "a\ufffd");
  assert.equal(clamped(2.5, 0, 10), 2);
  assert.equal(clamped(3.5, 0, 10), 4);
  assert.equal(clamped(Number.NaN, 0, 10), 0);
  assert.equal(toLongLong(2 ** 64 + 2 ** 12), 4096);
  assert.throws(() => enforced(-1, 0, 10, "it"), /it must be an integer from 0 to 10, not -1/);
  assert.throws(() => toEnum("c", ["a", "b"], "it"), /it is one of `a`, `b`, not `c`/);
  assert.throws(() => toSequence("text", String, "it"), TypeError);
  assert.deepEqual(toSequence(new Set([1, 2]), String, "it"), ["1", "2"]);
});

test("a DOMException is an error with a name, a code and no own properties but its stack", () => {
  const error = new DOMException("gone", { name: "NotFoundError", cause: 1 });
  assert.ok(error instanceof Error);
  assert.equal(`${error}`, "NotFoundError: gone");
  assert.equal(error.code, 8);
  assert.equal(error.cause, 1);
  assert.equal(Object.getPrototypeOf(DOMException), Function.prototype);
  assert.equal((DOMException as unknown as { NOT_FOUND_ERR: number }).NOT_FOUND_ERR, 8);
});

test("the parts of a Blob are joined, sliced and typed", async () => {
  const blob = new Blob(["a\r\nb", new Uint8Array([99]), new Blob(["d"])], { type: "Text/Plain", endings: "native" });
  assert.equal(await blob.text(), "a\nbcd");
  assert.equal(blob.type, "text/plain");
  assert.equal(await blob.slice(-2).text(), "cd");
  assert.equal(await blob.slice(1, -1, "a/b").text(), "\nbc");
  assert.equal(new Blob([], { type: "a\u00e9" }).type, "");
});
