/** MIME types (MIME Sniffing 4): parsing, serialising, and the one that a header list has (Fetch 2.2.2, "extract a MIME type"). */

export interface MimeType {
  /** `type/subtype`, in lower case. */
  essence: string;
  /** Names in lower case, each once. */
  parameters: Map<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
/** The HTTP quoted-string token code points. */
const QUOTABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function parseMimeType(input: string): MimeType | null {
  const text = trim(input);
  const end = text.indexOf(";");
  const essence = (end < 0 ? text : text.slice(0, end)).replace(/[\t\n\r ]+$/, "");
  const slash = essence.indexOf("/");
  if (slash < 0 || !TOKEN.test(essence.slice(0, slash)) || !TOKEN.test(essence.slice(slash + 1))) return null;
  return { essence: lower(essence), parameters: end < 0 ? new Map() : parseParameters(text, end + 1) };
}

/** From behind the first semicolon. What is no parameter is left out. */
function parseParameters(text: string, start: number): Map<string, string> {
  const parameters = new Map<string, string>();
  for (let at = start; at < text.length; ) {
    while (/[\t\n\r ]/.test(text[at] ?? "")) at++;
    let end = at;
    while (end < text.length && text[end] !== ";" && text[end] !== "=") end++;
    const name = lower(text.slice(at, end));
    if (text[end] !== "=") {
      at = end + 1;
      continue;
    }
    const quoted = text[end + 1] === '"' ? quotedString(text, end + 1) : null;
    const semicolon = text.indexOf(";", quoted === null ? end + 1 : quoted.end);
    at = semicolon < 0 ? text.length : semicolon;
    const value = quoted === null ? text.slice(end + 1, at).replace(/[\t\n\r ]+$/, "") : quoted.value;
    at++;
    if (quoted === null && value === "") continue;
    if (TOKEN.test(name) && QUOTABLE.test(value) && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** "Collect an HTTP quoted string" (Fetch 2.2): one that is not closed ends with the text. */
function quotedString(text: string, quote: number): { value: string; end: number } {
  let value = "";
  let at = quote + 1;
  for (; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === "\\" && at + 1 < text.length) at++;
    value += text[at]!;
  }
  return { value, end: Math.min(at + 1, text.length) };
}

export function serializeMimeType({ essence, parameters }: MimeType): string {
  let text = essence;
  for (const [name, value] of parameters) {
    text += `;${name}=${TOKEN.test(value) ? value : `"${value.replace(/(["\\])/g, "\\$1")}"`}`;
  }
  return text;
}

/** The MIME type of a `content-type` with all its values; null where there is none (Fetch, "extract a MIME type"). */
export function extractMimeType(header: string | null): MimeType | null {
  if (header === null) return null;
  let charset: string | null = null;
  let found: MimeType | null = null;
  for (const value of splitValues(header)) {
    const type = parseMimeType(value);
    if (type === null || type.essence === "*/*") continue;
    const own = type.parameters.get("charset");
    if (type.essence !== found?.essence) charset = own ?? null;
    else if (own === undefined && charset !== null) type.parameters.set("charset", charset);
    found = type;
  }
  return found;
}

/** Splits a combined value at the commas that stand outside of quotes (Fetch, "get, decode, and split"). */
function splitValues(text: string): string[] {
  if (!text.includes(",")) return [text];
  const values: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"') {
      at = quotedString(text, at).end - 1;
    } else if (at === text.length || text[at] === ",") {
      values.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return values;
}

function trim(text: string): string {
  return text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
}

/** `toLowerCase` would also change U+212A into `k`. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}
