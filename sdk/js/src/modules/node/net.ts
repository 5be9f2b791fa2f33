/** `node:net`: tells addresses apart; sockets throw. */
import stub from "stub:net";
export * from "stub:net";

const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const V4 = new RegExp(`^(?:${BYTE}\\.){3}${BYTE}$`);

export function isIPv4(text: unknown): boolean {
  return V4.test(String(text));
}

/** RFC 4291 2.2, with a zone behind a percent sign (RFC 4007 11). */
export function isIPv6(text: unknown): boolean {
  const [address = "", zone] = String(text).split("%");
  if (zone === "") return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1)!;
  const embedded = last.length > 0 && last.at(-1)!.includes(".");
  if (embedded && !isIPv4(last.pop())) return false;
  const count = groups.flat().length + (embedded ? 2 : 0);
  return groups.flat().every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

export function isIP(text: unknown): 0 | 4 | 6 {
  return isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0;
}

export default { ...stub, isIP, isIPv4, isIPv6 };
