/** `ctx`: what a handler gets as its third argument, and what lets an invocation outlive its response. */
import { shape } from "./expose";
import { native } from "./host";
import { reportFailure } from "./report-error";

export class ExecutionContext {
  /** The invocation ends when the promise is settled. A rejection is its failure. */
  waitUntil(promise: unknown): void {
    waitUntil(promise);
  }

  /** There is no origin behind a worker to pass the request to; accepted so that workers written with one run. */
  passThroughOnException(): void {}

  get props(): Record<string, unknown> {
    return {};
  }
}

/** What `waitUntil` promises failed with before the answer, which they must not take the place of; null once it is out. */
let early: unknown[] | null = [];

/** The answer is out: failures from before it are reported now, later ones at once. */
export function answered(): void {
  const failures = early;
  early = null;
  if (failures !== null) for (const failure of failures) reportFailure(failure);
}

export function waitUntil(promise: unknown): void {
  const release = native.holdInvocation();
  Promise.resolve(promise).then(release, (error: unknown) => {
    if (early === null) reportFailure(error);
    else early.push(error);
    release();
  });
}

shape("ExecutionContext", ExecutionContext);
