//! What the engine's `Intl` (ECMA-402) needs of the host: the data of all locales and time zones, which would be too much for every
//! worker's memory. Formatters are ICU4X's; the history of time zones is jiff's.
//!
//! A formatter is named by its kind, a locale and options as JSON: there is nothing that a snapshot would have to keep. Each thread
//! keeps those that were used last. Everything that is passed in comes from guests: its size is bounded, and no text makes it panic.

mod collation;
mod date_time;
mod decimal;
mod list;
mod locale;
mod parts;
mod plural;
mod relative_time;
mod segments;
mod units;

use std::cell::RefCell;
use std::rc::Rc;

pub use parts::Parts;

/// Longest locale and longest options, in bytes.
const LOCALE_BYTES_MAX: usize = 128;
const OPTIONS_BYTES_MAX: usize = 4 * 1024;
/// Longest text that is compared or segmented, and longest list, in bytes.
const TEXT_BYTES_MAX: usize = 4 << 20;
/// Longest text that is cut into words, in bytes: dictionaries take some hundred times as long as the other rules.
const WORDS_BYTES_MAX: usize = 256 << 10;
/// Most items of a list, and most locales that one is chosen of.
const ITEMS_MAX: usize = 10_000;
/// Longest number, in bytes.
const NUMBER_BYTES_MAX: usize = 1_024;
/// Formatters that a thread keeps. Their data is static; one is a few hundred bytes to some kilobytes.
const FORMATTERS_MAX: usize = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Collator,
    DateTime,
    List,
    Number,
    Plural,
    RelativeTime,
    Segmenter,
}

/// The text of a RangeError.
pub type Result<T> = std::result::Result<T, String>;

enum Formatter {
    Collator(collation::Collation),
    DateTime(Box<date_time::DateTime>),
    List(list::List),
    Number(Box<decimal::Number>),
    Plural(Box<plural::Plural>),
    RelativeTime(Box<relative_time::RelativeTime>),
    Segmenter(segments::Granularity),
}

struct Entry {
    kind: Kind,
    locale: String,
    options: String,
    formatter: Rc<Formatter>,
}

thread_local! {
    /// The one used last stands at the end.
    static FORMATTERS: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// The locale of the list that is used: the first one that there is data for, else `en-US`.
///
/// # Errors
/// One of them is not a language tag.
pub fn best_locale(locales: &[String]) -> Result<String> {
    check_count(locales.len())?;
    for locale in locales {
        let parsed = locale::parse(locale)?;
        if locale::is_supported(&parsed) {
            return Ok(locale::without_extensions(&parsed));
        }
    }
    Ok(locale::DEFAULT.to_owned())
}

/// The canonical form of a language tag.
///
/// # Errors
/// It is none.
pub fn canonical_locale(locale: &str) -> Result<String> {
    Ok(locale::parse(locale)?.to_string())
}

/// Is there data for the language of the tag?
///
/// # Errors
/// It is none.
pub fn is_supported(locale: &str) -> Result<bool> {
    Ok(locale::is_supported(&locale::parse(locale)?))
}

/// The time zone's own name.
///
/// # Errors
/// There is no such zone.
pub fn time_zone(name: &str) -> Result<String> {
    Ok(date_time::zone(name)?.1)
}

/// Names of all time zones.
pub fn time_zones() -> Vec<String> {
    jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| name.contains('/') || name == "UTC")
        .collect()
}

/// What a formatter says about itself beyond its options, as name and value by turns.
///
/// # Errors
/// The locale or an option is not what it should be.
pub fn resolve(kind: Kind, locale: &str, options: &str) -> Result<Vec<String>> {
    Ok(match &*formatter(kind, locale, options)? {
        Formatter::DateTime(it) => it.resolved(),
        Formatter::Plural(it) => it.categories(),
        _ => Vec::new(),
    })
}

/// The input in words of the locale, as parts: type and text by turns. What the input is depends on the kind: milliseconds of an
/// instant (or two, for a range), a number, a number and its unit of time, the items of a list; for plurals the category is the answer.
///
/// # Errors
/// As for `resolve`, and where the input is not of its kind.
pub fn format(kind: Kind, locale: &str, options: &str, input: &[String]) -> Result<Parts> {
    check_count(input.len())?;
    check(input.iter().map(String::len).sum(), TEXT_BYTES_MAX, "text")?;
    let formatter = formatter(kind, locale, options)?;
    match (&*formatter, input) {
        (Formatter::DateTime(it), [instant]) => it.format(number(instant)?),
        (Formatter::DateTime(it), [from, to]) => it.format_range(number(from)?, number(to)?),
        (Formatter::Number(it), [value]) => it.format(bounded(value)?),
        (Formatter::Plural(it), [value]) => it.category(bounded(value)?),
        (Formatter::RelativeTime(it), [value, unit]) => it.format(bounded(value)?, unit),
        (Formatter::List(it), items) => Ok(it.format(items)),
        _ => Err("the formatter takes no such input".into()),
    }
}

