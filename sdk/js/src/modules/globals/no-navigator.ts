/** Before 2022-03-21 there was no `navigator`: flag `no_global_navigator`. It is an attribute of the global object's class. */
for (let scope: object | null = globalThis; scope !== null; scope = Object.getPrototypeOf(scope) as object | null) Reflect.deleteProperty(scope, "navigator");
export {};
