import { fakeChannel, host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceBinding } from "../service";
import { Headers } from "../web/headers";
import { Request } from "../web/request";
import { Response } from "../web/response";
import { ReadableStream, WritableStream } from "../web/streams";
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

  failOddly(): void {
    const error = new Error("odd");
    error.name = "OddError";
    throw error;
  }

  counter(): Counter {
    return new Counter();
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
    const session = Session.toCall(host.service("SVC", false).connect());
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

test("Request, Response and Headers go over with their bodies", async () => {
  const request = new Request("http://a/", { method: "POST", body: "text", headers: new Headers({ "x-b": "1" }) });
  const response: Response = await call()["answer"]!(request);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(await response.text(), "POST text");
  const blank: Response = await call()["echo"]!(new Response(null, { status: 204 }));
  assert.equal(blank.status, 204);
});

test("what cannot be copied is refused by name", async () => {
  class Other {}
  await assert.rejects(call()["echo"]!(new Other()), (error: Error) => error.name === "DataCloneError" && error.message.includes('"Other"'));
  await assert.rejects(call()["echo"]!(Symbol("s")), (error: Error) => error.name === "DataCloneError");
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
