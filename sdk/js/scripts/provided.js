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

function inputs() {
  const own = modules.map((path) => [path.replaceAll("/", "-"), `${FOLDER}/${path}.ts`]);
  return Object.fromEntries([...own, ...stubs.map((name) => [`node-${name.replaceAll("/", "-")}`, STUB + name])]);
}

/** What packages import of Node.js are our modules; some of them come with replacements that must not win. */
const nodeModules = {
  name: "node-modules",
  resolveId(specifier) {
    if (specifier.startsWith(STUB)) return specifier;
    if (specifier === "abort-controller") return `${process.cwd()}/${FOLDER}/node/internal/no-abort-controller.ts`;
    const name = specifier.replace(/^node:/, "").replace(/\/$/, "");
    if (own.has(`node/${name}`)) return `${process.cwd()}/${FOLDER}/node/${name}.ts`;
    return null;
  },
  load(id) {
    return id.startsWith(STUB) ? stubSource(id.slice(STUB.length)) : null;
  },
};

/**
 * A module that packages among these require exports what they need of it, too, under short names. Its file is then one that is shared, and
 * the module a file that exports what the module says. Otherwise `import * as module` would show those names.
 */
function withoutShortNames(context, chunks) {
  let files = Object.fromEntries(chunks.map((chunk) => [chunk.fileName, chunk.code]));
  for (const { name, fileName, exports, facadeModuleId } of chunks.filter((chunk) => chunk.isEntry && chunk.name.startsWith("node-"))) {
    if (!exports.some((exported) => exported.length === 1)) continue;
    const own = context.getModuleInfo(facadeModuleId).exports;
    if (own.includes("*")) throw new Error(`what \`${name}\` exports is not known: it takes all of another module`);
    const shared = `shared-${name}.js`;
    const { [fileName]: code, ...others } = files;
    files = Object.fromEntries(Object.entries({ ...others, [shared]: code }).map(([file, text]) => [file, text.replaceAll(`"./${fileName}"`, `"./${shared}"`)]));
    files[fileName] = `export{${own.join()}}from"./${shared}";`;
  }
  return files;
}

const pack = {
  name: "pack",
  generateBundle(_options, bundle) {
    const files = withoutShortNames(this, Object.values(bundle));
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
