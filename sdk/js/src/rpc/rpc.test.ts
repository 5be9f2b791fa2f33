import { fakeChannel, host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceBinding } from "../service";
import { DOMException } from "../web/dom-exception";
import { Headers } from "../web/headers";
import { Request } from "../web/request";
import { fetchedResponse, Response } from "../web/response";
import { ReadableStream, WritableStream } from "../web/streams";
import { WebSocketPair } from "../web/websocket/websocket";
import { Session } from "./session";
import { plainTarget, RpcTarget, WorkerEntrypoint } from "./targets";

class Counter extends RpcTarget {
  count = 0;
  #step = 1;

  increment(): number {
    return (this.count += this.#step);
  }

  get double(): number {
    return this.count * 2;
  }
}

const ENV = { NAME: "callee" };

class Entry extends WorkerEntrypoint {
  field = "own";

  echo(value: unknown): unknown {
    return value;
  }

  all(...values: unknown[]): unknown[] {
    return values;
  }

  name(): unknown {
    return this.env["NAME"];
  }

  fail(): void {
    throw new RangeError("too far");
  }

  odd(): unknown {
    return new (class Odd {})();
  }

  getter(): object {
    return { get a() { throw new (class Thrown {})(); } };
  }

  nothing(): object {
    return { get a() { throw null; } };
  }

  unsendable(): object {
    return { get a() { throw Object.create(null); } };
  }

  failOddly(): void {
    const error = new Error("odd");
    error.name = "OddError";
    throw error;
  }

  counter(): Counter {
    return new Counter();
  }

  disposed = 0;

  /** One object, as often as it is asked for. */
  #shared: Counter | null = null;
  shared(): Counter {
    return (this.#shared ??= Object.assign(new Counter(), { [Symbol.dispose]: () => void this.disposed++ }));
  }

  held(): object {
    return { counter: new Counter(), call: () => 1 };
  }

  async each(items: number[], use: (item: number) => Promise<number>): Promise<number> {
    let sum = 0;
    for (const item of items) sum += await use(item);
    return sum;
  }

  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2]));
        controller.enqueue(new Uint8Array([3]));
        controller.close();
      },
    });
  }

  async write(to: WritableStream<string>): Promise<void> {
    const writer = to.getWriter();
    await writer.write("a");
    await writer.close();
  }

  async answer(request: Request): Promise<Response> {
    return new Response(`${request.method} ${await request.text()}`, { status: 201, headers: { "x-a": request.headers.get("x-b")! } });
  }

  get settings(): object {
    return { deep: { value: 7 } };
  }
}

/** The service that has the entrypoint; `ended` counts the conversations that are over. */
function service(entrypoint: object): { stub: Record<string, (...args: unknown[]) => Promise<never>>; ended: () => number } {
  let ended = 0;
  host.service = () => ({
    fetch: () => {
      throw new Error("not here");
    },
    connect() {
      const [theirs, ours] = fakeChannel();
      void Session.serve(ours, entrypoint).then(() => ended++);
      return theirs;
    },
  });
  return { stub: serviceBinding("SVC") as never, ended: () => ended };
}

const call = () => service(new Entry({} as never, ENV)).stub;

test("arguments and results are copied with their types, identity and cycles", async () => {
  const loop: Record<string, unknown> = { list: [1, undefined, -0, NaN, 10n], date: new Date(5), map: new Map<unknown, unknown>([["a", new Set([1])]]) };
  loop["self"] = loop;
  loop["bytes"] = new Uint8Array([1, 2, 3]).subarray(1);
  loop["pattern"] = /a/gi;
  loop["__proto__x"] = null;
  const echoed: Record<string, unknown> = await call()["echo"]!(loop);
  assert.equal(echoed["self"], echoed);
  assert.deepEqual(echoed["list"], [1, undefined, -0, NaN, 10n]);
  assert.deepEqual(echoed["date"], new Date(5));
  assert.deepEqual(echoed["map"], new Map<unknown, unknown>([["a", new Set([1])]]));
  assert.deepEqual(echoed["bytes"], new Uint8Array([2, 3]));
  assert.deepEqual(echoed["pattern"], /a/gi);
  assert.notEqual(echoed["date"], loop["date"]);
});

