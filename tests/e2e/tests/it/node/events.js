import assert from "node:assert";
import EventEmitter, { errorMonitor, getEventListeners, on, once } from "node:events";
import { inherits } from "node:util";

const checks = {
  "listeners are called in order, and as often as they should"() {
    const emitter = new EventEmitter();
    const seen = [];
    emitter.on("a", (value) => seen.push(value)).once("a", (value) => seen.push(`once ${value}`)).prependListener("a", () => seen.push("first"));
    emitter.emit("a", 1);
    emitter.emit("a", 2);
    assert.deepEqual(seen, ["first", 1, "once 1", "first", 2]);
    assert.equal(emitter.emit("b"), false);
    assert.deepEqual(emitter.eventNames(), ["a"]);
    assert.equal(emitter.removeAllListeners().listenerCount("a"), 0);
  },
  "an error that nobody listens for is thrown"() {
    const error = new RangeError("boom");
    assert.throws(() => new EventEmitter().emit("error", error), (thrown) => thrown === error);
    assert.throws(() => new EventEmitter().emit("error", "text"), { code: "ERR_UNHANDLED_ERROR", message: "Unhandled error. ('text')" });
    const emitter = new EventEmitter().on(errorMonitor, (seen) => assert.equal(seen, error)).on("error", () => {});
    assert.ok(emitter.emit("error", error));
  },
  "functions and classes inherit from it"() {
    function Old() {
      EventEmitter.call(this);
    }
    inherits(Old, EventEmitter);
    class New extends EventEmitter {}
    for (const emitter of [new Old(), new New()]) {
      let count = 0;
      emitter.on("x", () => count++);
      emitter.emit("x");
      assert.equal(count, 1);
      assert.ok(emitter instanceof EventEmitter && EventEmitter.EventEmitter === EventEmitter);
    }
  },
  async "events are awaited"() {
    const emitter = new EventEmitter();
    setTimeout(() => emitter.emit("x", 1, 2), 1);
    assert.deepEqual(await once(emitter, "x"), [1, 2]);
    setTimeout(() => emitter.emit("error", new Error("no")), 1);
    await assert.rejects(once(emitter, "x"), /no/);
    await assert.rejects(once(emitter, "x", { signal: AbortSignal.abort() }), { name: "AbortError" });
    setTimeout(() => (emitter.emit("y", 1), emitter.emit("y", 2)), 1);
    const seen = [];
    for await (const [value] of on(emitter, "y")) if (seen.push(value) === 2) break;
    assert.deepEqual([seen, getEventListeners(emitter, "y").length], [[1, 2], 0]);
    const target = new EventTarget();
    setTimeout(() => target.dispatchEvent(new Event("z")), 1);
    assert.equal((await once(target, "z"))[0].type, "z");
  },
  "wrong listeners are refused"() {
    assert.throws(() => new EventEmitter().on("x", 5), { code: "ERR_INVALID_ARG_TYPE" });
  },
};
