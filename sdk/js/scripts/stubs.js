// Modules of Node.js that have no meaning here: what they export throws when it is called, so that packages that only mention them work.
import { readFileSync } from "node:fs";

export const STUB = "stub:";

/** From names of modules to the names of their functions and classes. */
const EXPORTS = JSON.parse(readFileSync("src/modules/node/stubs.json", "utf8"));

export const stubNames = Object.keys(EXPORTS);

/** The module's source; names that begin with a capital are classes. */
export function stubSource(name) {
  const exported = EXPORTS[name].split(" ");
  const lines = exported.map((item) => {
    const what = JSON.stringify(`node:${name}`) + ", " + JSON.stringify(item);
    if (/^[A-Z]/.test(item)) return `class ${item}_ { constructor() { absent(${what}); } }\nname(${item}_, "${item}");`;
    return `const ${item}_ = name(() => absent(${what}), "${item}");`;
  });
  const pairs = exported.map((item) => `${item}_ as ${item}`).join(", ");
  const whole = exported.map((item) => `${item}: ${item}_`).join(", ");
  return [
    `import { absent, name } from "${process.cwd()}/src/modules/node/internal/absent.ts";`,
    ...lines,
    `export { ${pairs} };`,
    `export default { ${whole} };`,
  ].join("\n");
}
