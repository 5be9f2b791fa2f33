/** `ctx`: what a handler gets as its third argument, and what lets an invocation outlive its response. */
import { begin, done } from "./ending";
import { shape } from "./expose";
import { native } from "./host";
import { reportFailure } from "./report-error";
import { serviceBinding } from "./service";
import { serving } from "./web/cf";
import { resolved, then } from "./web/streams/promises";
import { need } from "./web/webidl";

/** Of the one context that there is. */
let props: Record<string, unknown> = {};
let entrypointNames: () => string[] = () => [];

export function setProps(given: Record<string, unknown>): void {
  props = given;
}

export function setEntrypointNames(names: () => string[]): void {
  entrypointNames = names;
}

/** The host sets it on a request, whatever its client sends (docs/reference/authentication.md). */
const PRINCIPAL = "x-ouro-principal";

/** From the head that the host has handed over, and not from `request`, which the worker may have been handed in another form. */
function principal(): unknown {
  if (serving.request === null) return null;
  const flat = native.requestHeaders();
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === PRINCIPAL) return JSON.parse(flat[i + 1]!);
  return null;
}

export class ExecutionContext {
  /** The invocation ends when the promise is settled. A rejection is its failure. */
  waitUntil(promise: unknown): void {
    need(arguments.length, 1, "waitUntil");
    waitUntil(promise);
  }

  /** There is no origin behind a worker to pass the request to; accepted so that workers written with one run. */
  passThroughOnException(): void {}

  /** What the service binding says that called this worker. */
  get props(): Record<string, unknown> {
    return props;
  }

  /** Who the host has found that the request comes from; null for nobody, and where the worker is public. */
  get principal(): unknown {
    return principal();
  }

  /** The worker's own entrypoints, as service bindings reach them. */
  get exports(): Record<string, object> {
    return Object.fromEntries(entrypointNames().map((name) => [name, serviceBinding(name, true)]));
  }
}

/** `ctx` of a request while the worker is built. */
export class WarmUpContext extends ExecutionContext {
  readonly #promises: unknown[] = [];

  override waitUntil(promise: unknown): void {
    this.#promises.push(promise);
  }

  async settled(): Promise<void> {
    for (const promise of this.#promises) await promise;
  }
}

/** What `waitUntil` promises failed with before the answer, which they must not take the place of; null once it is out. */
let early: unknown[] | null = [];

/** The answer is out: failures from before it are reported now, later ones at once. */
export function answered(): void {
  const failures = early;
  early = null;
  if (failures !== null) for (const failure of failures) reportFailure(failure);
  done();
}

export function waitUntil(promise: unknown): void {
  const release = native.holdInvocation();
  begin();
  const end = (): void => {
    done();
    release();
  };
  then(resolved(promise), end, (error) => {
    if (early === null) reportFailure(error);
    else early.push(error);
    end();
  });
}

shape("ExecutionContext", ExecutionContext);
