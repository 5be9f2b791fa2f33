/** `env`: vars and secrets as text, structured vars parsed, and one object per binding. */
import { Artifacts } from "./artifacts";
import { Assets } from "./assets";
import { Build } from "./build";
import { Crons } from "./crons";
import { D1Database } from "./database";
import { Databases } from "./databases";
import { Domains } from "./domains";
import { Executions } from "./executions";
import { native } from "./host";
import { Identity } from "./identity";
import { Mail } from "./mail";
import { Routing } from "./routing";
import { Secrets } from "./secrets";
import { serviceBinding } from "./service";

export type Environment = Record<string, unknown>;

/** Kinds of bindings, each with what makes its object from the binding's name. */
const KINDS: Record<string, (name: string) => unknown> = {
  assets: (name) => new Assets(name),
  database: (name) => new D1Database(() => native.openDatabase(name)),
  service: (name) => serviceBinding(name),
  // Granted to the management API alone; the natives behind them are absent elsewhere.
  artifacts: () => new Artifacts(),
  build: () => new Build(),
  crons: () => new Crons(),
  databases: () => new Databases(),
  domains: () => new Domains(),
  executions: () => new Executions(),
  identity: () => new Identity(),
  mail: () => new Mail(),
  routing: () => new Routing(),
  secrets: () => new Secrets(),
};

/** `flat` is name, kind, value, …; kinds are text, json, secret and binding, whose value is the kind of the binding. */
export function createEnv(flat: string[]): Environment {
  const env: Environment = {};
  for (let i = 0; i < flat.length; i += 3) {
    const kind = flat[i + 1]!;
    const value = flat[i + 2]!;
    if (kind === "json") env[flat[i]!] = JSON.parse(value) as unknown;
    else if (kind === "binding") env[flat[i]!] = createBinding(value, flat[i]!);
    else env[flat[i]!] = value;
  }
  for (const listener of listeners) listener(flat);
  return (current = env);
}

/** Of the invocation; null while the worker is built. */
let current: Environment | null = null;

function known(): Environment {
  const replaced = (native.context() as ReadonlyMap<object, unknown> | undefined)?.get(REPLACED);
  if (replaced !== undefined) return replaced as Environment;
  if (current !== null) return current;
  // The builder puts the module that asks off to the invocation; nobody sees this error but where that cannot help.
  native.wantEnv();
  throw new Error(
    "`env` of `cloudflare:workers` is not known at the top level of a worker: it runs once, when the worker is built; read `env` inside a function that a handler calls",
  );
}

/** `import { env } from "cloudflare:workers"`: the environment of the invocation, whoever reads it. */
export const importableEnv: Environment = new Proxy({} as Environment, {
  get: (_target, name) => (typeof name === "symbol" && current === null ? undefined : (known() as Record<PropertyKey, unknown>)[name]),
  has: (_target, name) => name in known(),
  set: (_target, name, value: unknown) => Reflect.set(known(), name, value),
  ownKeys: () => Reflect.ownKeys(known()),
  getOwnPropertyDescriptor: (_target, name) => Reflect.getOwnPropertyDescriptor(known(), name),
});

/** What a handler gets while the worker is built: what was made of it would go to every invocation. */
export const absentEnv: Environment = new Proxy({} as Environment, {
  get: (_target, name) => unknown(`env.${String(name)}`),
  has: (_target, name) => unknown(`env.${String(name)}`),
  ownKeys: () => unknown("env"),
  getOwnPropertyDescriptor: () => unknown("env"),
});

function unknown(what: string): never {
  throw new Error(`\`${what}\` is not known while the worker is built, which is when a warm-up request runs`);
}

/** Under it a context of asynchronous work, which storages of `node:async_hooks` share, holds the environment that `withEnv` gives. */
const REPLACED = {};

/** Runs a function under another environment, and all that it starts. */
export function withEnv<R>(env: Environment, body: () => R): R {
  native.trackContext();
  const outer = native.context() as ReadonlyMap<object, unknown> | undefined;
  native.setContext(new Map(outer).set(REPLACED, env));
  try {
    return body();
  } finally {
    native.setContext(outer);
  }
}

const listeners: ((flat: string[]) => void)[] = [];

/** Tells `node:process` of the vars and secrets of an invocation. */
export function onEnv(listener: (flat: string[]) => void): void {
  listeners.push(listener);
}

function createBinding(kind: string, name: string): unknown {
  const create = KINDS[kind];
  if (create === undefined) throw new Error(`the binding \`${name}\` is of a kind that this engine does not know: \`${kind}\``);
  return create(name);
}
