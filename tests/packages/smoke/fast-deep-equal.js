// fast-deep-equal
import deepEqual from "fast-deep-equal";
export default async ({ equal }) => { equal([deepEqual({ a: [new Date(1)] }, { a: [new Date(1)] }), deepEqual([1], [2])], [true, false]); };
