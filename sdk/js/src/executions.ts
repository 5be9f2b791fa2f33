/** The privileged `executions` binding: the records of invocations, which the host writes in batches. */
import { native } from "./host";

export class Executions {
  /** Resolves when the records of all invocations that have ended are in the store, or after a second. */
  async flush(): Promise<void> {
    native.executionsFlush!();
  }
}
