/** Reads JSON bodies. What is wrong with one is told by place and field, in the same words on every engine. */
import { ApiError, invalidField } from "./errors.ts";

/** 20,000 assets with long paths fit. */
export const BODY_BYTES_MAX = 16 << 20;

export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === "") throw invalidField("", "the body is empty: expected a JSON object");
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { path, message } = findFault(text);
    throw invalidField(path, `not JSON: ${message}`);
  }
}

async function readText(request: Request): Promise<string> {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length > BODY_BYTES_MAX) throw tooLarge();
  if (!Number.isNaN(length) || request.body === null) return request.text();
  // Without a length the body is counted as it comes.
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(): ApiError {
  return new ApiError("too_large", `the body is larger than ${BODY_BYTES_MAX} bytes`);
}

interface Level {
  kind: "{" | "[";
  /** Name of the field, or number of the item, that is being read. */
  at: string | number;
}

/** Where text stops being JSON (RFC 8259). Only called for text that is not. */
export function findFault(text: string): { path: string; message: string } {
  const levels: Level[] = [];
  let expected: "value" | "name" | "colon" | "separator" | "end" = "value";
  let mayClose = false;
  let at = 0;

  const fault = (what: string): { path: string; message: string } => {
    const before = text.slice(0, at).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    const found = at < text.length ? `found \`${text.slice(at, at + 1)}\`` : "found the end";
    return {
      path: levels.map((level) => level.at).filter((name) => name !== "").join("."),
      message: `expected ${what}, ${found} at line ${before.length}, column ${column}`,
    };
  };
  const close = (): void => {
    levels.pop();
    expected = levels.length === 0 ? "end" : "separator";
  };

  for (;;) {
    at = skip(text, at, /[ \t\n\r]*/y);
    const level = levels.at(-1);
    const char = text.charAt(at);
    if (expected === "end") return fault("the end");
    if (expected === "colon") {
      if (char !== ":") return fault("`:`");
      at += 1;
      expected = "value";
      mayClose = false;
    } else if (expected === "separator") {
      const closing = level?.kind === "{" ? "}" : "]";
      if (char === closing) close();
      else if (char !== ",") return fault(`\`,\` or \`${closing}\``);
      else if (level?.kind === "[") {
        level.at = Number(level.at) + 1;
        expected = "value";
        mayClose = false;
      } else {
        expected = "name";
        mayClose = false;
      }
      at += 1;
    } else if (expected === "name") {
      if (char === "}" && mayClose) {
        close();
        at += 1;
        continue;
      }
      if (char !== '"') return fault(mayClose ? "a field name or `}`" : "a field name in double quotes");
      const end = endOfString(text, at);
      if (level !== undefined) level.at = text.slice(at + 1, end.at - (end.ok ? 1 : 0));
      at = end.at;
      if (!end.ok) return fault("the end of a string");
      expected = "colon";
    } else if (char === "]" && mayClose) {
      close();
      at += 1;
    } else if (char === "{" || char === "[") {
      levels.push({ kind: char, at: char === "[" ? 0 : "" });
      expected = char === "{" ? "name" : "value";
      mayClose = true;
      at += 1;
    } else {
      if (char === '"') {
        const end = endOfString(text, at);
        at = end.at;
        if (!end.ok) return fault("the end of a string");
      } else {
        const end = skip(text, at, /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y);
        if (end === at) return fault("a value");
        at = end;
      }
      expected = levels.length === 0 ? "end" : "separator";
    }
  }
}

function skip(text: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** Behind the closing quote, or where the string breaks. */
function endOfString(text: string, start: number): { at: number; ok: boolean } {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { at: at + 1, ok: true };
    if (char < " ") return { at, ok: false };
    if (char === "\\") {
      const end = skip(text, at, /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y);
      if (end === at) return { at, ok: false };
      at = end;
    } else {
      at += 1;
    }
  }
  return { at, ok: false };
}
