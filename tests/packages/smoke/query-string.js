// query-string
import queryString from "query-string";
export default async ({ equal }) => { equal([{ ...queryString.parse("a=1&b=x%20y&a=2") }, queryString.stringify({ z: 1, a: [1, 2] })], [{ a: ["1", "2"], b: "x y" }, "a=1&a=2&z=1"]); };
