// deepmerge
import deepmerge from "deepmerge";
export default async ({ equal }) => { equal(deepmerge({ a: [1], b: { c: 1 } }, { a: [2], b: { d: 2 } }), { a: [1, 2], b: { c: 1, d: 2 } }); };
