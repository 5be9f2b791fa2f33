// A message of a gigabyte.
// {"status": 200, "outcome": "ok", "limits": {"memory_bytes": 268435456, "cpu_ms": 10000}}
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
    async fetch() {
        const part = new Uint8Array(40 << 20);
        return new Response(await this.env.SELF.take([part]).then(() => "taken", (error) => error.message));
    }
    async take() { return new Uint8Array(40 << 20); }
}
