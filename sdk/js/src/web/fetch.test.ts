import { FakeBody, type FetchRequest, host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../prelude";
import { AbortController, AbortSignal } from "./abort";
import type { NativeHandshake } from "../native";
import { fetch, fetchThrough } from "./fetch";
import { ReadableStream } from "./streams";

let seen: FetchRequest[];
beforeEach(() => {
  seen = [];
});

type Answer = { status?: number; headers?: string[]; body?: FakeBody };

function answers(...list: Answer[]): void {
  host.fetch = (request) => {
    seen.push(request);
    const { status = 200, headers = [], body = null } = list[Math.min(seen.length, list.length) - 1]!;
    return { status, statusText: "", headers, body };
  };
}

test("a response has status, headers, body and URL", async () => {
  answers({ status: 201, headers: ["x-a", "1"], body: new FakeBody("abc") });
  const response = await fetch("http://x/a#f", { method: "POST", body: "b", headers: { "X-B": "2" } });
  assert.equal(response.status, 201);
  assert.equal(response.url, "http://x/a");
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(await response.text(), "abc");
  assert.deepEqual(seen[0]?.headers, ["x-b", "2", "content-type", "text/plain;charset=UTF-8"]);
  assert.equal(seen[0]?.body, "b");
});

test("redirects are followed, with GET and without the body after a POST", async () => {
  answers({ status: 302, headers: ["location", "/b"] }, { body: new FakeBody("ok") });
  const response = await fetch("http://x/a", { method: "POST", body: "b" });
  assert.equal(response.redirected, true);
  assert.equal(response.url, "http://x/b");
  assert.deepEqual([seen[1]?.method, seen[1]?.body, seen[1]?.headers], ["GET", null, []]);
});

test("307 keeps method and body", async () => {
  answers({ status: 307, headers: ["location", "/b"] }, {});
  await fetch("http://x/a", { method: "PUT", body: "b" });
  assert.deepEqual([seen[1]?.method, seen[1]?.body], ["PUT", "b"]);
});

test("another origin gets no credentials", async () => {
  answers({ status: 302, headers: ["location", "http://y/"] }, {});
  await fetch("http://x/", { headers: { authorization: "a", cookie: "c", "x-keep": "1" } });
  assert.deepEqual(seen[1]?.headers, ["x-keep", "1"]);
});

test("redirects end after 20, and as `redirect` says", async () => {
  answers({ status: 302, headers: ["location", "/"] });
  await assert.rejects(fetch("http://x/"), /more than 20 redirects/);
  assert.equal(seen.length, 21);
  await assert.rejects(fetch("http://x/", { redirect: "error" }), TypeError);
  assert.equal((await fetch("http://x/", { redirect: "manual" })).status, 302);
});

test("so does one of a handshake for a WebSocket, whose socket is closed if it comes all the same", async () => {
  let asked = 0;
  const closed: unknown[] = [];
  let opened!: (handshake: NativeHandshake) => void;
  host.connectSocket = () => (asked++, new Promise((resolve) => (opened = resolve)));
  const upgrade = (signal: AbortSignal): Promise<unknown> => fetch("http://x/", { headers: { upgrade: "websocket" }, signal });
  await assert.rejects(upgrade(AbortSignal.abort(new Error("why"))), /why/);
  assert.equal(asked, 0);
  const controller = new AbortController();
  const pending = upgrade(controller.signal);
  controller.abort();
  await assert.rejects(pending, { name: "AbortError" });
  opened({ status: 101, headers: [], socket: { close: (...args: unknown[]) => void closed.push(args) } as never, body: new Uint8Array() });
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual([asked, closed], [1, [[1001, ""]]]);
});

test("a service binding says that it carries no WebSocket", async () => {
  await assert.rejects(fetchThrough(host as never, "http://x/", { headers: { upgrade: "websocket" } }), /carries no WebSocket/);
});

test("an aborted signal rejects with its reason, before and during", async () => {
  answers({});
  await assert.rejects(fetch("http://x/", { signal: AbortSignal.abort(new Error("why")) }), /why/);
  assert.equal(seen.length, 0);
  const controller = new AbortController();
  host.fetch = () => new Promise(() => {});
  const pending = fetch("http://x/", { signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(pending, { name: "AbortError" });
});

test("abort ends a body that is being read", async () => {
  const controller = new AbortController();
  const body = new FakeBody("a");
  body.read = () => new Promise(() => {});
  host.fetch = () => ({ status: 200, statusText: "", headers: [], body });
  const response = await fetch("http://x/", { signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(response.text(), { name: "AbortError" });
  assert.equal(body.cancelled, true);
});

test("a stream is sent chunk by chunk", async () => {
  host.fetch = async (request) => {
    seen.push(request);
    await new Promise((resolve) => setImmediate(resolve));
    return { status: 200, statusText: "", headers: [], body: null };
  };
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1]));
      controller.enqueue(new Uint8Array([2]));
      controller.close();
    },
  });
  await fetch("http://x/", { method: "POST", body: body as never, duplex: "half" });
  assert.deepEqual(seen[0]?.written?.outcome.chunks, [new Uint8Array([1]), new Uint8Array([2])]);
  assert.equal(seen[0]?.written?.outcome.finished, true);
});

test("schemes other than http and https are refused", async () => {
  await assert.rejects(fetch("ftp://x/"), /not http or https/);
});

test("redirects keep the bytes of a location, and do not leave http and https", async () => {
  answers({ status: 302, headers: ["location", "/a?\xe2\x98\x83\xff"] }, {});
  assert.equal((await fetch("http://x/")).url, "http://x/a?%E2%98%83%FF");
  answers({ status: 302, headers: ["location", "data:,a"] });
  seen = [];
  await assert.rejects(fetch("http://x/"), /leaves http and https/);
});

test("ports of other protocols are refused", async () => {
  await assert.rejects(fetch("http://x:25/"), TypeError);
  await assert.rejects(fetch("https://x:6667/?a"), TypeError);
  answers({});
  assert.equal((await fetch("http://x:8080/:25/")).status, 200);
});

test("a stream that is to be sent is cancelled where the signal is aborted already", async () => {
  const reason = new Error("why");
  let cancelled: unknown;
  const body = new ReadableStream<Uint8Array>({ cancel: (given) => void (cancelled = given) });
  await assert.rejects(fetch("http://x/", { method: "POST", body, signal: AbortSignal.abort(reason) }), /why/);
  assert.equal(cancelled, reason);
});
