// immer
import { enableMapSet, produce } from "immer";
export default async ({ equal }) => { enableMapSet(); const a = { x: { y: 1 }, m: new Map([["k", 1]]) }; const b = produce(a, (d) => { d.x.y++; d.m.set("k", 2); }); equal([a.x.y, b.x.y, a.m.get("k"), b.m.get("k"), Object.isFrozen(b)], [1, 2, 1, 2, true]); };
