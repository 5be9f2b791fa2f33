import { fakeChannel, FakeBody, host, type Outcome } from "../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import prelude from "./prelude";
import { onEnv } from "./env";
import type { ExecutionContext } from "./execution-context";
import { Request } from "./web/request";
import { WorkerEntrypoint } from "./rpc/targets";
import { fetchedResponse, Response } from "./web/response";
import { ReadableStream } from "./web/streams";

type Fetch = (request: Request, env: Record<string, unknown>, ctx: ExecutionContext) => unknown;

beforeEach(() => host.reset());

function serve(handler: Fetch, body: string | Uint8Array | FakeBody | null = null, env: string[] = []): Promise<Outcome> {
  prelude.register({ default: { fetch: handler } });
  prelude.fetch(body === null ? "GET" : "POST", "http://hello.localhost:8080/a?b=1", body, env);
  return host.responded.promise;
}

test("what a worker does to `Promise.prototype.then` changes nothing here", async () => {
  const real = Promise.prototype.then;
  const called: string[] = [];
  let ticked = false;
  Promise.prototype.then = function (this: Promise<unknown>, ...args: unknown[]) {
    // Of code, not of the engine, which calls it where a promise is settled with another.
    const { stack } = new Error();
    if (stack!.split("\n").length > 2) called.push(stack!);
    return Reflect.apply(real, this, args) as never;
  };
  try {
    const outcome = await serve(
      async (request, _env, ctx) => {
        ctx.waitUntil(Promise.resolve());
        queueMicrotask(() => (ticked = true));
        const copy = request.clone();
        const { a } = (await request.json()) as { a: string };
        return new Response(copy.body!.pipeThrough(new TransformStream() as never), { headers: { a } });
      },
      new FakeBody('{"a":', '"b"}'),
    );
    assert.deepEqual([outcome.headers, Buffer.concat(outcome.chunks).toString(), ticked], [["a", "b"], '{"a":"b"}', true]);
    assert.equal(await new Response(new Blob(["text"]).stream() as never).text(), "text");
  } finally {
    Promise.prototype.then = real;
  }
  assert.deepEqual(called, []);
  assert.deepEqual([host.holds, host.failures], [0, []]);
});

test("a synchronous handler responds before fetch returns", () => {
  prelude.register({ default: { fetch: () => new Response("hello") } });
  prelude.fetch("GET", "http://hello.localhost/", null, []);
  assert.deepEqual(host.outcome?.body, "hello");
  assert.deepEqual(host.outcome?.headers, ["content-type", "text/plain;charset=UTF-8"]);
});

test("an asynchronous handler responds with status and headers", async () => {
  const outcome = await serve(async (request) => Response.json({ url: request.url, x: request.headers.get("X-A") }, { status: 201, headers: { "x-b": "1" } }));
  assert.equal(outcome.status, 201);
  assert.deepEqual(outcome.headers, ["x-b", "1", "content-type", "application/json"]);
  assert.equal(outcome.body, '{"url":"http://hello.localhost:8080/a?b=1","x":null}');
});

test("request headers are read from the host and are immutable", async () => {
  host.requestHeaders = ["accept", "a", "x-y", "1", "x-y", "2"];
  const outcome = await serve((request) => {
    assert.throws(() => request.headers.set("a", "b"), TypeError);
    return new Response(`${request.headers.get("X-Y")} ${new Headers(request.headers).get("accept")}`);
  });
  assert.equal(outcome.body, "1, 2 a");
});

test("`this` is the exported object, and classes get ctx and env", async () => {
  class Worker {
    greeting = "hi";
    fetch(): Response {
      return new Response(this.greeting);
    }
  }
  prelude.register({ default: new Worker() });
  prelude.fetch("GET", "http://x/", null, []);
  assert.equal(host.outcome?.body, "hi");
  prelude.register({ default: Worker });
  prelude.fetch("GET", "http://x/", null, []);
  assert.equal(host.outcome?.body, "hi");
});

test("a plain handler export gets and gives plain objects", async () => {
  host.requestHeaders = ["x-a", "1"];
  prelude.register({
    handler: (request: { method: string; headers: Record<string, string>; body: string }) => ({
      status: 202,
      headers: { "x-b": request.headers["x-a"] },
      body: JSON.stringify({ got: JSON.parse(request.body) as unknown, method: request.method }),
    }),
  });
  prelude.fetch("POST", "http://x/", '{"a":1}', []);
  const outcome = await host.responded.promise;
  assert.equal(outcome.status, 202);
  assert.equal(outcome.body, '{"got":{"a":1},"method":"POST"}');
  assert.deepEqual(outcome.headers, ["x-b", "1", "content-type", "text/plain;charset=UTF-8"]);
});

