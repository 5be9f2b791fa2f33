import "../../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../../prelude";
import { Response } from "../response";
import { WebSocket, WebSocketPair } from "./websocket";

interface Seen {
  type: string;
  data?: unknown;
  code?: number;
  reason?: string;
}

function watch(socket: WebSocket, into: Seen[]): void {
  const listen = (type: string): void =>
    socket.addEventListener(type, (event) => {
      const { data, code, reason } = event as unknown as Seen;
      into.push(type === "message" ? { type, data } : { type, code: code!, reason: reason! });
    });
  listen("message");
  listen("close");
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

test("what one end of a pair sends arrives at the other, in order and as it was", async () => {
  const { 0: a, 1: b } = new WebSocketPair();
  const seen: Seen[] = [];
  a.accept();
  const bytes = new Uint8Array([1, 2]);
  b.binaryType = "arraybuffer";
  watch(b, seen);
  a.send("before the other end listens");
  a.send(bytes);
  bytes[0] = 9;
  b.accept();
  assert.deepEqual(seen, [], "each arrival is a task of its own");
  await pause();
  assert.deepEqual(seen.map(({ data }) => (typeof data === "string" ? data : [...new Uint8Array(data as ArrayBuffer)])), ["before the other end listens", [1, 2]]);
});

test("a close arrives at both ends with its code and reason", async () => {
  const { 0: a, 1: b } = new WebSocketPair();
  const seen: Seen[][] = [[], []];
  [a, b].forEach((end, i) => {
    end.accept();
    watch(end, seen[i]!);
  });
  a.close(4000, "why");
  assert.equal(a.readyState, 2);
  assert.throws(() => a.send("late"), /after close\(\)/);
  await pause();
  const closed = { type: "close", code: 4000, reason: "why" };
  assert.deepEqual(seen, [[closed], [closed]]);
  assert.equal(b.readyState, 3);
});

test("an end must be accepted before it is used, and only one that stayed here can be", () => {
  const { 0: a, 1: b } = new WebSocketPair();
  assert.throws(() => a.send("x"), /accept\(\)/);
  assert.throws(() => a.close(), /accept\(\)/);
  const response = new Response(null, { status: 101, webSocket: b });
  assert.equal(response.webSocket, b);
  assert.throws(() => response.clone(), /Cannot clone/);
});

test("codes and reasons are those that may be sent", () => {
  const { 0: a } = new WebSocketPair();
  a.accept();
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000]) assert.throws(() => a.close(code), { name: "InvalidAccessError" }, String(code));
  assert.throws(() => a.close(1000, "é".repeat(62)), { name: "SyntaxError" });
  assert.throws(() => a.close(undefined, "why"), { name: "InvalidAccessError" });
  a.close(1001, "é".repeat(61));
});

test("a response has a socket with status 101 alone", () => {
  const { 0: webSocket } = new WebSocketPair();
  assert.throws(() => new Response(null, { status: 101 }), RangeError);
  assert.throws(() => new Response(null, { webSocket }), RangeError);
  assert.throws(() => new Response(null, { status: 101, webSocket: {} as WebSocket }), TypeError);
  assert.equal(new Response(null, { webSocket: null }).status, 200);
});

test("the constructor refuses what is no URL of a WebSocket, or no protocol", () => {
  for (const url of ["/path", "ftp://x/", "ws://x/#f", "ws://x/#"]) assert.throws(() => new WebSocket(url), { name: "SyntaxError" }, url);
  for (const protocols of ["a b", "", ["a", "A"]]) assert.throws(() => new WebSocket("ws://x/", protocols), { name: "SyntaxError" });
  assert.equal(new WebSocket("https://x/y").url, "wss://x/y");
});

test("a socket that finds no server has an error and a close event", async () => {
  const socket = new WebSocket("ws://x/");
  assert.throws(() => socket.send("x"), { name: "InvalidStateError" });
  const seen: string[] = [];
  socket.addEventListener("error", () => seen.push("error"));
  socket.addEventListener("close", (event) => seen.push(`close ${(event as unknown as Seen).code}`));
  await pause();
  assert.deepEqual(seen, ["error", "close 1006"]);
});

test("a value that is kept with a socket is a copy", () => {
  const { 0: socket } = new WebSocketPair();
  assert.equal(socket.deserializeAttachment(), null);
  const value = { room: "a" };
  socket.serializeAttachment(value);
  value.room = "b";
  assert.deepEqual(socket.deserializeAttachment(), { room: "a" });
  assert.throws(() => socket.serializeAttachment(() => {}), { name: "DataCloneError" });
});
