// lodash-es
import { cloneDeep, debounce, orderBy } from "lodash-es";
export default async ({ equal }) => {
  let calls = 0; const f = debounce(() => calls++, 5); f(); f(); await new Promise((r) => setTimeout(r, 30));
  equal([calls, cloneDeep(new Map([[1, new Date(0)]])).get(1).getTime(), orderBy([{ a: 2 }, { a: 1 }], "a").map((x) => x.a)], [1, 0, [1, 2]]);
};
