import assert from "node:assert";
import process, { env, nextTick } from "node:process";
import timers from "node:timers";
import { scheduler, setInterval as ticks, setTimeout as sleep } from "node:timers/promises";

const atTopLevel = process.env;

const checks = {
  "the environment holds vars, as text"(bindings) {
    assert.equal(bindings.GREETING, "hello");
    assert.deepEqual([env.GREETING, env.DATA, env.EMPTY, env.ABSENT], ["hello", '{"a":1}', "", undefined]);
    assert.equal(atTopLevel.GREETING, "hello");
    process.env.NUMBER = 5;
    assert.equal(env.NUMBER, "5");
    delete process.env.NUMBER;
    assert.ok(!("NUMBER" in env) && Object.keys(env).includes("GREETING"));
  },
  async "ticks and times"() {
    const seen = [];
    nextTick((value) => seen.push(value), "tick");
    seen.push("now");
    await null;
    await null;
    assert.deepEqual(seen, ["now", "tick"]);
    const before = process.hrtime();
    await sleep(2);
    const [seconds, nanoseconds] = process.hrtime(before);
    assert.ok(seconds === 0 && nanoseconds > 0);
    assert.equal(typeof process.hrtime.bigint(), "bigint");
  },
  "what it says of itself"() {
    assert.match(process.version, /^v\d+\./);
    assert.deepEqual([process.platform, process.cwd(), Object.prototype.toString.call(process)], ["linux", "/bundle", "[object process]"]);
    assert.ok(process.memoryUsage().heapUsed >= 0 && process.stdout.write("a line\n"));
    assert.throws(() => process.exit(1), { code: "ERR_PROCESS_EXIT" });
    assert.throws(() => process.chdir("/"), /not available in a worker/);
  },
  "globals of Node.js are there, also by other ways"() {
    assert.ok(global === globalThis && globalThis["Buf" + "fer"] === Buffer);
    assert.equal(globalThis.process, process);
    assert.equal(typeof setImmediate, "function");
  },
  "a module is found by the name that a call has"() {
    const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
    assert.equal(new AsyncLocalStorage().run(7, () => 8), 8);
    assert.equal(process.getBuiltinModule("assert"), assert);
    assert.equal(process.getBuiltinModule(["os"].join()), undefined);
    assert.throws(() => process.getBuiltinModule(1), { code: "ERR_INVALID_ARG_TYPE" });
  },
  "a script of node:vm can be made, but not run"() {
    const { Script, isContext } = process.getBuiltinModule("node:vm");
    assert.throws(() => new Script("1").runInThisContext(), { code: "ERR_METHOD_NOT_IMPLEMENTED" });
    assert.equal(isContext({}), false);
  },
  "a stack that ends at a function that did not call has no frames"() {
    const target = { name: "Odd" };
    Error.captureStackTrace(target, () => {});
    assert.ok(!target.stack.includes("\n"));
  },
  async "timers have the methods of Node.js, and promises"() {
    const timer = timers.setTimeout(() => {}, 1000);
    assert.deepEqual([timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef()], [true, false, true]);
    timers.clearTimeout(timer);
    assert.equal(await sleep(1, "value"), "value");
    await scheduler.wait(1);
    await assert.rejects(sleep(1000, null, { signal: AbortSignal.timeout(1) }), { name: "AbortError" });
    let count = 0;
    for await (const _ of ticks(1)) if (++count === 3) break;
    const order = [];
    await new Promise((resolve) => (setImmediate(() => (order.push("immediate"), resolve())), order.push("first")));
    assert.deepEqual(order, ["first", "immediate"]);
  },
};