test("a module without a handler is refused", () => {
  assert.throws(() => prelude.register({ default: {} }), /the worker has no handler/);
});

test("what a handler throws fails the invocation with name, message and stack", async () => {
  await serve(() => {
    throw new RangeError("too far", { cause: new Error("inner") });
  });
  assert.equal(host.failures[0]?.name, "RangeError");
  assert.equal(host.failures[0]?.message, "too far");
  assert.match(host.failures[0]?.stack ?? "", /Caused by: Error: inner/);
});

test("what is not an Error is described", async () => {
  await serve(async () => Promise.reject({ code: 7 }));
  assert.match(host.failures[0]?.message ?? "", /\{"code":7\}/);
});

test("an answer that is no Response is an error that says what it was", async () => {
  await serve(() => ({ a: 1 }));
  assert.match(host.failures[0]?.message ?? "", /a handler must answer with a Response, not an object of Object/);
});

test("env holds text, parsed json, secrets and bindings", async () => {
  const env = ["A", "text", "1", "B", "json", '{"c":[2]}', "S", "secret", "s", "DB", "binding", "database", "ASSETS", "binding", "assets"];
  const outcome = await serve((_request, env) => Response.json([env["A"], env["B"], env["S"], String(env["DB"]), String(env["ASSETS"])]), null, env);
  assert.equal(outcome.body, '["1",{"c":[2]},"s","[object D1Database]","[object Fetcher]"]');
});

test("waitUntil holds the invocation, and its rejection is a failure", async () => {
  let release!: () => void;
  await serve((_request, _env, ctx) => {
    ctx.waitUntil(new Promise<void>((resolve) => (release = resolve)));
    ctx.waitUntil(Promise.reject(new Error("late")));
    return new Response(null);
  });
  assert.equal(host.holds, 1);
  release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.holds, 0);
  assert.equal(host.failures[0]?.message, "late");
});

test("request.body handed to a response is piped natively", async () => {
  const body = new FakeBody("abc");
  const outcome = await serve((request) => new Response(request.body), body);
  assert.equal(outcome.piped, body);
  assert.equal(body.reads, 0);
});

test("a context has no properties of its own, and props are those of the binding", async () => {
  prelude.register({ default: { fetch: (_request: unknown, _env: unknown, ctx: ExecutionContext) => Response.json([Object.keys(ctx), ctx.props]) } });
  prelude.fetchFrom([null, '{"level":3}'], "GET", "http://x/", null, []);
  assert.equal((await host.responded.promise).body, '[[],{"level":3}]');
});

test("a handler of an entrypoint may be a field, which other workers cannot call as a method", async () => {
  class Entry extends WorkerEntrypoint {
    fetch = (request: Request): Response => new Response(`${request.method} ${String(this.env["A"])}`);
  }
  prelude.register({ default: Entry });
  prelude.fetch("GET", "http://x/", null, ["A", "text", "a"]);
  assert.equal((await host.responded.promise).body, "GET a");
  host.reset();
  prelude.event("scheduled", { scheduledTime: 0, cron: "" } as never, []);
  while (!host.completed) await null;
  assert.deepEqual(host.failures.map(({ message }) => message), ["Handler does not export a scheduled() function."]);
});

test("one environment is made for the calls of another worker", async () => {
  let made = 0;
  onEnv(() => made++);
  prelude.register({ default: { fetch: () => null, same: (_argument: unknown, env: object, _ctx: unknown) => env } });
  const [theirs, ours] = fakeChannel();
  prelude.serve([null, null], ours, ["A", "text", "a"]);
  theirs.send('["call",1,0,["same"],[1]]', []);
  assert.equal((await theirs.receive())[0], '["ok",1,["o",{"A":"a"}]]');
  theirs.close();
  assert.equal(made, 1);
});

test("a streamed response is written chunk by chunk", async () => {
  const outcome = await serve(
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("a"));
            controller.enqueue(new TextEncoder().encode("b"));
            controller.close();
          },
        }),
      ),
  );
  assert.deepEqual(outcome.chunks.map((chunk) => Buffer.from(chunk).toString()), ["a", "b"]);
  assert.equal(outcome.finished, true);
});

