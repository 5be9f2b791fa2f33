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

export function waitUntil(promise: unknown): void {
  const release = native.holdInvocation();
  Promise.resolve(promise).then(release, (error: unknown) => {
    reportFailure(error);
    release();
  });
}

shape("ExecutionContext", ExecutionContext);
