/** Intl.Collator, PluralRules, ListFormat and RelativeTimeFormat (ECMA-402 10, 17, 14 and 18). */
import { native } from "../../host";
import { Formatter, KIND, type Part } from "./formatter";
import { digits, textOf } from "./number-format";
import { bag, choice, flag, type Locales, type Options } from "./options";

export class Collator extends Formatter {
  declare _bound: ((a: unknown, b: unknown) => number) | undefined;

  constructor(locales?: Locales, options?: unknown) {
    super();
    const given = bag(options);
    this._set(locales, {
      usage: choice(given, "usage", ["sort", "search"], "sort"),
      sensitivity: choice(given, "sensitivity", ["base", "accent", "case", "variant"], "variant"),
      ignorePunctuation: flag(given, "ignorePunctuation") ?? false,
      collation: "default",
      numeric: flag(given, "numeric") ?? false,
      caseFirst: choice(given, "caseFirst", ["upper", "lower", "false"], "false"),
    });
  }

  get _kind(): number {
    return KIND.collator;
  }

  get compare(): (a: unknown, b: unknown) => number {
    return (this._bound ??= (a, b) => native.intlCompare!(this._locale, this._json, String(a), String(b)));
  }

  resolvedOptions(): Options {
    return { locale: this._locale, ...this._options };
  }
}

export class PluralRules extends Formatter {
  constructor(locales?: Locales, options?: unknown) {
    super();
    const given = bag(options);
    this._set(locales, { type: choice(given, "type", ["cardinal", "ordinal"], "cardinal"), ...digits(given, 0, 3, "standard") });
  }

  get _kind(): number {
    return KIND.plural;
  }

  select(value: unknown): string {
    return this._text([textOf(Number(value))]);
  }

  selectRange(start: unknown, end: unknown): string {
    if (start === undefined || end === undefined) throw new TypeError("startRange or endRange cannot be undefined");
    if (Number.isNaN(Number(start)) || Number.isNaN(Number(end))) throw new RangeError("Invalid time value");
    return this.select(end);
  }

  resolvedOptions(): Options {
    return { locale: this._locale, ...this._options, pluralCategories: native.intlResolve!(this._kind, this._locale, this._json) };
  }
}

export class ListFormat extends Formatter {
  constructor(locales?: Locales, options?: unknown) {
    super();
    const given = bag(options);
    this._set(locales, {
      type: choice(given, "type", ["conjunction", "disjunction", "unit"], "conjunction"),
      style: choice(given, "style", ["long", "short", "narrow"], "long"),
    });
  }

  get _kind(): number {
    return KIND.list;
  }

  format(list: Iterable<string>): string {
    return this._text(itemsOf(list));
  }

  formatToParts(list: Iterable<string>): Part[] {
    return this._parts(itemsOf(list));
  }

  resolvedOptions(): Options {
    return { locale: this._locale, ...this._options };
  }
}

function itemsOf(list: Iterable<unknown> | undefined): string[] {
  return Array.from(list ?? [], (item) => {
    if (typeof item !== "string") throw new TypeError("Iterable yielded a non-String value");
    return item;
  });
}

export class RelativeTimeFormat extends Formatter {
  constructor(locales?: Locales, options?: unknown) {
    super();
    const given = bag(options);
    this._set(locales, { style: choice(given, "style", ["long", "short", "narrow"], "long"), numeric: choice(given, "numeric", ["always", "auto"], "always") });
  }

  get _kind(): number {
    return KIND.relativeTime;
  }

  format(value: unknown, unit: unknown): string {
    return this._text([finite(value), String(unit)]);
  }

  formatToParts(value: unknown, unit: unknown): (Part & { unit?: string })[] {
    const singular = String(unit).replace(/s$/, "");
    return this._parts([finite(value), String(unit)]).map((part) => (part.type === "literal" ? part : { ...part, unit: singular }));
  }

  resolvedOptions(): Options {
    return { locale: this._locale, ...this._options, numberingSystem: "latn" };
  }
}

function finite(value: unknown): string {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new RangeError("Invalid number value");
  return textOf(number);
}
