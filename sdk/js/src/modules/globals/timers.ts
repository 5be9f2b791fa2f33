/** The globals `setImmediate` and `clearImmediate`. */
import { clearImmediate, setImmediate } from "../node/timers";

for (const [name, value] of Object.entries({ setImmediate, clearImmediate })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}
