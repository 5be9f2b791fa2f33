/** Intl.NumberFormat (ECMA-402 16), and the digit options that PluralRules shares. */
import { Formatter, KIND, type Part } from "./formatter";
import { bag, choice, compact, count, type Locales, type Options } from "./options";

/** Digits behind the point where they are not two (ISO 4217). */
const CURRENCY_DIGITS: Record<string, number> = {
  BHD: 3, BIF: 0, CLF: 4, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0, KRW: 0, KWD: 3, LYD: 3, OMR: 3, PYG: 0, RWF: 0, TND: 3, UGX: 0,
  UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
};

/** SetNumberFormatDigitOptions. */
export function digits(options: Options, fractionMin: number, fractionMax: number, notation: string): Options {
  const integer = count(options, "minimumIntegerDigits", 1, 21, 1);
  const significant = options["minimumSignificantDigits"] !== undefined || options["maximumSignificantDigits"] !== undefined;
  if (significant) {
    const least = count(options, "minimumSignificantDigits", 1, 21, 1)!;
    return { minimumIntegerDigits: integer, minimumSignificantDigits: least, maximumSignificantDigits: count(options, "maximumSignificantDigits", least, 21, 21) };
  }
  const given = options["minimumFractionDigits"] !== undefined || options["maximumFractionDigits"] !== undefined;
  if (notation === "compact" && !given) {
    return { minimumIntegerDigits: integer, minimumFractionDigits: 0, maximumFractionDigits: 0, compactRounding: true };
  }
  let least = count(options, "minimumFractionDigits", 0, 100);
  let most = count(options, "maximumFractionDigits", 0, 100);
  if (least !== undefined && most !== undefined && least > most) throw new RangeError("maximumFractionDigits value is out of range.");
  least ??= Math.min(fractionMin, most ?? fractionMin);
  most ??= Math.max(fractionMax, least);
  return { minimumIntegerDigits: integer, minimumFractionDigits: least, maximumFractionDigits: most };
}

export class NumberFormat extends Formatter {
  declare _bound: ((value: unknown) => string) | undefined;

  constructor(locales?: Locales, options?: unknown) {
    super();
    this._set(locales, resolve(bag(options)));
  }

  get _kind(): number {
    return KIND.number;
  }

  get format(): (value: unknown) => string {
    return (this._bound ??= (value) => this._text([textOf(value)]));
  }

  formatToParts(value: unknown): Part[] {
    return this._parts([textOf(value)]);
  }

  formatRange(start: unknown, end: unknown): string {
    const [from, to] = [this.format(start), this.format(end)];
    return from === to ? `~${from}` : `${from}–${to}`;
  }

  resolvedOptions(): Options {
    const { compactRounding: _, ...options } = this._options;
    const useGrouping = options["useGrouping"] === "false" ? false : options["useGrouping"];
    return { locale: this._locale, numberingSystem: "latn", ...options, useGrouping, roundingIncrement: 1, roundingMode: "halfExpand", roundingPriority: "auto", trailingZeroDisplay: "auto" };
  }
}

function resolve(options: Options): Options {
  const style = choice(options, "style", ["decimal", "percent", "currency", "unit"], "decimal")!;
  const currency = choice(options, "currency", null)?.toUpperCase();
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) throw new RangeError(`Invalid currency code : ${currency}`);
  if (style === "currency" && currency === undefined) throw new TypeError("Currency code is required with currency style.");
  const unit = choice(options, "unit", null);
  if (unit !== undefined && !/^[a-z]+(-[a-z]+)*$/.test(unit)) throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${unit}'`);
  if (style === "unit" && unit === undefined) throw new TypeError("Unit is required with unit style.");
  const notation = choice(options, "notation", ["standard", "scientific", "engineering", "compact"], "standard")!;
  const currencyDigits = style === "currency" ? (CURRENCY_DIGITS[currency!] ?? 2) : 0;
  const most = style === "currency" ? currencyDigits : style === "percent" ? 0 : 3;
  return compact({
    style,
    ...(style === "currency" && {
      currency,
      currencyDisplay: choice(options, "currencyDisplay", ["code", "symbol", "narrowSymbol", "name"], "symbol"),
      currencySign: choice(options, "currencySign", ["standard", "accounting"], "standard"),
    }),
    ...(style === "unit" && { unit, unitDisplay: choice(options, "unitDisplay", ["short", "narrow", "long"], "short") }),
    ...digits(options, currencyDigits, most, notation),
    useGrouping: grouping(options["useGrouping"], notation),
    notation,
    ...(notation === "compact" && { compactDisplay: choice(options, "compactDisplay", ["short", "long"], "short") }),
    signDisplay: choice(options, "signDisplay", ["auto", "never", "always", "exceptZero", "negative"], "auto"),
  });
}

/** GetBooleanOrStringNumberFormatOption. */
function grouping(value: unknown, notation: string): string {
  if (value === undefined) return notation === "compact" ? "min2" : "auto";
  if (value === false || value === "false") return "false";
  if (value === true || value === "true") return "always";
  const text = String(value);
  if (!["min2", "auto", "always"].includes(text)) throw new RangeError(`Value ${text} out of range for Intl.NumberFormat options property useGrouping`);
  return text;
}

/** ToIntlMathematicalValue, as text. */
export function textOf(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value.trim())) return value.trim();
  const number = Number(value);
  return Object.is(number, -0) ? "-0" : String(number);
}
