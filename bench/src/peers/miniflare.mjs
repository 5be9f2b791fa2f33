// Serves a worker with a D1 database as `wrangler dev` does, without the proxy that wrangler puts before it.
import { readFileSync } from "node:fs";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const [module, port] = process.argv.slice(2);
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: Number(port),
    modules: true,
    script: readFileSync(module, "utf8"),
    compatibilityDate: "2025-09-01",
    d1Databases: { DB: "bench" },
  }),
);
await miniflare.ready;
