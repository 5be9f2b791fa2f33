/** `cloudflare:email`. */
import internal from "ouro:internal";

export const { EmailMessage } = internal;
