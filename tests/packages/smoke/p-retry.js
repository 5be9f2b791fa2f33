// p-retry
import pRetry from "p-retry";
export default async ({ equal }) => { let n = 0; equal(await pRetry(() => { if (++n < 3) throw new Error("again"); return n; }, { minTimeout: 1, retries: 5 }), 3); };
