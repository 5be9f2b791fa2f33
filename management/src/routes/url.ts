/** Where things are served. */
import { MANAGEMENT } from "../domain/names.ts";
import type { Env } from "../env.ts";

/** Of a worker, or of the version that an alias of it names. This API is at the bare base domain; scheme and port are those of the API. */
export function urlOf(env: Env, worker: string, alias?: string): string {
  const api = new URL(env.PUBLIC_URL);
  if (worker === MANAGEMENT) return api.origin;
  const name = alias === undefined ? worker : `${alias}.${worker}`;
  return `${api.protocol}//${name}.${env.BASE_DOMAIN}${api.port === "" ? "" : `:${api.port}`}`;
}
