// Calls its own method through a binding.
// {"status": 200, "outcome": "ok", "body": "Subrequest depth limit exceeded"}
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
    async fetch() { return new Response(await this.env.SELF.down(0).catch((error) => error.message)); }
    async down(depth) { return this.env.SELF.down(depth + 1); }
}
