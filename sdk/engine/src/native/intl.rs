//! What `Intl` asks of the host, which has the data of all locales.

use crate::bindings::ouro::host::intl::{self, Kind};
use crate::js::{
    Array, Ctx, Exception, Func, JsString, Object, Result, Text, Utf8, Value, string_array,
};
use crate::native::run_time_only;

/// As `sdk/js/src/native.ts` numbers them.
const KINDS: [Kind; 7] = [
    Kind::Collator,
    Kind::DateTime,
    Kind::List,
    Kind::Number,
    Kind::Plural,
    Kind::RelativeTime,
    Kind::Segmenter,
];

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("intlBestLocale", Func::from(best_locale))?;
    native.set("intlCanonicalLocale", Func::from(canonical_locale))?;
    native.set("intlIsSupported", Func::from(is_supported))?;
    native.set("intlTimeZone", Func::from(time_zone))?;
    native.set("intlTimeZones", Func::from(time_zones))?;
    native.set("intlResolve", Func::from(resolve))?;
    native.set("intlFormat", Func::from(format))?;
    native.set("intlCompare", Func::from(compare))?;
    native.set("intlSegments", Func::from(segments))
}

/// The host is there at run time alone, and says what is wrong in the words of a RangeError.
fn ask<T>(ctx: &Ctx<'_>, question: impl FnOnce() -> std::result::Result<T, String>) -> Result<T> {
    run_time_only(ctx, "formatting with `Intl`")?;
    question().map_err(|message| Exception::throw_range(ctx, &message))
}

fn kind(ctx: &Ctx<'_>, kind: usize) -> Result<Kind> {
    let kind = KINDS.get(kind).copied();
    kind.ok_or_else(|| Exception::throw_type(ctx, "no such kind of formatter"))
}

fn strings(list: &[Text]) -> Vec<&str> {
    list.iter().map(|text| text.0.as_str()).collect()
}

fn best_locale(ctx: Ctx<'_>, locales: Vec<Text>) -> Result<String> {
    ask(&ctx, || intl::best_locale(&strings(&locales)))
}

fn canonical_locale(ctx: Ctx<'_>, locale: Text) -> Result<String> {
    ask(&ctx, || intl::canonical_locale(&locale.0))
}

fn is_supported(ctx: Ctx<'_>, locale: Text) -> Result<bool> {
    ask(&ctx, || intl::is_supported(&locale.0))
}

fn time_zone(ctx: Ctx<'_>, name: Text) -> Result<String> {
    ask(&ctx, || intl::time_zone(&name.0))
}

fn time_zones<'js>(ctx: Ctx<'js>) -> Result<Array<'js>> {
    let zones = ask(&ctx, || Ok(intl::time_zones()))?;
    string_array(&ctx, zones)
}

fn resolve<'js>(ctx: Ctx<'js>, of: usize, locale: Text, options: Text) -> Result<Array<'js>> {
    let of = kind(&ctx, of)?;
    let resolved = ask(&ctx, || intl::resolve(of, &locale.0, &options.0))?;
    string_array(&ctx, resolved)
}

fn format<'js>(
    ctx: Ctx<'js>,
    of: usize,
    locale: Text,
    options: Text,
    input: Vec<Text>,
) -> Result<Array<'js>> {
    let of = kind(&ctx, of)?;
    let parts = ask(&ctx, || {
        intl::format(of, &locale.0, &options.0, &strings(&input))
    })?;
    string_array(&ctx, parts)
}

fn compare<'js>(
    ctx: Ctx<'js>,
    locale: Text,
    options: Text,
    a: JsString<'js>,
    b: JsString<'js>,
) -> Result<i32> {
    let (a, b) = (Utf8::of(&a)?, Utf8::of(&b)?);
    ask(&ctx, || {
        intl::compare(&locale.0, &options.0, &a.text(), &b.text())
    })
}

fn segments<'js>(
    ctx: Ctx<'js>,
    locale: Text,
    options: Text,
    text: Text,
) -> Result<Vec<Value<'js>>> {
    let ends = ask(&ctx, || intl::segments(&locale.0, &options.0, &text.0))?;
    // More than an i32 holds, where the mark is set.
    Ok(ends
        .into_iter()
        .map(|end| Value::new_number(ctx.clone(), end.into()))
        .collect())
}
