/** Ids as host/core writes them: a prefix that names the kind, and 32 random hex digits. */
export type IdPrefix = "wrk_" | "ver_" | "dep_" | "env_" | "db_" | "usr_" | "org_" | "inv_" | "ses_" | "key_" | "aud_" | "crn_" | "crr_" | "rft_";

export function newId(prefix: IdPrefix): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return prefix + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
