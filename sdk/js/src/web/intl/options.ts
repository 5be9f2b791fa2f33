/** Arguments of the constructors of `Intl` (ECMA-402 9.2): lists of locales and bags of options. */
import { native } from "../../host";

export type Locales = string | { readonly baseName: string } | readonly (string | { readonly baseName: string })[] | undefined;
export type Options = Record<string, unknown>;

export const DEFAULT_LOCALE = "en-US";

/** A language tag by its form; the host knows more, but is not there while the worker is built. */
const TAG = /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-z0-9](-[a-z0-9]{2,8})+)*$/i;

/** CanonicalizeLocaleList, without the canonical form. */
export function localeList(locales: unknown): string[] {
  if (locales === undefined) return [];
  const list = typeof locales === "string" || isLocale(locales) ? [locales] : Array.from(Object(locales) as ArrayLike<unknown>);
  return [...new Set(list.map(tagOf))];
}

function isLocale(value: unknown): value is { toString(): string } {
  return typeof value === "object" && value !== null && "baseName" in value;
}

function tagOf(value: unknown): string {
  if (typeof value !== "string" && (typeof value !== "object" || value === null)) throw new TypeError("Language ID should be string or object.");
  const tag = String(value);
  if (!TAG.test(tag)) throw new RangeError(`Incorrect locale information provided`);
  return tag;
}

/** The locale that is used, once somebody asks. */
export function bestLocale(list: readonly string[]): string {
  const first = list[0] ?? DEFAULT_LOCALE;
  return first === DEFAULT_LOCALE || first === "en" ? first : native.intlBestLocale!(list as string[]);
}

/** GetOption: the value as a string, which must be one of those allowed. */
export function choice(options: Options, name: string, allowed: readonly string[] | null, otherwise?: string): string | undefined {
  const value = options[name];
  if (value === undefined) return otherwise;
  const text = String(value);
  if (allowed !== null && !allowed.includes(text)) throw new RangeError(`Value ${text} out of range for Intl options property ${name}`);
  return text;
}

export function flag(options: Options, name: string): boolean | undefined {
  const value = options[name];
  return value === undefined ? undefined : Boolean(value);
}

/** GetNumberOption. */
export function count(options: Options, name: string, min: number, max: number, otherwise?: number): number | undefined {
  if (options[name] === undefined) return otherwise;
  const value = Math.floor(Number(options[name]));
  if (!(value >= min && value <= max)) throw new RangeError(`${name} value is out of range.`);
  return value;
}

export function bag(options: unknown): Options {
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  return options === undefined ? {} : (Object(options) as Options);
}

/** Without the members that are undefined. */
export function compact(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
