import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "./errors.ts";
import { BODY_BYTES_MAX, findFault, readJson } from "./json.ts";

const faults: [text: string, path: string, message: string][] = [
  ["{", "", "expected a field name or `}`, found the end at line 1, column 2"],
  ['{"a":1,}', "a", "expected a field name in double quotes, found `}` at line 1, column 8"],
  ['{"a" 1}', "a", "expected `:`, found `1` at line 1, column 6"],
  ['{"a":\n {"b": x}}', "a.b", "expected a value, found `x` at line 2, column 8"],
  ['{"a":[1, 2 3]}', "a.1", "expected `,` or `]`, found `3` at line 1, column 12"],
  ['{"a":[1,]}', "a.1", "expected a value, found `]` at line 1, column 9"],
  ['{"a":"x\ny"}', "a", "expected the end of a string, found `\n` at line 1, column 8"],
  ['{"a":"\\q"}', "a", "expected the end of a string, found `\\` at line 1, column 7"],
  ['{"a":{"b":[{}]}}}', "", "expected the end, found `}` at line 1, column 17"],
  ['{"a":{} "b":1}', "a", "expected `,` or `}`, found `\"` at line 1, column 9"],
  ["01", "", "expected the end, found `1` at line 1, column 2"],
  ["'a'", "", "expected a value, found `'` at line 1, column 1"],
  ["", "", "expected a value, found the end at line 1, column 1"],
];

for (const [text, path, message] of faults) {
  test(`the fault of ${JSON.stringify(text)} is found`, () => {
    assert.throws(() => JSON.parse(text) as unknown);
    assert.deepEqual(findFault(text), { path, message });
  });
}

function upload(body: string | ReadableStream<Uint8Array>, headers: HeadersInit = {}): Request {
  return new Request("http://localhost/", { method: "POST", body, headers, ...{ duplex: "half" } });
}

test("deep nesting is searched without recursion", () => {
  assert.match(findFault("[".repeat(200_000)).message, /found the end/);
});

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
