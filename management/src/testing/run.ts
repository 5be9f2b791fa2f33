/** Runs every test in one process: starting one for each file would take longer than the tests. */
import { readdirSync } from "node:fs";

const root = new URL("../", import.meta.url);
for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
  if (name.endsWith(".test.ts")) await import(new URL(name, root).href);
}
