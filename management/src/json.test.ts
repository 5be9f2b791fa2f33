import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "./errors.ts";
import { BODY_BYTES_MAX, readJson } from "./json.ts";

function upload(body: string | ReadableStream<Uint8Array>, headers: HeadersInit = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers, ...{ duplex: "half" } });
}

test("a body over the limit is refused by its announced length", async () => {
  const request = upload("{}", { "content-length": String(BODY_BYTES_MAX + 1) });
  await assert.rejects(readJson(request), (error) => error instanceof ApiError && error.status === 413);
});

test("a body without a length is counted and given up at the limit", async () => {
  let chunks = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      controller.enqueue(new Uint8Array(1 << 20).fill(0x20));
    },
  });
  await assert.rejects(readJson(upload(endless)), (error) => error instanceof ApiError && error.status === 413);
  assert.ok(chunks < 20, `${chunks} MiB were read`);
});

test("a body in chunks is put together", async () => {
  const bytes = new TextEncoder().encode('{"name":"ü"}');
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, 10));
      controller.enqueue(bytes.slice(10));
      controller.close();
    },
  });
  assert.deepEqual(await readJson(upload(body)), { name: "ü" });
});
