/** Tasks: what happens by itself after the running job, each with its own microtasks (HTML 8.1.7.1). */
import { native } from "../host";
import { report } from "./report-error";

/** Runs `task` soon. Tasks run in the order in which they were queued; an invocation that is finished does not wait for them. */
export function queueTask(task: () => void): void {
  native.startTimer(0, () => {
    try {
      task();
    } catch (error) {
      report(error);
    }
  });
}
