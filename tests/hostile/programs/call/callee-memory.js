// Calls a method that takes all memory.
// {"status": 200, "outcome": "ok", "body": "out of memory", "limits": {"cpu_ms": 10000}}
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
    async fetch() { return new Response(await this.env.SELF.take().catch((error) => error.message)); }
    take() { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }
}