/// Less than, equal to or greater than zero, as the first text comes before, beside or after the second.
///
/// # Errors
/// As for `resolve`.
pub fn compare(locale: &str, options: &str, a: &str, b: &str) -> Result<i32> {
    check(a.len() + b.len(), TEXT_BYTES_MAX, "text")?;
    match &*formatter(Kind::Collator, locale, options)? {
        Formatter::Collator(it) => Ok(it.compare(a, b)),
        _ => Err("not a collator".into()),
    }
}

/// Where segments end, in UTF-16 code units; the highest bit is set where the segment is like a word.
///
/// # Errors
/// As for `resolve`.
pub fn segments(locale: &str, options: &str, text: &str) -> Result<Vec<u32>> {
    check(text.len(), TEXT_BYTES_MAX, "text")?;
    match &*formatter(Kind::Segmenter, locale, options)? {
        Formatter::Segmenter(granularity) => {
            if matches!(granularity, segments::Granularity::Word) {
                check(text.len(), WORDS_BYTES_MAX, "text to cut into words")?;
            }
            Ok(granularity.segments(text))
        }
        _ => Err("not a segmenter".into()),
    }
}

fn formatter(kind: Kind, locale: &str, options: &str) -> Result<Rc<Formatter>> {
    check(locale.len(), LOCALE_BYTES_MAX, "locale")?;
    check(options.len(), OPTIONS_BYTES_MAX, "options")?;
    let known = FORMATTERS.with_borrow_mut(|kept| {
        let at = kept.iter().rposition(|entry| {
            entry.kind == kind && entry.locale == locale && entry.options == options
        })?;
        if at + 1 < kept.len() {
            let entry = kept.remove(at);
            kept.push(entry);
        }
        kept.last().map(|entry| entry.formatter.clone())
    });
    if let Some(known) = known {
        return Ok(known);
    }
    let formatter = Rc::new(make(kind, locale, options)?);
    FORMATTERS.with_borrow_mut(|kept| {
        if kept.len() == FORMATTERS_MAX {
            kept.remove(0);
        }
        kept.push(Entry {
            kind,
            locale: locale.to_owned(),
            options: options.to_owned(),
            formatter: formatter.clone(),
        });
    });
    Ok(formatter)
}

fn make(kind: Kind, locale: &str, options: &str) -> Result<Formatter> {
    let locale = locale::parse(locale)?;
    Ok(match kind {
        Kind::Collator => Formatter::Collator(collation::Collation::new(&locale, read(options)?)?),
        Kind::DateTime => {
            Formatter::DateTime(Box::new(date_time::DateTime::new(&locale, read(options)?)?))
        }
        Kind::List => Formatter::List(list::List::new(&locale, read(options)?)?),
        Kind::Number => Formatter::Number(Box::new(decimal::Number::new(&locale, read(options)?)?)),
        Kind::Plural => Formatter::Plural(Box::new(plural::Plural::new(&locale, read(options)?)?)),
        Kind::RelativeTime => Formatter::RelativeTime(Box::new(relative_time::RelativeTime::new(
            &locale,
            read(options)?,
        )?)),
        Kind::Segmenter => Formatter::Segmenter(segments::Granularity::new(read(options)?)),
    })
}

fn read<'a, T: serde::Deserialize<'a>>(options: &'a str) -> Result<T> {
    serde_json::from_str(options).map_err(|error| format!("invalid options: {error}"))
}

fn check(length: usize, max: usize, what: &str) -> Result<()> {
    if length > max {
        return Err(format!(
            "the {what} has {length} bytes; at most {max} are allowed"
        ));
    }
    Ok(())
}

fn check_count(items: usize) -> Result<()> {
    if items > ITEMS_MAX {
        return Err(format!(
            "a list has {items} items; at most {ITEMS_MAX} are allowed"
        ));
    }
    Ok(())
}

fn bounded(number: &str) -> Result<&str> {
    check(number.len(), NUMBER_BYTES_MAX, "number")?;
    Ok(number)
}

fn number(text: &str) -> Result<f64> {
    text.parse().map_err(|_| "Invalid time value".to_owned())
}

/// Where ICU4X has no data although the locale was found to be supported.
fn no_data(error: impl std::fmt::Display) -> String {
    format!("no data for this locale: {error}")
}
