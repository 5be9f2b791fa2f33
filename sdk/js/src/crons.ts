/** The privileged `crons` binding: when workers run by themselves. */
import { native } from "./host";

export class Crons {
  /** The next due times, in Unix milliseconds. */
  async check(expression: string, timeZone: string, weekdays: "posix" | "cloudflare"): Promise<number[]> {
    return native.cronsCheck!(expression, timeZone, weekdays);
  }

  /** What is due is looked for now. */
  async reload(): Promise<void> {
    native.cronsReload!();
  }
}
