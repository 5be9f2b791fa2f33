/** The privileged `executions` binding: the records of invocations, which the host writes in batches, and how workers fare. */
import { native } from "./host";
import type { NativeHealth } from "./native";

export class Executions {
  /** Resolves when the records of all invocations that have ended are in the store, or after a second. */
  async flush(): Promise<void> {
    native.executionsFlush!();
  }

  /** By the worker's id. */
  async health(worker: string): Promise<NativeHealth> {
    return native.executionsHealth!(worker);
  }
}
