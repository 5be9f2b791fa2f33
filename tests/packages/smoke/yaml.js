// yaml
import { parse, parseDocument, stringify } from "yaml";
export default async ({ equal }) => { equal([parse("a: 1\nb:\n  - x\n  - &k {y: 2}\nc: *k"), stringify({ a: ["b", { c: 1 }] }), parseDocument("a: [").errors.length > 0], [{ a: 1, b: ["x", { y: 2 }], c: { y: 2 } }, "a:\n  - b\n  - c: 1\n", true]); };
