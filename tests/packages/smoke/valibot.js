// valibot
import * as v from "valibot";
export default async ({ equal }) => { const s = v.object({ a: v.pipe(v.string(), v.email()), b: v.optional(v.number(), 1) }); equal([v.parse(s, { a: "x@y.zz" }), v.safeParse(s, { a: "x" }).success], [{ a: "x@y.zz", b: 1 }, false]); };
