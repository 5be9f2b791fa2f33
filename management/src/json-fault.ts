/**
 * Finds where text stops being JSON (RFC 8259), and in which field. Engines tell it in words of their own, or not at all.
 * It reads without recursion, so that no depth of nesting ends it.
 */

export interface Fault {
  /** Names of fields and numbers of items, joined by dots. */
  path: string;
  message: string;
}

/** Only for text that is not JSON. */
export function findFault(text: string): Fault {
  const scanner = new Scanner(text);
  let fault: string | undefined;
  while (fault === undefined) fault = scanner.step();
  return scanner.describe(fault);
}

interface Level {
  readonly kind: "{" | "[";
  /** Name of the field, or number of the item, that is being read; empty before the first name. */
  at: string | number;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Scanner {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #at = 0;
  #next: "value" | "name" | "colon" | "separator" | "end" = "value";
  /** Right behind an opening bracket. */
  #isFirst = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads one token; answers with what was expected instead of it, where it is not the right one. */
  step(): string | undefined {
    this.#skip(SPACE);
    switch (this.#next) {
      case "value":
        return this.#value();
      case "name":
        return this.#name();
      case "colon":
        return this.#colon();
      case "separator":
        return this.#separator();
      case "end":
        return "the end";
    }
  }

  describe(expected: string): Fault {
    const before = this.#text.slice(0, this.#at).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    const found = this.#at < this.#text.length ? `\`${this.#char}\`` : "the end";
    return {
      path: this.#levels.map((level) => level.at).filter((name) => name !== "").join("."),
      message: `expected ${expected}, found ${found} at line ${before.length}, column ${column}`,
    };
  }

  get #char(): string {
    return this.#text.charAt(this.#at);
  }

  #value(): string | undefined {
    const char = this.#char;
    if (char === "]" && this.#isFirst) return this.#close();
    if (char === "{" || char === "[") return this.#open(char);
    const isRead = char === '"' ? this.#string() : this.#skip(SCALAR);
    if (!isRead) return char === '"' ? "the end of a string" : "a value";
    return this.#ended();
  }

  #name(): string | undefined {
    if (this.#char === "}" && this.#isFirst) return this.#close();
    if (this.#char !== '"') return this.#isFirst ? "a field name or `}`" : "a field name in double quotes";
    const start = this.#at + 1;
    if (!this.#string()) return "the end of a string";
    const level = this.#levels.at(-1);
    if (level !== undefined) level.at = this.#text.slice(start, this.#at - 1);
    this.#next = "colon";
    return undefined;
  }

  #colon(): string | undefined {
    if (this.#char !== ":") return "`:`";
    return this.#take("value");
  }

  #separator(): string | undefined {
    const level = this.#levels.at(-1);
    const closing = level?.kind === "[" ? "]" : "}";
    if (this.#char === closing) return this.#close();
    if (this.#char !== ",") return `\`,\` or \`${closing}\``;
    if (level?.kind !== "[") return this.#take("name");
    level.at = Number(level.at) + 1;
    return this.#take("value");
  }

  #open(kind: "{" | "["): undefined {
    this.#levels.push({ kind, at: kind === "[" ? 0 : "" });
    this.#take(kind === "[" ? "value" : "name");
    this.#isFirst = true;
  }

  #close(): undefined {
    this.#at += 1;
    this.#levels.pop();
    this.#ended();
  }

  /** Behind a value. */
  #ended(): undefined {
    this.#isFirst = false;
    this.#next = this.#levels.length === 0 ? "end" : "separator";
  }

  /** Goes over one character. */
  #take(next: "value" | "name"): undefined {
    this.#at += 1;
    this.#isFirst = false;
    this.#next = next;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  /** Goes behind the closing quote, or to where the string breaks. */
  #string(): boolean {
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const char = this.#char;
      if (char < " ") return false;
      if (char === "\\") {
        if (!this.#skip(ESCAPE)) return false;
      } else {
        this.#at += 1;
        if (char === '"') return true;
      }
    }
    return false;
  }
}