test("primitives in objects and the causes of errors arrive", async () => {
  const boxed: object[] = await call()["echo"]!([Object("text"), Object(-0), Object(true), Object(1n)]);
  assert.deepEqual(boxed, [Object("text"), Object(-0), Object(true), Object(1n)]);
  const shared = Object(1) as object;
  const twice: object[] = await call()["echo"]!([shared, shared, {}]);
  assert.equal(twice[0], twice[1]);
  const inner = new TypeError("inner");
  const error = new Error("outer", { cause: { inner, list: [inner] } });
  const echoed: Error = await call()["echo"]!(error);
  const cause = echoed.cause as { inner: Error; list: Error[] };
  assert.ok(cause.inner instanceof TypeError && cause.list[0] === cause.inner);
  assert.deepEqual(Object.keys(echoed), []);
  assert.equal(Object.hasOwn(await call()["echo"]!(new Error("none")), "cause"), false);
  // A cause that cannot be copied is left out, and takes no number with it.
  const [lost, again, same]: [Error, object, object] = await call()["echo"]!([new Error("kept", { cause: [{}, new Uint8Array(1), Symbol("s")] }), error, error]);
  assert.deepEqual([lost.message, Object.hasOwn(lost, "cause"), again === same], ["kept", false, true]);
});

test("a byte stream stays one", async () => {
  const { stub } = service(new Entry({} as never, ENV));
  const stream: ReadableStream<Uint8Array> = await stub["echo"]!(new Response("body").body);
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(10));
  assert.equal(Buffer.from(value as Uint8Array).toString(), "body");
  const end = await reader.read(new Uint8Array(10));
  assert.deepEqual([end.done, (end.value as Uint8Array).length], [true, 0]);
  const plain: ReadableStream = await stub["echo"]!(new ReadableStream({ start: (controller) => controller.close() }));
  assert.throws(() => plain.getReader({ mode: "byob" }), TypeError);
});

test("a key called `__proto__` is a key", async () => {
  const echoed: object = await call()["echo"]!(JSON.parse('{"__proto__": {"x": 1}}'));
  assert.ok(Object.hasOwn(echoed, "__proto__"));
  assert.equal(Object.getPrototypeOf(echoed), Object.prototype);
});

test("`this` is the entrypoint, with its env", async () => {
  assert.equal(await call()["name"]!(), "callee");
});

test("thrown errors keep class, name and message", async () => {
  await assert.rejects(call()["fail"]!(), (error: Error) => error instanceof RangeError && error.message === "too far" && (error as { remote?: boolean }).remote === true);
  await assert.rejects(call()["failOddly"]!(), (error: Error) => error.name === "OddError" && error.message === "odd");
});

test("only what the class exposes can be reached", async () => {
  for (const name of ["field", "env", "ctx", "fetch2"]) {
    const stub = call();
    await assert.rejects(async () => stub[name]!(), new TypeError(`The RPC receiver does not implement the method "${name}".`), name);
  }
  service(new Entry({} as never, ENV));
  for (const name of ["constructor", "fetch", "scheduled", "toString", "hasOwnProperty", "__proto__", "valueOf"]) {
    const session = Session.toCall(() => host.service("SVC", false).connect());
    await assert.rejects(session.call(0, [name], []), TypeError, name);
  }
});

