import { host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import type { MessageEvent } from "./event-classes";
import type { Event } from "./events";
import type { MessagePort } from "./message-port";
import { structuredClone } from "./structured-clone";

const { MessageChannel } = globalThis as unknown as { MessageChannel: new () => { port1: MessagePort; port2: MessagePort } };

function next(port: MessagePort): Promise<MessageEvent> {
  return new Promise((resolve) => (port.onmessage = (event: Event) => resolve(event as MessageEvent)));
}

test("a message arrives as a copy, in a task", async () => {
  const { port1, port2 } = new MessageChannel();
  const message = { a: [1] };
  let arrived = false;
  const received = next(port2).then((event) => ((arrived = true), event.data));
  port1.postMessage(message);
  await Promise.resolve();
  assert.equal(arrived, false);
  assert.deepEqual(await received, message);
  assert.notEqual(await received, message);
});

test("messages wait for `start`, and in order", async () => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(1);
  port1.postMessage(2);
  const data: unknown[] = [];
  const both = new Promise<void>((resolve) => port2.addEventListener("message", (event) => data.push((event as MessageEvent).data) === 2 && resolve()));
  port2.start();
  await both;
  assert.deepEqual(data, [1, 2]);
});

test("a transferred port goes on with its messages; the old one is dead", async () => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage("early");
  const moved = structuredClone(port2, { transfer: [port2] });
  assert.equal((await next(moved)).data, "early");
  assert.throws(() => structuredClone(port2, { transfer: [port2] }), { name: "DataCloneError" });
  const channel = new MessageChannel();
  const event = next(moved);
  port1.postMessage("with a port", [channel.port1]);
  assert.equal((await event).ports.length, 1);
});

test("what cannot be cloned is not sent, and a port cannot send itself", () => {
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(4);
  assert.throws(() => port1.postMessage([buffer, () => 1], [buffer]), { name: "DataCloneError" });
  assert.equal(buffer.byteLength, 4);
  assert.throws(() => port1.postMessage(null, [port1]), { name: "DataCloneError" });
  port2.close();
  port1.postMessage("to nobody");
});

test("what a listener throws is reported", async () => {
  host.reset();
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => {
    throw new Error("listener");
  };
  port1.postMessage(1);
  const { port1: after, port2: done } = new MessageChannel();
  const marker = next(done);
  after.postMessage(2);
  await marker;
  assert.match(host.lines[0]?.message ?? "", /^Uncaught Error: listener/);
});
