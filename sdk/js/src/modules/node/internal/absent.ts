/** For what Node.js has and a worker cannot have: files, processes, sockets to listen on. */

export function absent(module: string, member: string): never {
  const error = new Error(`\`${member}\` of \`${module}\` is not available in a worker`);
  throw Object.assign(error, { code: "ERR_METHOD_NOT_IMPLEMENTED" });
}

export function name<T extends object>(value: T, text: string): T {
  return Object.defineProperty(value, "name", { value: text, configurable: true });
}
