/** What the classes of `Intl` have in common: a kind, a locale and options, which name a formatter of the host. */
import { native } from "../../host";
import { bestLocale, localeList, type Locales, type Options } from "./options";

export const KIND = { collator: 0, dateTime: 1, list: 2, number: 3, plural: 4, relativeTime: 5, segmenter: 6 } as const;

export interface Part {
  type: string;
  value: string;
}

export abstract class Formatter {
  declare _locales: string[];
  declare _resolved: string | undefined;
  declare _options: Options;
  /** The options as the host reads them. */
  declare _json: string;
  abstract get _kind(): number;

  static supportedLocalesOf(locales?: Locales): string[] {
    return localeList(locales).filter((locale) => native.intlIsSupported!(locale)).map((locale) => native.intlCanonicalLocale!(locale));
  }

  get _locale(): string {
    return (this._resolved ??= bestLocale(this._locales));
  }

  _set(locales: unknown, options: Options): void {
    this._locales = localeList(locales);
    this._options = options;
    this._json = JSON.stringify(options);
  }

  /** Types and texts by turns. */
  _flat(input: string[]): string[] {
    return native.intlFormat!(this._kind, this._locale, this._json, input);
  }

  _text(input: string[]): string {
    const flat = this._flat(input);
    let text = "";
    for (let i = 1; i < flat.length; i += 2) text += flat[i]!;
    return text;
  }

  _parts(input: string[]): Part[] {
    const flat = this._flat(input);
    const parts: Part[] = [];
    for (let i = 0; i < flat.length; i += 2) parts.push({ type: flat[i]!, value: flat[i + 1]! });
    return parts;
  }

  _answers(): Record<string, string> {
    const flat = native.intlResolve!(this._kind, this._locale, this._json);
    const answers: Record<string, string> = {};
    for (let i = 0; i < flat.length; i += 2) answers[flat[i]!] = flat[i + 1]!;
    return answers;
  }
}
Object.defineProperty(Formatter.prototype, "_resolved", { value: undefined, writable: true });
