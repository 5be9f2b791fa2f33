// @msgpack/msgpack
import { decode, encode } from "@msgpack/msgpack";
export default async ({ equal }) => { const v = { a: [1, -2, 1.5], s: "é", n: null, b: new Uint8Array([1]) }; equal(decode(encode(v)), v); };
