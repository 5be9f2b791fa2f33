/** `performance.now` and `timeOrigin` (High Resolution Time): the origin is the beginning of the invocation. */
import { exposeGlobal, shape } from "../expose";
import { runTimeOnly } from "../guards";
import { native } from "../host";
import { EventTarget } from "./events";

class Performance extends EventTarget {
  now(): number {
    runTimeOnly("`performance.now()`");
    return native.monotonicMs();
  }

  get timeOrigin(): number {
    return Date.now() - native.monotonicMs();
  }

  toJSON(): { timeOrigin: number } {
    return { timeOrigin: this.timeOrigin };
  }
}

shape("Performance", Performance);
exposeGlobal("Performance", Performance);
exposeGlobal("performance", new Performance());
