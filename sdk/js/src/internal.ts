/**
 * What the modules that Ouro provides (`src/modules`: `node:*`, `cloudflare:*`) get from the prelude, as the default export of
 * `ouro:internal`. The engine serves that import, and the bundler refuses it to everyone else; a worker that gets at it all the same
 * holds nothing that its own bindings do not give it. Bundles outlive the engine that they were built with: what stands here stays.
 */
import { atEnd, hasEnded } from "./ending";
import { importableEnv, onEnv, withEnv } from "./env";
import { waitUntil } from "./execution-context";
import { atTopLevel } from "./guards";
import { native } from "./host";
import { RpcTarget, WorkerEntrypoint } from "./rpc/targets";
import { EmailMessage } from "./triggers";
import * as clock from "./web/clock";
import { formatLog } from "./web/console";
import { slotsOf } from "./web/crypto/key";
import { inspect } from "./web/inspect";

/** What stands behind a CryptoKey that may be exported, for `KeyObject.from`; null for anything else. */
function cryptoKeyData(key: object): { secret: Uint8Array | null; isPrivate: boolean; der: Uint8Array } | null {
  const slots = slotsOf(key);
  if (slots === null || !slots.extractable) return null;
  return { secret: slots.type === "secret" ? slots.data : null, isPrivate: slots.type === "private", der: slots.data };
}

/** The clock that workers may read, in milliseconds; `what` asks. */
function now(what: string): number {
  atTopLevel(what);
  return clock.now();
}

export const internal = {
  native,
  now,
  atEnd,
  hasEnded,
  inspect,
  formatLog,
  onEnv,
  waitUntil,
  cryptoKeyData,
  env: importableEnv,
  withEnv,
  RpcTarget,
  WorkerEntrypoint,
  EmailMessage,
};

export type Internal = typeof internal;
