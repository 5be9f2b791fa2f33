// superjson
import superjson from "superjson";
export default async ({ equal }) => { const v = superjson.parse(superjson.stringify({ d: new Date(0), m: new Map([[1, new Set([2n])]]), u: undefined, r: /x/g })); equal([v.d.getTime(), String([...v.m.get(1)][0]), "u" in v, String(v.r)], [0, "2", true, "/x/g"]); };
