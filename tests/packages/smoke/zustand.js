// zustand
import { createStore } from "zustand/vanilla";
export default async ({ equal }) => { const s = createStore((set) => ({ n: 0, inc: () => set((x) => ({ n: x.n + 1 })) })); let seen = 0; s.subscribe((x) => { seen = x.n; }); s.getState().inc(); equal([s.getState().n, seen], [1, 1]); };
