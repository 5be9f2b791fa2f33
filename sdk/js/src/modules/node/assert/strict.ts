/** `node:assert/strict`. */
export * from "../assert";
export { default } from "../assert";
