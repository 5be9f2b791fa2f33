import { host } from "../test/fake-native";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import prelude from "./prelude";
import type { ForwardableEmailMessage } from "./triggers";
import { encodeUtf8 } from "./web/bytes";

beforeEach(() => host.reset());

async function handle(kind: string, event: unknown, handler: (argument: never) => unknown): Promise<Record<string, unknown>> {
  prelude.register({ default: { [kind]: handler } });
  prelude.event(kind, event as never, []);
  while (!host.completed) await null;
  return prelude.outcome() as Record<string, unknown>;
}

// The first test: no event has come yet.
test("an event that cannot even be read is a failure, and decides nothing", async () => {
  const outcome = await handle("tail", { items: "no JSON" }, () => assert.fail("not called"));
  assert.deepEqual(host.failures.map(({ name }) => name), ["SyntaxError"]);
  assert.deepEqual([outcome["noRetry"], outcome["ackAll"], outcome["acks"], outcome["reject"], outcome["forwards"]], [false, false, [], null, []]);
});

test("a message may hold anything in its header", async () => {
  const lines = ["Subject: a\0b\rc", "From: me", "Received: one", "  folded", "no field: x", "X-Umlaut: \xe4", "Bare:\rstart", "", "Body: none"];
  let headers: [string, string][] = [];
  const outcome = await handle("email", { from: "a@x", to: "b@x", raw: Uint8Array.from(lines.join("\r\n"), (char) => char.charCodeAt(0)) }, (message: ForwardableEmailMessage) => {
    headers = [...message.headers] as [string, string][];
    message.setReject("no");
  });
  assert.deepEqual(host.failures, []);
  assert.deepEqual(headers, [["bare", "start"], ["from", "me"], ["received", "one folded"], ["subject", "a b c"], ["x-umlaut", "\xe4"]]);
  assert.equal(outcome["reject"], "no");
});

test("a message without a body is all header", async () => {
  let subject: string | null = null;
  await handle("email", { from: "a@x", to: "b@x", raw: encodeUtf8("subject: hi\n") }, (message: ForwardableEmailMessage) => {
    subject = message.headers.get("subject");
  });
  assert.equal(subject, "hi");
});
