// Bundles the modules that Ouro provides (src/modules) and packs them as sdk/build/src/modules.rs reads them: from specifiers to files, and
// the files. Each module is a file; what several share are files of their own, so that a worker takes in only what it imports.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { defineConfig } from "rolldown";
import { STUB, stubNames, stubSource } from "./stubs.js";

const FOLDER = "src/modules";
const PACKED = "dist/modules.json.zz";

/** Specifiers by the folder that the module lies in. */
const SCHEMES = { node: (name) => `node:${name}`, cloudflare: (name) => `cloudflare:${name}`, globals: (name) => `ouro:globals/${name}` };

const modules = readdirSync(FOLDER, { recursive: true })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.endsWith(".test.ts") && !path.includes("internal"))
  .map((path) => path.replace(/\.ts$/, ""));
const own = new Set(modules);
const stubs = stubNames.filter((name) => !own.has(`node/${name}`));

/** From specifiers to the names of files. */
const specifiers = Object.fromEntries(
  [...modules, ...stubs.map((name) => `node/${name}`)].map((path) => {
    const [folder, ...rest] = path.split("/");
    return [SCHEMES[folder](rest.join("/")), `${path.replaceAll("/", "-")}.js`];
  }),
);

/** Modules that packages among these require: their files export more than the module does, so that each gets another in front. */
const REQUIRED = ["node/buffer", "node/events", "node/process", "node/string_decoder"];
const ENTRY = "entry:";

function inputs() {
  const own = modules.map((path) => [path.replaceAll("/", "-"), REQUIRED.includes(path) ? ENTRY + path : `${FOLDER}/${path}.ts`]);
  return Object.fromEntries([...own, ...stubs.map((name) => [`node-${name.replaceAll("/", "-")}`, STUB + name])]);
}

/** What packages import of Node.js are our modules; some of them come with replacements that must not win. */
const nodeModules = {
  name: "node-modules",
  resolveId(specifier) {
    if (specifier.startsWith(STUB) || specifier.startsWith(ENTRY)) return specifier;
    if (specifier === "abort-controller") return `${process.cwd()}/${FOLDER}/node/internal/no-abort-controller.ts`;
    const name = specifier.replace(/^node:/, "").replace(/\/$/, "");
    if (own.has(`node/${name}`)) return `${process.cwd()}/${FOLDER}/node/${name}.ts`;
    return null;
  },
  load(id) {
    if (id.startsWith(STUB)) return stubSource(id.slice(STUB.length));
    return id.startsWith(ENTRY) ? entrySource(`${process.cwd()}/${FOLDER}/${id.slice(ENTRY.length)}.ts`) : null;
  },
};

function entrySource(file) {
  const from = JSON.stringify(file);
  const hasDefault = /^export (default|\{.*\bas default\b|\{ default\b)/m.test(readFileSync(file, "utf8"));
  return `export * from ${from};${hasDefault ? `export { default } from ${from};` : ""}`;
}

const pack = {
  name: "pack",
  generateBundle(_options, bundle) {
    for (const { name, exports } of Object.values(bundle).filter((chunk) => chunk.isEntry && chunk.name.startsWith("node-"))) {
      if (exports.some((exported) => exported.length === 1)) throw new Error(`\`${name}\` exports names of the bundler's: it belongs to REQUIRED`);
    }
    const files = Object.fromEntries(Object.values(bundle).map((chunk) => [chunk.fileName, chunk.code]));
    writeFileSync(PACKED, deflateSync(JSON.stringify({ specifiers, files }), { level: 9 }));
  },
};

export const provided = defineConfig({
  input: inputs(),
  platform: "neutral",
  external: ["ouro:internal", "ouro:build"],
  plugins: [nodeModules, pack],
  output: {
    dir: "dist/modules",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "shared-[name]-[hash].js",
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
});
