// A stub for each of a hundred thousand objects.
// {"status": 500, "outcome": "exception", "limits": {"memory_bytes": 134217728, "cpu_ms": 10000}, "error": "more than 10000"}
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
class Thing extends RpcTarget {}
export default class extends WorkerEntrypoint {
    async fetch() {
        const things = await this.env.SELF.things();
        return new Response(String(things.length));
    }
    async things() { return Array.from({ length: 100_000 }, () => new Thing()); }
}
