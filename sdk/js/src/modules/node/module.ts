/** `node:module`. What a worker is made of is decided when it is built. */
import { absent } from "./internal/absent";

export const builtinModules = [
  "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram", "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs",
  "fs/promises", "http", "http2", "https", "inspector", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
  "stream/consumers", "stream/promises", "stream/web", "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events", "tty", "url", "util", "util/types", "v8", "vm", "wasi",
  "worker_threads", "zlib",
];

export const isBuiltin = (name: string): boolean => builtinModules.includes(String(name).replace(/^node:/, ""));

export function createRequire(_from: string | object): (name: string) => never {
  const require = (name: string): never => {
    throw Object.assign(new Error(`cannot find \`${name}\`: a worker's modules are bundled when it is built`), { code: "MODULE_NOT_FOUND" });
  };
  return Object.assign(require, { resolve: require, cache: {}, extensions: {}, main: undefined });
}

export class Module {
  constructor() {
    absent("node:module", "Module");
  }
}
export const register = (): never => absent("node:module", "register");
export const findSourceMap = (): undefined => undefined;
export const syncBuiltinESMExports = (): void => {};
export class SourceMap extends Module {}

export default Object.assign(Module, { Module, builtinModules, isBuiltin, createRequire, register, findSourceMap, syncBuiltinESMExports, SourceMap });
