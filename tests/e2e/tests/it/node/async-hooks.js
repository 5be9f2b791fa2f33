import assert from "node:assert";
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const storage = new AsyncLocalStorage();
const other = new AsyncLocalStorage({ defaultValue: "none" });

const checks = {
  async "it lasts across await, rejections and nested runs"() {
    const seen = [];
    await storage.run(1, async () => {
      await 0;
      seen.push(storage.getStore());
      await sleep(1);
      seen.push(storage.getStore());
      await Promise.all([storage.run(2, async () => (await 1, seen.push(storage.getStore()))), (async () => (await 1, seen.push(storage.getStore())))()]);
      await Promise.reject(new Error("x")).catch(() => seen.push(storage.getStore()));
      try {
        await Promise.reject(new Error("x"));
      } catch {
        seen.push(storage.getStore());
      }
      seen.push(storage.exit(() => storage.getStore()));
    });
    assert.deepEqual([...seen, storage.getStore()], [1, 1, 2, 1, 1, 1, undefined, undefined]);
  },
  async "two storages and two tasks do not mix"() {
    const task = (name) => storage.run(name, async () => {
      for (let i = 0; i < 20; i++) {
        await (i % 3 === 0 ? sleep(0) : null);
        assert.equal(storage.getStore(), name);
        assert.equal(other.getStore(), name === "b" ? "other" : "none");
      }
    });
    await Promise.all([task("a"), other.run("other", () => task("b")), task("c")]);
  },
  async "it reaches timers, microtasks and immediates"() {
    const through = (start) => storage.run(start, () => new Promise((resolve) => start(() => resolve(storage.getStore()))));
    for (const start of [setTimeout, queueMicrotask, setImmediate, process.nextTick]) assert.equal(await through(start), start);
    const interval = storage.run("i", () => new Promise((resolve) => {
      const id = setInterval(() => (clearInterval(id), resolve(storage.getStore())), 1);
    }));
    assert.equal(await interval, "i");
  },
  async "it reaches foreign promises and asynchronous generators"() {
    assert.equal(await storage.run("t", async () => await { then: (resolve) => resolve(storage.getStore()) }), "t");
    await storage.run("g", async () => {
      async function* generate() {
        yield storage.getStore();
        await 0;
        yield storage.getStore();
      }
      for await (const value of generate()) assert.equal(value, "g");
      for await (const _ of [Promise.resolve(1)]) assert.equal(storage.getStore(), "g");
    });
  },
  async "it reaches streams and what comes from the host"() {
    await storage.run("s", async () => {
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(storage.getStore()));
          controller.close();
        },
      });
      assert.equal(await new Response(body).text(), "s");
      await fetch("data:text/plain,x").then((response) => response.text()).catch(() => {});
      assert.equal(storage.getStore(), "s");
      for await (const _ of Readable.from(["a", "b"])) assert.equal(storage.getStore(), "s");
    });
  },
  "functions are bound to a context"() {
    const emitter = new EventEmitter();
    const seen = [];
    storage.run("bound", () => emitter.on("x", AsyncResource.bind(() => seen.push(storage.getStore()))));
    emitter.emit("x");
    const snapshot = storage.run("snapshot", () => AsyncLocalStorage.snapshot());
    seen.push(snapshot(() => storage.getStore()), storage.run("resource", () => new AsyncResource("R")).runInAsyncScope(() => storage.getStore()));
    assert.deepEqual(seen, ["bound", "snapshot", "resource"]);
    const bound = storage.run("this", () => AsyncLocalStorage.bind(function (a) {
      return [this.name, a, storage.getStore()];
    }));
    assert.deepEqual(bound.call({ name: "me" }, 1), ["me", 1, "this"]);
  },
  "what is thrown leaves the context, and enterWith is refused"() {
    assert.throws(() => storage.run(1, () => { throw new Error("x"); }), /x/);
    assert.equal(storage.getStore(), undefined);
    assert.throws(() => storage.enterWith(1), /not implemented/);
  },
};
