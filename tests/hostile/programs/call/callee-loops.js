// Calls a method that does not come back.
// {"status": 200, "outcome": "ok", "body": "CPU time"}
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
    async fetch() { return new Response(await this.env.SELF.loop().catch((error) => error.message)); }
    loop() { for (;;) {} }
}
