/**
 * What the modules that Ouro provides (`src/modules`: `node:*`, `cloudflare:*`) get from the prelude, as the default export of
 * `ouro:internal`. The engine serves that import, and the bundler refuses it to everyone else; a worker that gets at it all the same
 * holds nothing that its own bindings do not give it. Bundles outlive the engine that they were built with: what stands here stays.
 */
import { importableEnv, onEnv, withEnv } from "./env";
import { waitUntil } from "./execution-context";
import { native } from "./host";
import { RpcTarget, WorkerEntrypoint } from "./rpc/targets";
import { EmailMessage } from "./triggers";
import { formatLog } from "./web/console";
import { inspect } from "./web/inspect";

export const internal = {
  native,
  inspect,
  formatLog,
  onEnv,
  waitUntil,
  env: importableEnv,
  withEnv,
  RpcTarget,
  WorkerEntrypoint,
  EmailMessage,
};

export type Internal = typeof internal;
