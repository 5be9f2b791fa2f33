// qs
import qs from "qs";
export default async ({ equal }) => { equal([qs.parse("a[b][]=1&a[b][]=2&c.d=3", { allowDots: true }), qs.stringify({ a: [1, { b: 2 }] }, { encode: false })], [{ a: { b: ["1", "2"] }, c: { d: "3" } }, "a[0]=1&a[1][b]=2"]); };
