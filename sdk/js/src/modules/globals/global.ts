/** `global`, as Node.js calls `globalThis`. */
Object.defineProperty(globalThis, "global", { value: globalThis, writable: true, configurable: true, enumerable: false });
export {};
