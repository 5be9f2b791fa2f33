/** Who a request comes from, as the host found out before this instance started (docs/decisions/0018-principals.md). */
import * as z from "zod";

/** The host sets it, and takes it off whatever a client sends. */
export const PRINCIPAL_HEADER = "x-ouro-principal";

const principal = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("operator"), id: z.string() }),
  z.object({ kind: z.literal("user"), id: z.string(), session: z.string(), email: z.string(), name: z.string().default("") }),
  z.object({ kind: z.literal("key"), id: z.string(), organization: z.string(), scopes: z.array(z.string()) }),
  z.object({ kind: z.literal("service"), id: z.string(), organization: z.string() }),
]);

export type Principal = z.output<typeof principal>;
export type User = Extract<Principal, { kind: "user" }>;

/** `null` where nobody is signed in. Kinds that have no business here (`anon`, `external`) are nobody. */
export function principalOf(headers: Headers): Principal | null {
  const text = headers.get(PRINCIPAL_HEADER);
  if (text === null) return null;
  return principal.safeParse(JSON.parse(text)).data ?? null;
}
