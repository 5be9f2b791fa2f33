/** Asks the host to serve what the store says. */
import type { Env } from "../env.ts";
import { ApiError, messageOf } from "../errors.ts";

/** `done` says what holds already, since a failure here undoes nothing: the host reads the store again by itself. */
export async function reload(env: Env, workerId: string | null, done: string): Promise<void> {
  try {
    await env.ROUTING.reload(workerId);
  } catch (error) {
    throw new ApiError("unavailable", `${done}, and the host follows at its next reload, within seconds: ${messageOf(error)}`);
  }
}
