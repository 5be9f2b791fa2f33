// p-queue
import PQueue from "p-queue";
export default async ({ equal }) => { const q = new PQueue({ concurrency: 1 }); const out = []; q.add(async () => out.push(1)); q.add(async () => out.push(3)); q.add(async () => out.push(2), { priority: 1 }); await q.onIdle(); equal(out, [1, 2, 3]); };
