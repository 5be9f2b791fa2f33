/** A `Transform` that becomes one when it is used as a stream: making its state takes longer than hashing a short text. */
import { Transform } from "../stream";

interface Lazy {
  _options: object | undefined;
  _writableState: { decodeStrings: boolean };
}

function Constructor(this: Lazy, options?: object): void {
  Object.defineProperty(this, "_options", { value: options });
}
Object.setPrototypeOf(Constructor.prototype, Transform.prototype);

for (const name of ["_readableState", "_writableState"] as const) {
  Object.defineProperty(Constructor.prototype, name, {
    configurable: true,
    get(this: Lazy & Record<string, unknown>) {
      (Transform as unknown as (this: object, options?: object) => void).call(this, this._options);
      // What is written as text keeps its encoding.
      this._writableState.decodeStrings = false;
      return this[name];
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true });
    },
  });
}

export const LazyTransform = Constructor as unknown as new (options?: object) => object;
