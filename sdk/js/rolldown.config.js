// Builds the prelude and the modules that Ouro provides to workers.
import { defineConfig } from "rolldown";
import { provided } from "./scripts/provided.js";

/** One classic script whose completion value is the `Prelude` object, because the engine evaluates it with nothing to import it. */
const prelude = defineConfig({
  input: "src/prelude.ts",
  platform: "neutral",
  output: {
    file: "dist/prelude.js",
    format: "iife",
    exports: "default",
    intro: '"use strict";',
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  },
  // An IIFE without a name is an expression: its value is the completion value of the script.
  onLog(level, log, handle) {
    if (log.code !== "MISSING_NAME_OPTION_FOR_IIFE_EXPORT") handle(level, log);
  },
});

export default [prelude, provided];
