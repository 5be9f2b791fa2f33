/** `cloudflare:workers`. */
import { envIsImportable } from "ouro:build";
import internal from "ouro:internal";

/** Empty under the flag `disallow_importable_env`. */
export const env = envIsImportable ? internal.env : {};

export const { waitUntil, withEnv, RpcTarget, WorkerEntrypoint } = internal;

/** A base class of what this host does not have: a class that extends it can be declared, and not be made. */
function absent(name: string, what: string): new () => object {
  const Absent = class {
    constructor() {
      throw new Error(`\`${name}\` is not available: Ouro has no ${what} yet`);
    }
  };
  Object.defineProperty(Absent, "name", { value: name });
  return Absent;
}

export const DurableObject = absent("DurableObject", "Durable Objects");
export const WorkflowEntrypoint = absent("WorkflowEntrypoint", "workflows");
export const RpcStub = absent("RpcStub", "stubs of a worker's own objects: stubs come from calls of other workers");
