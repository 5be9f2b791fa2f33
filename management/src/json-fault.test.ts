import assert from "node:assert/strict";
import { test } from "node:test";

import { findFault } from "./json-fault.ts";

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

test("deep nesting is searched without recursion", () => {
  assert.match(findFault("[".repeat(200_000)).message, /found the end/);
});
