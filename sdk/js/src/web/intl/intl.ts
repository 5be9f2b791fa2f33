/**
 * `Intl` and the methods of other classes that depend on it (ECMA-402). The host formats; here are the classes, their options and defaults:
 * locale `en-US`, time zone UTC. While the worker is built formatters can be made, but not used.
 */
import { exposeGlobal } from "../../expose";
import { native } from "../../host";
import { DateTimeFormat, type Needed } from "./date-time-format";
import { Locale } from "./locale";
import { NumberFormat } from "./number-format";
import { localeList, type Locales } from "./options";
import { Segmenter } from "./segmenter";
import { Collator, ListFormat, PluralRules, RelativeTimeFormat } from "./words";

type Class = new (locales?: Locales, options?: unknown) => object;

/** Those that can be called without `new`. */
const CALLABLE = new Set(["Collator", "DateTimeFormat", "NumberFormat"]);

const Intl: Record<string, unknown> = {};
Object.defineProperty(Intl, Symbol.toStringTag, { value: "Intl", configurable: true });
hide(Intl, {
  getCanonicalLocales: (locales?: unknown) => localeList(locales).map((locale) => native.intlCanonicalLocale!(locale)),
  supportedValuesOf,
  Locale,
});
for (const [name, constructor] of Object.entries({ Collator, DateTimeFormat, ListFormat, NumberFormat, PluralRules, RelativeTimeFormat, Segmenter })) {
  hide(Intl, { [name]: publish(name, constructor as unknown as Class) });
}
exposeGlobal("Intl", Intl);

const CURRENCIES = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NGN NOK NZD PHP PLN RON RUB SEK SGD THB TRY TWD UAH USD VND ZAR";

function supportedValuesOf(key: unknown): string[] {
  switch (String(key)) {
    case "calendar":
      return ["gregory"];
    case "collation":
      return ["default"];
    case "currency":
      return CURRENCIES.split(" ");
    case "numberingSystem":
      return ["latn"];
    case "timeZone":
      return native.intlTimeZones!();
    case "unit":
      return "byte day hour kilobyte kilometer meter minute month percent second week year".split(" ");
    default:
      throw new RangeError(`Invalid key : ${String(key)}`);
  }
}

/** The class as programs see it: without the members of this prelude, and as a function where the standard has one. */
function publish(name: string, constructor: Class): unknown {
  const published = function (this: unknown, locales?: Locales, options?: unknown): object {
    if (new.target === undefined && !CALLABLE.has(name)) throw new TypeError(`Constructor Intl.${name} requires 'new'`);
    return Reflect.construct(constructor, [locales, options], new.target ?? published) as object;
  };
  published.prototype = constructor.prototype;
  hide(constructor.prototype, { constructor: published });
  hide(published, { supportedLocalesOf: (constructor as unknown as { supportedLocalesOf: unknown }).supportedLocalesOf });
  Object.defineProperty(published, "name", { value: name, configurable: true });
  Object.defineProperty(published, "length", { value: 0, configurable: true });
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, { value: `Intl.${name}`, configurable: true });
  return published;
}

function hide(target: object, members: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
}

/** The formatter that was used last for these arguments: programs format in loops. */
let last: { key: string; formatter: DateTimeFormat | NumberFormat | Collator } | null = null;

function cached<T extends DateTimeFormat | NumberFormat | Collator>(kind: string, locales: Locales, options: unknown, make: () => T): T {
  const plain = (locales === undefined || typeof locales === "string") && (options === undefined || Object.getPrototypeOf(options) === Object.prototype);
  if (!plain) return make();
  const key = `${kind} ${String(locales)} ${JSON.stringify(options)}`;
  if (last?.key !== key) last = { key, formatter: make() };
  return last.formatter as T;
}

const realDateText = Date.prototype.toString;
const realTimeText = Date.prototype.toTimeString;
const realCompare = String.prototype.localeCompare;
const realUpper = String.prototype.toUpperCase;
const realLower = String.prototype.toLowerCase;

function dateText(date: Date, kind: string, needed: Needed, defaults: "date" | "time" | "all", locales: Locales, options: unknown): string {
  const ms = Date.prototype.getTime.call(date);
  if (Number.isNaN(ms)) return "Invalid Date";
  return cached(kind, locales, options, () => new DateTimeFormat(locales, options, needed, defaults)).format(ms);
}

/** Turkish and Azeri have an i of their own (Unicode SpecialCasing). */
function casedBy(locales: Locales, text: string, dotted: (text: string) => string, plain: (this: string) => string): string {
  const language = localeList(locales)[0]?.slice(0, 2).toLowerCase();
  return plain.call(language === "tr" || language === "az" ? dotted(text) : text);
}

/** The engine leaves out the name of the zone, which V8 writes; the zone of a worker is UTC. */
function withZone(text: string): string {
  return text.endsWith("GMT+0000") ? `${text} (Coordinated Universal Time)` : text;
}

hide(Date.prototype, {
  toString(this: Date): string {
    return withZone(realDateText.call(this));
  },
  toTimeString(this: Date): string {
    return withZone(realTimeText.call(this));
  },
  toLocaleString(this: Date, locales?: Locales, options?: unknown): string {
    return dateText(this, "a", "any", "all", locales, options);
  },
  toLocaleDateString(this: Date, locales?: Locales, options?: unknown): string {
    return dateText(this, "d", "date", "date", locales, options);
  },
  toLocaleTimeString(this: Date, locales?: Locales, options?: unknown): string {
    return dateText(this, "t", "time", "time", locales, options);
  },
});

const numberMethods = {
  toLocaleString(this: number | bigint, locales?: Locales, options?: unknown): string {
    const value = this.valueOf();
    return cached("n", locales, options, () => new NumberFormat(locales, options)).format(value);
  },
};
hide(Number.prototype, numberMethods);
hide(BigInt.prototype, { toLocaleString: numberMethods.toLocaleString });

hide(String.prototype, {
  localeCompare(this: string, that: unknown, locales?: Locales, options?: unknown): number {
    const [a, b] = [String(this), String(that)];
    // The engine's own order while the worker is built, when there is no host to ask.
    if (native.building()) return realCompare.call(a, b);
    return cached("c", locales, options, () => new Collator(locales, options)).compare(a, b);
  },
  toLocaleUpperCase(this: string, locales?: Locales): string {
    return casedBy(locales, String(this), (text) => text.replace(/i/g, "İ"), realUpper);
  },
  toLocaleLowerCase(this: string, locales?: Locales): string {
    return casedBy(locales, String(this), (text) => text.replace(/İ/g, "i").replace(/I/g, "ı"), realLower);
  },
});
