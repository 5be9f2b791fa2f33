import { FakeBody, type FetchRequest, host } from "../../test/fake-native";
import assert from "node:assert/strict";
import { test } from "node:test";
import "../prelude";
import { EventSource } from "./event-source";
import { encodeUtf8 } from "./bytes";
import { ReadableStream } from "./streams";

interface Message {
  type: string;
  data: string;
  lastEventId: string;
}

/** The events of a stream that arrives in these chunks. */
function eventsOf(...chunks: string[]): Promise<string[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encodeUtf8(chunk));
      controller.close();
    },
  });
  const source = EventSource.from(stream);
  const seen: string[] = [];
  for (const type of ["message", "named"]) {
    source.addEventListener(type, (event) => {
      const { data, lastEventId } = event as unknown as Message;
      seen.push(`${type} ${JSON.stringify(data)} ${lastEventId}`.trim());
    });
  }
  return new Promise((resolve) => source.addEventListener("error", () => resolve(seen)));
}

test("lines end with a line feed, a carriage return or both, wherever chunks are cut", async () => {
  const expected = ['message "1\\n2"', 'message "3"'];
  assert.deepEqual(await eventsOf("data:1\ndata: 2\n\ndata:3\n\n"), expected);
  assert.deepEqual(await eventsOf("data:1\rdata: 2\r\rdata:3\r\r"), expected);
  assert.deepEqual(await eventsOf("da", "ta:1\r", "\ndata: 2\r", "\n\r", "\nda", "ta:3\r\n\r\n"), expected);
});

test("fields are what the standard makes of them", async () => {
  assert.deepEqual(await eventsOf("\ufeffevent: named\nid: 7\ndata\n\n: comment\ndata:  x\nother: y\n\ndata: cut off"), ['named "" 7', 'message " x" 7']);
  assert.deepEqual(await eventsOf("event: named\n\ndata:a\nid: a\0b\n\n"), ['message "a"']);
});

test("a line in many pieces takes no longer than its length", async () => {
  const start = performance.now();
  const pieces = Array.from({ length: 100_000 }, () => "0123456789");
  const [event] = await eventsOf("data:", ...pieces, "\n\n");
  assert.equal(event!.length, 'message ""'.length + 1_000_000);
  // 1.5 seconds; where each piece is looked at with all before it, minutes.
  assert.ok(performance.now() - start < 20_000);
});

test("it connects again with the last id, and not after an answer that ends it", async () => {
  const seen: FetchRequest[] = [];
  host.fetch = (request) => {
    seen.push(request);
    if (seen.length === 2) return { status: 204, statusText: "", headers: [], body: null };
    return { status: 200, statusText: "", headers: ["content-type", "text/event-stream;charset=utf-8"], body: new FakeBody("retry: 1\nid: é\ndata: one\n\n") };
  };
  const source = new EventSource("http://x/events");
  const states: string[] = [];
  source.addEventListener("open", () => states.push("open"));
  source.addEventListener("message", (event) => states.push((event as unknown as Message).data));
  await new Promise<void>((resolve) => {
    source.addEventListener("error", () => {
      states.push(`error ${source.readyState}`);
      if (source.readyState === 2) resolve();
    });
  });
  assert.deepEqual(states, ["open", "one", "error 0", "error 2"]);
  assert.ok(seen[0]!.headers.join().includes("accept,text/event-stream"));
  const at = seen[1]!.headers.indexOf("last-event-id");
  assert.deepEqual([...encodeUtf8("é")], [...seen[1]!.headers[at + 1]!].map((byte) => byte.charCodeAt(0)));
});

test("a URL that is none is a SyntaxError", () => {
  assert.throws(() => new EventSource("http://no such host/"), { name: "SyntaxError" });
});
