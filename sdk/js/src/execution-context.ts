/** `ctx`: what a handler gets as its third argument, and what lets an invocation outlive its response. */
import { shape } from "./expose";
import { native } from "./host";
import { reportFailure } from "./report-error";
import { serviceBinding } from "./service";
import { need } from "./web/webidl";

export class ExecutionContext {
  declare _props: Record<string, unknown>;
  /** Names of the worker's entrypoints. */
  declare _names: () => string[];

  /** The invocation ends when the promise is settled. A rejection is its failure. */
  waitUntil(promise: unknown): void {
    need(arguments.length, 1, "waitUntil");
    waitUntil(promise);
  }

  /** There is no origin behind a worker to pass the request to; accepted so that workers written with one run. */
  passThroughOnException(): void {}

  /** What the service binding says that called this worker. */
  get props(): Record<string, unknown> {
    return this._props;
  }

  /** The worker's own entrypoints, as service bindings reach them. */
  get exports(): Record<string, object> {
    return Object.fromEntries(this._names().map((name) => [name, serviceBinding(name, true)]));
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

Object.assign(ExecutionContext.prototype, { _props: {}, _names: () => [] });
shape("ExecutionContext", ExecutionContext);