test("an RpcTarget is a capability that lives as long as it is held", async () => {
  const { stub, ended } = service(new Entry({} as never, ENV));
  const counter = (await stub["counter"]!()) as { increment(): Promise<number>; double: Promise<number> } & Disposable;
  assert.equal(await counter.increment(), 1);
  assert.equal(await counter.increment(), 2);
  assert.equal(await counter.double, 4);
  await assert.rejects(async () => (counter as unknown as { count(): unknown }).count(), /does not implement/);
  assert.equal(ended(), 0);
  counter[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(ended(), 1);
  await assert.rejects(async () => counter.increment(), /disposed/);
});

test("a duplicate of a stub is disposed of by itself", async () => {
  const entry = new Entry({} as never, ENV);
  const { stub, ended } = service(entry);
  type CounterStub = { increment(): Promise<number>; dup(): CounterStub } & Disposable;
  const counter = (await stub["counter"]!()) as CounterStub;
  const copy = counter.dup();
  assert.notEqual(copy, counter);
  counter[Symbol.dispose]();
  counter[Symbol.dispose]();
  await assert.rejects(async () => counter.increment(), /disposed/);
  assert.throws(() => counter.dup(), /disposed/);
  assert.equal(await copy.increment(), 1);
  assert.equal(ended(), 0);
  copy[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(ended(), 1);
});

test("what is given twice is held until it was dropped twice", async () => {
  const entry = new Entry({} as never, ENV);
  service(entry);
  const session = Session.toCall(() => host.service("SVC", false).connect());
  type CounterStub = { increment(): Promise<number> } & Disposable;
  const [first, second] = (await Promise.all([session.call(0, ["shared"], []), session.call(0, ["shared"], [])])) as [CounterStub, CounterStub];
  assert.equal(await first.increment(), 1);
  first[Symbol.dispose]();
  assert.equal(await second.increment(), 2);
  assert.equal(entry.disposed, 0);
  second[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(entry.disposed, 1);
});

test("a stub can be handed on to a third worker", async () => {
  class Middle extends WorkerEntrypoint {
    /** Given away: the first worker disposes of it. */
    counter(): unknown {
      return (serviceBinding("LAST") as { counter(): unknown }).counter();
    }

    async twice(counter: { increment(): Promise<number>; double: Promise<number> }): Promise<number[]> {
      return [await counter.increment(), await counter.double];
    }

    each(use: unknown): Promise<number> {
      return (serviceBinding("LAST") as { each(items: number[], use: unknown): Promise<number> }).each([1, 2], use);
    }
  }
  const ended: string[] = [];
  const entries: Record<string, object> = { MIDDLE: new Middle({} as never, {}), LAST: new Entry({} as never, ENV) };
  host.service = (name) => ({
    fetch: () => {
      throw new Error("not here");
    },
    connect() {
      const [theirs, ours] = fakeChannel();
      void Session.serve(ours, entries[name]).then(() => ended.push(name));
      return theirs;
    },
  });
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  type CounterStub = { increment(): Promise<number>; fail(): Promise<never> } & Disposable;
  const middle = serviceBinding("MIDDLE") as { counter(): Promise<CounterStub>; twice(counter: unknown): Promise<number[]>; each(use: unknown): Promise<number> };

  const counter = await middle.counter();
  assert.equal(await counter.increment(), 1);
  assert.equal(await counter.increment(), 2);
  await assert.rejects(async () => counter.fail(), /does not implement the method "fail"/);
  assert.deepEqual(await middle.twice(counter), [3, 6]);
  await wait();
  assert.deepEqual(ended, ["MIDDLE"]);
  assert.equal(await counter.increment(), 4);
  counter[Symbol.dispose]();
  await wait();
  assert.deepEqual(ended.sort(), ["LAST", "MIDDLE", "MIDDLE"]);

  assert.equal(await middle.each((item: number) => item * 10), 30);
});

test("a call without a capability in its result ends the conversation", async () => {
  const { stub, ended } = service(new Entry({} as never, ENV));
  await stub["echo"]!(1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(ended(), 1);
});

test("results can be used before they are there", async () => {
  assert.equal(await (call()["counter"]!() as unknown as { increment(): Promise<number> }).increment(), 1);
  assert.equal(await (call()["settings"] as unknown as { deep: { value: Promise<number> } }).deep.value, 7);
});

test("functions among the arguments are called where they come from", async () => {
  const seen: number[] = [];
  const sum = await call()["each"]!([1, 2, 3], (item: number) => {
    seen.push(item);
    return item * 10;
  });
  assert.equal(sum, 60);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("streams flow both ways", async () => {
  const { stub, ended } = service(new Entry({} as never, ENV));
  const stream: ReadableStream<Uint8Array> = await stub["stream"]!();
  assert.deepEqual(await new Response(stream).bytes(), new Uint8Array([1, 2, 3]));
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(ended(), 1);
  const written: string[] = [];
  await call()["write"]!(new WritableStream<string>({ write: (chunk) => void written.push(chunk) }));
  assert.deepEqual(written, ["a"]);
});

test("a stream is let go of once, however it ends", async () => {
  const [theirs, ours] = fakeChannel();
  const session = Session.toCall(() => ours);
  const answer = async (id: number, wire: string): Promise<void> => {
    await theirs.receive();
    theirs.send(`["ok",${id},${wire}]`, []);
  };
  const taken = session.call(0, ["streams"], []) as Promise<[ReadableStream, ReadableStream, WritableStream, WritableStream]>;
  await answer(1, '["a",[["R",1],["R",2],["W",3],["W",4],["c",5]]]');
  const [cancelled, broken, closed, refused] = await taken;
  // One read is under way while the stream is cancelled: both of their answers would end it.
  const read = cancelled.getReader();
  const chunk = read.read();
  const end = read.cancel("enough");
  await answer(2, '["a",[]]');
  await answer(3, '["u"]');
  await Promise.all([chunk, end]);
  const failing = broken.getReader().read();
  assert.equal((await theirs.receive())[0], '["drop",1]');
  await theirs.receive();
  theirs.send('["no",4,["e","TypeError","broken",false]]', []);
  await assert.rejects(failing, /broken/);
  const writer = closed.getWriter();
  const closing = writer.close();
  assert.equal((await theirs.receive())[0], '["drop",2]');
  await answer(5, '["u"]');
  await closing;
  const other = refused.getWriter();
  const writing = other.write("a");
  assert.equal((await theirs.receive())[0], '["drop",3]');
  await theirs.receive();
  theirs.send('["no",6,["e","TypeError","full",false]]', []);
  await assert.rejects(writing, /full/);
  assert.equal((await theirs.receive())[0], '["drop",4]');
  // The stub is held still, so that the conversation goes on.
  const more = session.call(0, ["more"], []);
  await answer(7, "1");
  assert.equal(await more, 1);
});

test("Request, Response and Headers go over with their bodies", async () => {
  const request = new Request("http://a/", { method: "POST", body: "text", headers: new Headers({ "x-b": "1" }) });
  const response: Response = await call()["answer"]!(request);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(await response.text(), "POST text");
  const blank: Response = await call()["echo"]!(new Response(null, { status: 204 }));
  assert.equal(blank.status, 204);
});

test("a Response goes over with whatever status it has", async () => {
  const error: Response = await call()["echo"]!(Response.error());
  assert.deepEqual([error.type, error.status], ["error", 0]);
  const odd = fetchedResponse({ status: 999, statusText: "Odd", headers: ["x-a", "1"], body: null }, "text", "", false);
  const echoed: Response = await call()["echo"]!(odd);
  assert.deepEqual([echoed.status, echoed.statusText, echoed.headers.get("x-a"), await echoed.text()], [999, "Odd", "1", "text"]);
  const upgraded = new Response(null, { status: 101, webSocket: new WebSocketPair()[0] });
  await assert.rejects(call()["echo"]!(upgraded), (error: Error) => error.name === "DataCloneError" && error.message.includes('"WebSocket"'));
});

test("a result that cannot be decoded fails its call, and what came with it is let go", async () => {
  const [theirs, ours] = fakeChannel();
  const session = Session.toCall(() => ours);
  const [stubbed, bad, good] = [session.call(0, ["a"], []), session.call(0, ["b"], []), session.call(0, ["c"], [])];
  theirs.send('["ok",1,["c",1]]', []);
  theirs.send('["ok",2,["a",[["c",2],["R",3],["v","Function",0]]]]', [new Uint8Array(8)]);
  theirs.send('["ok",3,7]', []);
  await assert.rejects(bad, new TypeError("a message of another worker is malformed"));
  assert.equal(await good, 7);
  ((await stubbed) as Disposable)[Symbol.dispose]();
  const sent: string[] = [];
  for (let i = 0; i < 6; i++) sent.push((await theirs.receive())[0]);
  assert.deepEqual(sent.slice(3).sort(), ['["call",4,3,["cancel"],[["u"]]]', '["drop",1]', '["drop",2]']);
});

test("what cannot be copied is refused by name", async () => {
  class Other {}
  await assert.rejects(call()["echo"]!(new Other()), (error: Error) => error.name === "DataCloneError" && error.message.includes('"Other"'));
  await assert.rejects(call()["echo"]!(Symbol("s")), (error: Error) => error.name === "DataCloneError");
});

test("a result that cannot be copied is a failure of the class that it has there", async () => {
  await assert.rejects(call()["odd"]!(), (error: Error) => error instanceof DOMException && error.name === "DataCloneError" && error.message.includes('"Odd"'));
  await assert.rejects(call()["getter"]!(), (error: Error) => error instanceof Error && error.message === "[object Object]");
  await assert.rejects(call()["nothing"]!(), (error: Error) => error instanceof Error && error.message === "null");
  await assert.rejects(call()["unsendable"]!(), (error: Error) => error instanceof Error && error.message === "what was thrown cannot be sent");
});

test("what cannot be sent connects to nobody", async () => {
  let connected = 0;
  host.service = () => ({
    fetch: () => {
      throw new Error("not here");
    },
    connect() {
      connected++;
      throw new Error("too many calls");
    },
  });
  const stub = serviceBinding("SVC") as Record<string, (...args: unknown[]) => Promise<unknown>>;
  await assert.rejects(async () => stub["echo"]!(Symbol("s")), (error: Error) => error.name === "DataCloneError");
  assert.equal(connected, 0);
  await assert.rejects(async () => stub["echo"]!(1), /too many calls/);
  assert.equal(connected, 1);
});

test("a message that the host refuses ends the conversation", async () => {
  const [theirs, ours] = fakeChannel();
  const session = Session.toCall(() => ({ ...ours, send: () => { throw Object.assign(new Error("too long"), { code: "limit" }); } }));
  await assert.rejects(session.call(0, ["echo"], []), /too long/);
  await assert.rejects(theirs.receive());
});

test("methods of a plain object take one argument", async () => {
  const exported = { greet: (name: unknown, env: { NAME: string }, _ctx: unknown) => `${String(name)} ${env.NAME}`, two: (a: unknown, b: unknown) => [a, b] };
  const { stub } = service(plainTarget(exported, ENV, {} as never));
  assert.equal(await stub["greet"]!("hi"), "hi callee");
  await assert.rejects(stub["two"]!(1, 2), /wrong number of arguments/);
});

test("a binding is no promise", async () => {
  const stub = call();
  assert.equal(await stub, stub);
});

test("what another worker sends is checked", async () => {
  for (const message of ['["call",1,0,["echo"],[["r",5]]]', '["call",1,0,["echo"],[["v","Function",0]]]', '["call",1,0,["echo"],[{"a":1}]]', '["call",1,9,[],[]]']) {
    const [theirs, ours] = fakeChannel();
    void Session.serve(ours, new Entry({} as never, ENV));
    theirs.send(message, [new Uint8Array(8)]);
    const [answer] = await theirs.receive();
    assert.equal((JSON.parse(answer) as string[])[0], "no", message);
  }
});

test("an object that a call has given lets go of what it holds when it is disposed", async () => {
  const { stub, ended } = service(new Entry({} as never, ENV));
  const held = (await stub["held"]!()) as unknown as Disposable & { call(): Promise<number> };
  assert.deepEqual(Object.keys(held), ["counter", "call"]);
  assert.equal(await held.call(), 1);
  assert.equal(ended(), 0);
  held[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(ended(), 1);
  await assert.rejects(held.call(), /disposed/);
});
