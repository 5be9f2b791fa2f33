// Builds the prelude: one classic script whose completion value is the `Prelude` object, because the engine evaluates it with nothing to import it.
import { defineConfig } from "rolldown";

export default defineConfig({
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
