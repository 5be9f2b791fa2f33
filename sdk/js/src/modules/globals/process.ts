/** The global `process`. */
import process from "../node/process";

Object.defineProperty(globalThis, "process", { value: process, writable: true, configurable: true, enumerable: false });
