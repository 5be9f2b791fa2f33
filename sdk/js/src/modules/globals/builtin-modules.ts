/** What `process.getBuiltinModule` finds, by names without their prefix: the build adds each module that a worker names in a call of it. */
export const builtinModules = new Map<string, object>();
