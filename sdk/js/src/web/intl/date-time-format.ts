/** Intl.DateTimeFormat (ECMA-402 11). */
import { native } from "../../host";
import { Formatter, KIND, type Part } from "./formatter";
import { bag, choice, compact, count, flag, type Locales, type Options } from "./options";

const TEXT = ["narrow", "short", "long"];
const DIGITS = ["2-digit", "numeric"];
const STYLES = ["full", "long", "medium", "short"];
const FIELDS: Record<string, readonly string[]> = {
  weekday: TEXT,
  era: TEXT,
  year: DIGITS,
  month: [...DIGITS, ...TEXT],
  day: DIGITS,
  dayPeriod: TEXT,
  hour: DIGITS,
  minute: DIGITS,
  second: DIGITS,
};
const DATE_FIELDS = ["weekday", "year", "month", "day"];
const TIME_FIELDS = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];

export type Needed = "date" | "time" | "any";
type Moment = Date | number | undefined;

export class DateTimeFormat extends Formatter {
  declare _bound: ((moment?: Moment) => string) | undefined;

  constructor(locales?: Locales, options?: unknown, needed: Needed = "any", defaults: "date" | "time" | "all" = "date") {
    super();
    this._set(locales, resolve(bag(options), needed, defaults));
  }

  get _kind(): number {
    return KIND.dateTime;
  }

  get format(): (moment?: Moment) => string {
    return (this._bound ??= (moment) => this._text([instant(moment)]));
  }

  formatToParts(moment?: Moment): Part[] {
    return this._parts([instant(moment)]);
  }

  formatRange(start: Moment, end: Moment): string {
    return this._text([rangeEnd(start), rangeEnd(end)]);
  }

  formatRangeToParts(start: Moment, end: Moment): (Part & { source: string })[] {
    const parts = this._parts([rangeEnd(start), rangeEnd(end)]);
    const dash = parts.findIndex((part) => part.value === "\u2009–\u2009");
    return parts.map((part, i) => ({ ...part, source: dash === -1 || i === dash ? "shared" : i < dash ? "startRange" : "endRange" }));
  }

  resolvedOptions(): Options {
    const { hour12: _, hourCycle: __, timeZone, ...fields } = this._options;
    // Known without the host, which is not there while the worker is built.
    const plain = (timeZone === undefined || timeZone === "UTC") && fields["hour"] === undefined && fields["timeStyle"] === undefined;
    const answers = plain ? { timeZone: "UTC" } : this._answers();
    const { timeZone: zone, hourCycle } = answers as { timeZone: string; hourCycle?: string };
    return compact({ locale: this._locale, calendar: "gregory", numberingSystem: "latn", timeZone: zone, hourCycle, hour12: hourCycle === undefined ? undefined : hourCycle === "h12" || hourCycle === "h11", ...fields });
  }
}

/** CreateDateTimeFormat: what is asked for, and where nothing is, what the method says. */
function resolve(options: Options, needed: Needed, defaults: "date" | "time" | "all"): Options {
  const resolved: Options = {};
  for (const [name, allowed] of Object.entries(FIELDS)) resolved[name] = choice(options, name, allowed);
  resolved["fractionalSecondDigits"] = count(options, "fractionalSecondDigits", 1, 3);
  resolved["timeZoneName"] = choice(options, "timeZoneName", ["short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"]);
  resolved["dateStyle"] = choice(options, "dateStyle", STYLES);
  resolved["timeStyle"] = choice(options, "timeStyle", STYLES);
  resolved["hour12"] = flag(options, "hour12");
  resolved["hourCycle"] = choice(options, "hourCycle", ["h11", "h12", "h23", "h24"]);
  resolved["timeZone"] = zoneOf(options["timeZone"]);
  const asked = (names: readonly string[]): boolean => names.some((name) => resolved[name] !== undefined);
  if (asked(["dateStyle", "timeStyle"])) {
    const field = [...Object.keys(FIELDS), "fractionalSecondDigits", "timeZoneName"].find((name) => resolved[name] !== undefined);
    if (field !== undefined) throw new TypeError(`Can't set option ${field} when ${resolved["dateStyle"] === undefined ? "timeStyle" : "dateStyle"} is used`);
    return compact(resolved);
  }
  const enough = (needed !== "time" && asked(DATE_FIELDS)) || (needed !== "date" && asked(TIME_FIELDS));
  if (!enough) {
    if (defaults !== "time") Object.assign(resolved, { year: "numeric", month: "numeric", day: "numeric" });
    if (defaults !== "date") Object.assign(resolved, { hour: "numeric", minute: "numeric", second: "numeric" });
  }
  return compact(resolved);
}

/** The host says whether there is such a zone, at once where it can be asked. */
function zoneOf(zone: unknown): string | undefined {
  if (zone === undefined) return undefined;
  const name = String(zone);
  return name === "UTC" || native.building() ? name : native.intlTimeZone!(name);
}

function instant(moment: Moment): string {
  const ms = moment === undefined ? Date.now() : Number(moment);
  if (!(Math.abs(ms) <= 8.64e15)) throw new RangeError("Invalid time value");
  return String(Math.trunc(ms));
}

function rangeEnd(moment: Moment): string {
  if (moment === undefined) throw new TypeError("startDate or endDate cannot be undefined");
  return instant(moment);
}
