/** What other workers may call, and how a path of names is followed into it. */
import type { Environment } from "../env";
import type { ExecutionContext } from "../execution-context";
import { shape } from "../expose";
import { stubOf } from "./stubs";

/** Objects of classes that extend it are handed to other workers as capabilities. */
export class RpcTarget {}

/** Base of the classes that a worker exports as entrypoints. */
export class WorkerEntrypoint {
  declare readonly ctx: ExecutionContext;
  declare readonly env: Environment;

  constructor(ctx: ExecutionContext, env: Environment) {
    Object.defineProperties(this, { ctx: { value: ctx, writable: true, configurable: true }, env: { value: env, writable: true, configurable: true } });
  }
}

for (const constructor of [RpcTarget, WorkerEntrypoint]) shape(constructor.name, constructor);

/** Names that mean something else on an entrypoint, or on every object. */
const RESERVED = new Set(["constructor", "fetch", "connect", "alarm", "scheduled", "queue", "email", "tail", "trace", "test", "dup"]);

type Callable = (...args: unknown[]) => unknown;

/** The value of a property that may be seen from outside, with what a call of it has as `this`. */
function property(owner: unknown, name: string): unknown {
  const found = isTarget(owner) ? inherited(owner, name) : own(owner, name);
  if (found === MISSING) throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
  return found;
}

const MISSING = Symbol("missing");

function isTarget(value: unknown): value is object {
  return value instanceof RpcTarget || value instanceof WorkerEntrypoint;
}

/** What its class says; what the object itself holds is private, as on Cloudflare. */
function inherited(owner: object, name: string): unknown {
  if (RESERVED.has(name) || Object.hasOwn(owner, name)) return MISSING;
  for (let at: object | null = Object.getPrototypeOf(owner); at !== null; at = Object.getPrototypeOf(at)) {
    if (at === RpcTarget.prototype || at === WorkerEntrypoint.prototype || at === Object.prototype) return MISSING;
    if (Object.hasOwn(at, name)) return (owner as Record<string, unknown>)[name];
  }
  return MISSING;
}

/** Plain objects show what they hold themselves. */
function own(owner: unknown, name: string): unknown {
  const isObject = typeof owner === "object" && owner !== null;
  return isObject && Object.hasOwn(owner, name) ? (owner as Record<string, unknown>)[name] : MISSING;
}

/** Follows the names; the last one is called where there are arguments. */
export async function follow(root: unknown, path: string[], args: unknown[] | null): Promise<unknown> {
  let [owner, value]: [unknown, unknown] = [undefined, root];
  for (const [at, name] of path.entries()) {
    // What stands for something in a third worker passes the rest of the way on.
    const there = typeof value === "function" ? stubOf(value) : null;
    if (there !== null) return there.call(path.slice(at), args);
    [owner, value] = [value, await property(value, name)];
  }
  if (args === null) return value;
  const name = path.at(-1);
  if (typeof value !== "function") throw new TypeError(name === undefined ? "The RPC receiver is not callable." : `"${name}" is not a function.`);
  return Reflect.apply(value as Callable, owner, args);
}

/** Methods of an exported object that is no class: called with one argument of the caller's, and `env` and `ctx`. */
export function plainTarget(exported: object, env: Environment, ctx: ExecutionContext): object {
  const wrap = (name: string, method: Callable): Callable => (...args) => {
    if (method.length !== 3 || args.length > 1) {
      throw new TypeError(
        `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC if it has exactly the arguments ` +
          "(arg, env, ctx), where only the first argument comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.",
      );
    }
    return method.call(exported, args[0], env, ctx);
  };
  const methods = Object.entries(exported).filter(([name, method]) => typeof method === "function" && !RESERVED.has(name));
  return Object.fromEntries(methods.map(([name, method]) => [name, wrap(name, method as Callable)]));
}
