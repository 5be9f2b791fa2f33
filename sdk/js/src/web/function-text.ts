/** `Function.prototype.toString` for the worker's own functions: the engine keeps their text apart from them (sdk/engine/src/js/source.rs). */
import { native } from "../host";

/** The name under which the engine compiles a worker's bundle. */
const BUNDLE = "worker.js";

const { prototype } = Function;
const engineText = prototype.toString;
const fileName = getter<string | undefined>("fileName");
const lineNumber = getter<number>("lineNumber");
const columnNumber = getter<number>("columnNumber");

/** QuickJS tells every function where it is defined. Node, where the tests run, does not. */
function getter<T>(name: string): (this: unknown) => T | undefined {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get ?? (() => undefined);
}

const { toString } = {
  toString(this: unknown): string {
    const text = engineText.call(this);
    if (fileName.call(this) !== BUNDLE) return text;
    return native.functionText(lineNumber.call(this)!, columnNumber.call(this)!) ?? text;
  },
};
Object.defineProperty(prototype, "toString", { value: toString, writable: true, configurable: true, enumerable: false });
