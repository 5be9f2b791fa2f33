// Writes dist/surface.ts: what the prelude and the modules of Cloudflare put before workers, as types. types/test/surface.test-d.ts compares
// it to the types that are written by hand. The prelude runs over the stand-in for the engine that the tests have.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";

const OUT = "dist/surface.ts";
const FAKE = "dist/fake-native.js";
const MODULES = "src/modules/cloudflare";

const moduleNames = readdirSync(MODULES).map((file) => file.replace(/\.ts$/, ""));

/** The prelude, the prototypes that it laid out, and each module under its own name; and what the engine and the builder serve to modules. */
const sources = {
  entry: [
    'import "./src/prelude.ts";',
    'export { prototypes } from "./src/expose.ts";',
    ...moduleNames.map((name) => `export * as ${name} from "./${MODULES}/${name}.ts";`),
  ].join("\n"),
  "ouro:build": "export const envIsImportable = true;",
  "ouro:internal": 'export { internal as default } from "./src/internal.ts";',
};

const served = {
  name: "served",
  resolveId(specifier) {
    if (specifier in sources) return specifier;
    // Of the modules above, which are no files.
    return specifier.startsWith("./src/") ? resolve(specifier) : null;
  },
  load: (id) => sources[id] ?? null,
};

/** The prelude in a context whose global object had nothing but ECMAScript before. */
async function evaluate() {
  const fake = await rolldown({ input: "test/fake-native.ts", platform: "node" });
  await fake.write({ file: FAKE, format: "esm" });
  const { fake: native } = await import(pathToFileURL(FAKE));
  const bundle = await rolldown({ input: "entry", platform: "neutral", plugins: [served] });
  const { output } = await bundle.generate({ format: "iife", name: "surface" });
  const context = createContext({ __native: native });
  const before = runInContext("Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, globalThis[name]]))", context);
  runInContext(`"use strict";\n${output[0].code}\nthis.__surface = surface;`, context);
  const [scope, surface] = runInContext("[globalThis, __surface]", context);
  return { scope, before, ...surface, ends: runInContext("[Object.prototype, Function.prototype, Error.prototype, null]", context) };
}

const { scope, before, ends, prototypes, ...modules } = await evaluate();

/** Objects from this one up to what is ECMAScript's own. */
function* chain(object) {
  for (let at = object; !ends.includes(at); at = Object.getPrototypeOf(at)) yield at;
}

/** The keys that workers see, each with whether it is read-only. Names that begin with `_` are the prelude's own. */
function keysOf(holders, others) {
  const found = new Map();
  for (const holder of holders) {
    for (const key of Reflect.ownKeys(holder)) {
      if (others.includes(key) || found.has(key) || (typeof key === "string" && key.startsWith("_"))) continue;
      const { get, set, writable } = Object.getOwnPropertyDescriptor(holder, key);
      found.set(key, get === undefined ? writable === false : set === undefined);
    }
  }
  return found;
}

const membersOf = (object) => keysOf(chain(object), ["constructor", Symbol.toStringTag]);
/** Without those that it inherits of another class. */
const staticsOf = (constructor) => keysOf([constructor], ["prototype", "length", "name"]);

/** Classes that are no globals, by their names; two of one name are taken together. */
function hiddenClasses(named) {
  const hidden = {};
  for (const prototype of prototypes) {
    if (named.some((name) => scope[name].prototype === prototype)) continue;
    // The bundler may have numbered the class.
    const name = prototype[Symbol.toStringTag].replace(/\$\d+$/, "");
    hidden[name] = new Map([...(hidden[name] ?? []), ...membersOf(prototype)]);
  }
  return hidden;
}

const keyType = (key) => (typeof key === "symbol" ? `typeof ${key.description}` : JSON.stringify(key));
const union = (keys) => (keys.length === 0 ? "never" : keys.map(keyType).sort().join(" | "));
const shape = (keys) => `{ members: ${union([...keys.keys()])}; readonly: ${union([...keys].filter(([, isReadonly]) => isReadonly).map(([key]) => key))} }`;

function declare(name, doc, entries) {
  const lines = entries.map(([key, text]) => `  ${JSON.stringify(key)}: ${text};`).sort();
  return [`/** ${doc} */`, `export interface ${name} {`, ...lines, "}"].join("\n");
}

const globals = [...membersOf(scope).keys()].filter((name) => typeof name === "string" && !Object.is(scope[name], before[name]) && name !== "surface");
const classes = globals.filter((name) => prototypes.has(scope[name]?.prototype));

mkdirSync("dist", { recursive: true });
writeFileSync(
  OUT,
  [
    "// Written by scripts/surface.js.",
    `export type Globals = ${union(globals)};`,
    declare("Classes", "What instances of the global classes have.", classes.map((name) => [name, shape(membersOf(scope[name].prototype))])),
    declare("Statics", "What the classes themselves have.", classes.map((name) => [name, shape(staticsOf(scope[name]))])),
    declare("Hidden", "What objects of other classes have.", Object.entries(hiddenClasses(classes)).map(([name, keys]) => [name, shape(keys)])),
    declare("Objects", "What global objects have.", ["console", "scheduler", "Intl"].map((name) => [name, shape(membersOf(scope[name]))])),
    declare("Modules", "What can be imported.", moduleNames.map((name) => [`cloudflare:${name}`, union(Object.keys(modules[name]))])),
    "",
  ].join("\n"),
);
