/** `node:path`, which is that of POSIX here. */
export * from "./path/posix";
export { default } from "./path/posix";
