/** The privileged `routing` binding: what the gateway serves. */
import { native } from "./host";

export class Routing {
  /** Loads a stored version and, where a path is given, expects status 200 from it. */
  async check(version: string, healthPath?: string | null): Promise<void> {
    native.routingCheck!(version, healthPath ?? null);
  }

  /** Reads the live version of the worker anew; of all workers where none is named. */
  async reload(worker?: string | null): Promise<void> {
    native.routingReload!(worker ?? null);
  }
}
