// What programs and the libraries for dates ask of `Intl`; answers with the checks that failed.
const made = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const at = new Date(Date.UTC(2026, 0, 15, 15, 4, 5, 678));
const failures = [];

function is(actual, expected, what) {
  if (actual !== expected) failures.push(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function throws(make, name, what) {
  try {
    make();
    failures.push(`${what} did not throw`);
  } catch (error) {
    is(error.name, name, what);
  }
}

function dates() {
  is(at.toLocaleString(), "1/15/2026, 3:04:05 PM", "toLocaleString");
  is(at.toLocaleDateString("de"), "15.1.2026", "toLocaleDateString");
  is(at.toLocaleTimeString("en-US", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" }), "10:04 AM", "toLocaleTimeString");
  is(new Date(NaN).toLocaleString(), "Invalid Date", "an invalid date");
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: "Europe/Berlin" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", options).formatToParts(at).map(({ type, value }) => [type, value]));
  is(`${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`, "2026-01-15 16:04:05", "parts in Berlin");
  is(new Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC", "default time zone");
  is(Intl.DateTimeFormat("en-US", { timeZone: "asia/tokyo" }).resolvedOptions().timeZone, "Asia/Tokyo", "without new");
  throws(() => new Intl.DateTimeFormat("en-US", { timeZone: "Mars/Olympus" }), "RangeError", "an unknown time zone");
  throws(() => new Intl.DateTimeFormat("no such locale"), "RangeError", "a locale that is none");
  is(new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeZone: "UTC" }).format(at), "Thursday, January 15, 2026", "dateStyle");
}

function numbers() {
  is(made.format(1234.5), "$1,234.50", "one made while the worker was built");
  is((1234567.891).toLocaleString(), "1,234,567.891", "toLocaleString");
  is((1234567.891).toLocaleString("de"), "1.234.567,891", "German digits");
  is(123456789012345678901234567890n.toLocaleString(), "123,456,789,012,345,678,901,234,567,890", "a BigInt");
  is(new Intl.NumberFormat("en", { notation: "compact" }).format(1234), "1.2K", "compact");
  is(new Intl.NumberFormat("en", { style: "percent" }).format(0.256), "26%", "per cent");
  is(new Intl.NumberFormat("ja", { style: "currency", currency: "JPY" }).formatToParts(5000).map((part) => part.type).join(), "currency,integer,group,integer", "parts");
  throws(() => new Intl.NumberFormat("en", { style: "currency" }), "TypeError", "no currency");
  throws(() => new Intl.NumberFormat("en", { maximumFractionDigits: 101 }), "RangeError", "too many digits");
}

function words() {
  is(new Intl.PluralRules("en", { type: "ordinal" }).select(3), "few", "ordinals");
  is(new Intl.ListFormat("en").format(["a", "b", "c"]), "a, b, and c", "lists");
  is(new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-1, "day"), "yesterday", "relative time");
  is(["z", "ä", "a"].sort(new Intl.Collator("de").compare).join(""), "aäz", "Collator");
  is("a".localeCompare("B"), -1, "localeCompare");
  is("item 9".localeCompare("item 10", undefined, { numeric: true }), -1, "numeric");
  is("i".toLocaleUpperCase("tr"), "İ", "Turkish");
  is([...new Intl.Segmenter("en", { granularity: "word" }).segment("Hi, you")].filter((it) => it.isWordLike).map((it) => it.segment).join(), "Hi,you", "words");
  is([...new Intl.Segmenter().segment("👨‍👩‍👧e\u0301")].length, 2, "graphemes");
  is(Intl.getCanonicalLocales("EN-us")[0], "en-US", "canonical locales");
  is(Intl.supportedValuesOf("timeZone").includes("Europe/Berlin"), true, "time zones");
  is(new Intl.Locale("de-Latn-CH-u-nu-latn").region, "CH", "Locale");
  is(Object.prototype.toString.call(Intl), "[object Intl]", "Intl's tag");
}

export default {
  fetch() {
    dates();
    numbers();
    words();
    return new Response(failures.join("\n"));
  },
};