test("a client that goes away cancels the stream and fails nothing", async () => {
  host.clientGone = true;
  let cancelled = false;
  const source = { pull: (controller: { enqueue(chunk: Uint8Array): void }) => controller.enqueue(new Uint8Array(1)), cancel: () => void (cancelled = true) };
  const outcome = await serve(() => new Response(new ReadableStream(source)));
  assert.equal(outcome.aborted, true);
  assert.equal(cancelled, true);
  assert.deepEqual(host.failures, []);
});

test("a stream that errors aborts the response and fails the invocation", async () => {
  const outcome = await serve(() => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) })));
  assert.equal(outcome.aborted, true);
  assert.equal(host.failures[0]?.message, "broken");
});

test("whole and streamed bodies read alike", async () => {
  for (const body of ['{"a":1}', new TextEncoder().encode('{"a":1}'), new FakeBody('{"a"', ":1}")]) {
    host.reset();
    const outcome = await serve(async (request) => Response.json({ json: await request.json(), used: request.bodyUsed }), body);
    assert.equal(outcome.body, '{"json":{"a":1},"used":true}');
  }
});

test("a body is read once", async () => {
  await serve(async (request) => {
    await request.text();
    return new Response(await request.text());
  }, "x");
  assert.match(host.failures[0]?.message ?? "", /Body has already been used/);
});

test("addEventListener answers by respondWith", async () => {
  const scope = globalThis as unknown as { addEventListener(type: string, listener: (event: { request: Request; respondWith(r: unknown): void }) => void): void };
  scope.addEventListener("fetch", (event) => event.respondWith(Promise.resolve(new Response(event.request.method))));
  prelude.register({});
  prelude.fetch("GET", "http://x/", null, []);
  assert.equal((await host.responded.promise).body, "GET");
});

test("a compressed body that nobody touched goes on as it came", async () => {
  const body = coded("gzip");
  const outcome = await serve(() => fetchedResponse({ status: 200, statusText: "", headers: ["content-encoding", "gzip"], body }, body, "", false));
  assert.equal(outcome.piped, body);
  assert.equal(body.decoded, false);
  assert.deepEqual(outcome.headers, ["content-encoding", "gzip"]);
});

test("one whose head does not name the coding any more is decoded, and has another length", async () => {
  const body = coded("br");
  const response = fetchedResponse({ status: 200, statusText: "", headers: ["content-encoding", "br"], body }, body, "", false);
  const outcome = await serve(() => new Response(response.body, { headers: { "content-length": "5", a: "b" } }));
  assert.equal(body.decoded, true);
  assert.deepEqual(outcome.headers, ["a", "b"]);
});

test("`content-encoding` of a plain body is dropped unless the worker encodes by itself", async () => {
  const headers = { "content-encoding": "gzip" };
  assert.deepEqual((await serve(() => new Response(new Uint8Array(1), { headers }))).headers, []);
  host.reset();
  assert.deepEqual((await serve(() => new Response(new Uint8Array(1), { headers, encodeBody: "manual" }))).headers, ["content-encoding", "gzip"]);
});

function coded(coding: string): FakeBody {
  const body = new FakeBody("abc");
  body.coding = coding;
  return body;
}

test("a deferred worker is evaluated with the environment of its invocation", async () => {
  prelude.register({
    __ouroDeferred: async () => {
      const { GREETING } = prelude.internal.env;
      return { default: { fetch: (_request: unknown, env: object) => new Response(`${String(GREETING)} ${Object.keys(env).join()}`) } };
    },
  });
  prelude.fetch("GET", "http://localhost/", null, ["GREETING", "text", "hello"]);
  const outcome = await host.responded.promise;
  assert.equal(outcome.body, "hello GREETING");
});

test("what a deferred worker throws is the invocation's failure", async () => {
  prelude.register({ __ouroDeferred: () => Promise.reject(new Error("no such database")) });
  prelude.fetch("GET", "http://localhost/", null, []);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(host.failures[0]?.message, "no such database");
});

test("ctx.principal is what the host says, and null for nobody", async () => {
  host.requestHeaders = ["accept", "a", "x-ouro-principal", '{"kind":"key","id":"key_1","organization":"org_a","scopes":[]}'];
  const outcome = await serve((_request, _env, ctx) => Response.json(ctx.principal));
  assert.equal(outcome.body, '{"kind":"key","id":"key_1","organization":"org_a","scopes":[]}');
});

test("ctx.principal is null where the head names none", async () => {
  const outcome = await serve((_request, _env, ctx) => Response.json(ctx.principal));
  assert.equal(outcome.body, "null");
});
