/** Intl.Locale (ECMA-402 15): the parts of a language tag. */
import { bag, localeList, type Options } from "./options";

const PARTS = /^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?/i;
const KEYWORDS: Record<string, string> = { calendar: "ca", collation: "co", hourCycle: "hc", caseFirst: "kf", numeric: "kn", numberingSystem: "nu" };

export class Locale {
  declare _language: string;
  declare _script: string | undefined;
  declare _region: string | undefined;
  declare _keywords: Map<string, string>;

  constructor(tag: unknown, options?: unknown) {
    if (typeof tag !== "string" && (typeof tag !== "object" || tag === null)) throw new TypeError("First argument to Intl.Locale constructor can't be empty or missing");
    const text = localeList(String(tag))[0]!;
    const [, language, script, region] = PARTS.exec(text)!;
    const given = bag(options);
    this._language = part(given, "language", language)!.toLowerCase();
    const written = part(given, "script", script)?.toLowerCase();
    this._script = written === undefined ? undefined : written[0]!.toUpperCase() + written.slice(1);
    this._region = part(given, "region", region)?.toUpperCase();
    this._keywords = keywordsOf(text);
    for (const [name, key] of Object.entries(KEYWORDS)) {
      if (given[name] !== undefined) this._keywords.set(key, String(given[name]));
    }
  }

  get language(): string {
    return this._language;
  }

  get script(): string | undefined {
    return this._script;
  }

  get region(): string | undefined {
    return this._region;
  }

  get baseName(): string {
    return [this._language, this._script, this._region].filter((it) => it !== undefined).join("-");
  }

  get calendar(): string | undefined {
    return this._keywords.get("ca");
  }

  get collation(): string | undefined {
    return this._keywords.get("co");
  }

  get hourCycle(): string | undefined {
    return this._keywords.get("hc");
  }

  get caseFirst(): string | undefined {
    return this._keywords.get("kf");
  }

  get numeric(): boolean {
    const numeric = this._keywords.get("kn");
    return numeric === "" || numeric === "true";
  }

  get numberingSystem(): string | undefined {
    return this._keywords.get("nu");
  }

  toString(): string {
    const keywords = [...this._keywords].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => (value === "" || value === "true" ? key : `${key}-${value}`));
    return keywords.length === 0 ? this.baseName : `${this.baseName}-u-${keywords.join("-")}`;
  }
}

function part(options: Options, name: string, otherwise: string | undefined): string | undefined {
  return options[name] === undefined ? otherwise : String(options[name]);
}

/** The keywords of the extension `u`. */
function keywordsOf(tag: string): Map<string, string> {
  const keywords = new Map<string, string>();
  const extension = /-u((?:-[a-z0-9]{2,8})+)/i.exec(tag)?.[1] ?? "";
  let key = "";
  for (const subtag of extension.split("-").slice(1)) {
    if (subtag.length === 2) keywords.set((key = subtag), "");
    else if (key !== "") keywords.set(key, [keywords.get(key), subtag].filter(Boolean).join("-"));
  }
  return keywords;
}
