import { host } from "../../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../../prelude";
import { AbortController } from "../abort";
import type { NativeHandshake, NativeSocket } from "../../native";
import { closingOf, WebSocketError } from "./websocket-error";
import { WebSocketStream } from "./websocket-stream";

type Arrival = Parameters<Parameters<NativeSocket["next"]>[0]>[0];

/** A connection whose other side is the test. */
class FakeSocket {
  readonly sent: unknown[] = [];
  #arrivals: Arrival[] = [];
  #receive: ((arrival: Arrival) => void) | null = null;
  ready: () => void = () => {};
  /** How often a message was asked for. */
  asked = 0;

  next(receive: (arrival: Arrival) => void): void {
    this.asked++;
    this.#receive = receive;
    this.#deliver();
  }

  arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival);
    this.#deliver();
  }

  #deliver(): void {
    if (this.#receive === null || this.#arrivals.length === 0) return;
    const receive = this.#receive;
    this.#receive = null;
    receive(this.#arrivals.shift()!);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  buffered(): number {
    return 0;
  }

  room(ready: () => void): void {
    this.ready = ready;
  }

  close(code: number | null, reason: string): void {
    this.sent.push({ code, reason });
    this.arrive({ code: code ?? 1005, reason, wasClean: true, error: null });
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

async function open(): Promise<[FakeSocket, WebSocketStream]> {
  const socket = new FakeSocket();
  const answer = { status: 101, headers: [], socket } as unknown as NativeHandshake;
  host.connectSocket = () => Promise.resolve(answer);
  const stream = new WebSocketStream("ws://example.com/");
  await stream.opened;
  return [socket, stream];
}

test("messages are taken from the network as they are read", async () => {
  const [socket, stream] = await open();
  const reader = (await stream.opened).readable.getReader();
  for (const text of ["a", "b", "c"]) socket.arrive(text);
  await settled();
  assert.equal(socket.asked, 1, "one waits in the stream");
  assert.deepEqual(await reader.read(), { value: "a", done: false });
  await settled();
  assert.equal(socket.asked, 2);
});

test("a write ends when the network has room again", async () => {
  const [socket, stream] = await open();
  const writer = (await stream.opened).writable.getWriter();
  let done = false;
  const writing = writer.write("text").then(() => void (done = true));
  await settled();
  assert.deepEqual(socket.sent, ["text"]);
  assert.equal(done, false);
  socket.ready();
  await writing;
});

test("closing says why, and ends both streams", async () => {
  const [socket, stream] = await open();
  const { readable, writable } = await stream.opened;
  stream.close({ reason: "enough" });
  assert.deepEqual(await stream.closed, { closeCode: 1000, reason: "enough" });
  assert.deepEqual(socket.sent, [{ code: 1000, reason: "enough" }]);
  assert.equal((await readable.getReader().read()).done, true);
  await assert.rejects(async () => writable.getWriter().write("late"));
  assert.throws(() => stream.close({ closeCode: 1001 }), { name: "InvalidAccessError" });
});

test("a lost connection errors both streams with one WebSocketError", async () => {
  const [socket, stream] = await open();
  const { readable } = await stream.opened;
  socket.arrive({ code: 1006, reason: "", wasClean: false, error: "lost" });
  const error = (await stream.closed.catch((reason: unknown) => reason)) as WebSocketError;
  assert.ok(error instanceof WebSocketError);
  assert.equal(error.closeCode, 1006);
  await assert.rejects(readable.getReader().read(), (reason) => reason === error);
});

test("a write that waits fails with the connection", async () => {
  const [socket, stream] = await open();
  const { writable } = await stream.opened;
  const writer = writable.getWriter();
  const written = writer.write("x");
  socket.arrive({ code: 1006, reason: "", wasClean: false, error: "lost" });
  const error = await stream.closed.catch((reason: unknown) => reason);
  assert.ok(error instanceof WebSocketError);
  await assert.rejects(written, (reason) => reason === error);
  await assert.rejects(writer.closed, (reason) => reason === error);
});

test("a signal ends the handshake", async () => {
  host.connectSocket = () => new Promise(() => {});
  const controller = new AbortController();
  const stream = new WebSocketStream("ws://example.com/", { signal: controller.signal });
  controller.abort("no more");
  await assert.rejects(stream.opened, (reason) => reason === "no more");
  await assert.rejects(stream.closed, (reason) => reason === "no more");
});

test("only a WebSocketError says what a stream closes with", () => {
  assert.deepEqual(closingOf(new WebSocketError("", { closeCode: 3000, reason: "r" })), { code: 3000, reason: "r" });
  assert.deepEqual(closingOf({ closeCode: 3000, reason: "r" }), { code: 1005, reason: "" });
});
