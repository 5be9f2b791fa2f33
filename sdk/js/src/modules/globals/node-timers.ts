/** The globals that make timers, giving objects as Node.js does: flag `enable_nodejs_global_timers`, on since 2026-02-10. */
import { clearInterval, clearTimeout, setInterval, setTimeout } from "../node/timers";

for (const [name, value] of Object.entries({ setTimeout, setInterval, clearTimeout, clearInterval })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}
