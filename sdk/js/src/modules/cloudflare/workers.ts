/** `cloudflare:workers`. */
import internal from "ouro:internal";

export const waitUntil = internal.waitUntil;
