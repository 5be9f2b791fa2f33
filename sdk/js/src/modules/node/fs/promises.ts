/** `node:fs/promises`: there are no files. */
export * from "stub:fs/promises";
export { default } from "stub:fs/promises";
