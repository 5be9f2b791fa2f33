// p-limit
import pLimit from "p-limit";
export default async ({ equal }) => { const limit = pLimit(2); let at = 0, most = 0; await Promise.all([1, 2, 3, 4].map((x) => limit(async () => { most = Math.max(most, ++at); await new Promise((r) => setTimeout(r, 1)); at--; return x; }))); equal(most, 2); };
