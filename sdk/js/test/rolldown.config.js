// Bundles each test for plain Node, which cannot read TypeScript.
import { readdirSync } from "node:fs";
import { defineConfig } from "rolldown";

/** What the engine and the builder serve to provided modules. */
const provided = {
  name: "provided",
  resolveId(specifier) {
    if (specifier === "ouro:internal") return `${process.cwd()}/test/internal.ts`;
    return specifier === "ouro:build" ? specifier : null;
  },
  load: (id) => (id === "ouro:build" ? "export const populatesProcessEnv = true;" : null),
};

const tests = readdirSync("src", { recursive: true }).filter((path) => path.endsWith(".test.ts"));

export default defineConfig(
  tests.map((path) => ({
    input: `src/${path}`,
    platform: "node",
    plugins: [provided],
    output: { file: `dist/test/${path.replaceAll("/", "-").replace(/\.ts$/, ".js")}`, format: "esm" },
  })),
);
