/** `request.cf`: what Cloudflare tells of a client's connection, as far as a node of one's own can know it. Made when somebody asks. */
import { native } from "../host";

export type Cf = Record<string, unknown>;

/** The request that the host has handed over, and what its connection is, once that was asked for. */
export const serving: { request: object | null; cf: Cf | null } = { request: null, cf: null };

/** Stands for the connection of the served request in those that were made of it. */
export const SERVED = Symbol("the client's connection");

interface Owner {
  readonly headers: { get(name: string): string | null };
  _cf: Cf | typeof SERVED | undefined;
}

export function cfOf(request: Owner): Cf | undefined {
  const cf = heirloom(request);
  return cf === SERVED ? (serving.cf ??= connectionOf(request)) : cf;
}

/** What a copy of the request keeps. */
export function heirloom(request: Owner): Owner["_cf"] {
  return request === serving.request ? (request._cf ?? SERVED) : request._cf;
}

/** The node ends no TLS and knows no map of addresses: null is what it does not know. */
function connectionOf(request: Owner): Cf {
  const [colo, httpProtocol] = native.connection();
  const unknown = ["country", "continent", "region", "regionCode", "city", "postalCode", "latitude", "longitude", "timezone", "asn", "asOrganization", "tlsVersion", "tlsCipher"];
  return {
    colo,
    httpProtocol,
    clientAcceptEncoding: request.headers.get("accept-encoding") ?? "",
    requestPriority: "",
    ...Object.fromEntries(unknown.map((name) => [name, null])),
  };
}
