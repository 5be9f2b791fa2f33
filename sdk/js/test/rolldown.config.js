// Bundles each test for plain Node, which cannot read TypeScript.
import { readdirSync } from "node:fs";
import { defineConfig } from "rolldown";

const tests = readdirSync("src", { recursive: true }).filter((path) => path.endsWith(".test.ts"));

export default defineConfig(
  tests.map((path) => ({
    input: `src/${path}`,
    platform: "node",
    output: { file: `dist/test/${path.replaceAll("/", "-").replace(/\.ts$/, ".js")}`, format: "esm" },
  })),
);
