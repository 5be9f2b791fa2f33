//! What stands around the digits of a number: currencies, per cent, units, and the words of compact notation. ICU4X has no stable
//! interface for them yet; here are the symbols that programs use, and the customs of the larger languages.

use crate::Parts;
use crate::decimal::Options;

const NO_BREAK_SPACE: &str = "\u{a0}";

/// What stands before and after the digits.
#[derive(Default)]
pub struct Around {
    pub before: Parts,
    pub after: Parts,
}

/// Symbols that `en` uses. Narrow ones are used where they are asked for.
const CURRENCIES: [(&str, &str, &str, &str); 34] = [
    ("AUD", "A$", "$", "Australian dollars"),
    ("BRL", "R$", "R$", "Brazilian reals"),
    ("CAD", "CA$", "$", "Canadian dollars"),
    ("CHF", "CHF", "CHF", "Swiss francs"),
    ("CNY", "CN¥", "¥", "Chinese yuan"),
    ("CZK", "CZK", "Kč", "Czech korunas"),
    ("DKK", "DKK", "kr", "Danish kroner"),
    ("EUR", "€", "€", "euros"),
    ("GBP", "£", "£", "British pounds"),
    ("HKD", "HK$", "$", "Hong Kong dollars"),
    ("HUF", "HUF", "Ft", "Hungarian forints"),
    ("IDR", "IDR", "Rp", "Indonesian rupiahs"),
    ("ILS", "₪", "₪", "Israeli new shekels"),
    ("INR", "₹", "₹", "Indian rupees"),
    ("JPY", "¥", "¥", "Japanese yen"),
    ("KRW", "₩", "₩", "South Korean won"),
    ("MXN", "MX$", "$", "Mexican pesos"),
    ("MYR", "MYR", "RM", "Malaysian ringgits"),
    ("NGN", "NGN", "₦", "Nigerian nairas"),
    ("NOK", "NOK", "kr", "Norwegian kroner"),
    ("NZD", "NZ$", "$", "New Zealand dollars"),
    ("PHP", "₱", "₱", "Philippine pesos"),
    ("PLN", "PLN", "zł", "Polish zlotys"),
    ("RON", "RON", "lei", "Romanian lei"),
    ("RUB", "RUB", "₽", "Russian rubles"),
    ("SEK", "SEK", "kr", "Swedish kronor"),
    ("SGD", "SGD", "$", "Singapore dollars"),
    ("THB", "THB", "฿", "Thai baht"),
    ("TRY", "TRY", "₺", "Turkish Lira"),
    ("TWD", "NT$", "$", "New Taiwan dollars"),
    ("UAH", "UAH", "₴", "Ukrainian hryvnias"),
    ("USD", "$", "$", "US dollars"),
    ("VND", "₫", "₫", "Vietnamese dong"),
    ("ZAR", "ZAR", "R", "South African rand"),
];

/// The currency of a language's own country is written by its narrow symbol.
const HOME: [(&str, &str); 12] = [
    ("ja", "JPY"),
    ("zh", "CNY"),
    ("cs", "CZK"),
    ("da", "DKK"),
    ("hu", "HUF"),
    ("id", "IDR"),
    ("nb", "NOK"),
    ("pl", "PLN"),
    ("ru", "RUB"),
    ("sv", "SEK"),
    ("tr", "TRY"),
    ("uk", "UAH"),
];
/// Languages that write the symbol before the digits; the second list with a space between.
const SYMBOL_FIRST: &str = " en ja zh ko hi th id ms fil mr bn ta te gu kn ml tr ga cy ";
const SYMBOL_FIRST_APART: &str = " nl pt nb no tr-spaced ";

pub fn currency(language: &str, options: &Options, digits: &str) -> Around {
    let code = options.currency.as_str();
    let known = CURRENCIES.iter().find(|entry| entry.0 == code);
    let mut around = Around::default();
    if options.currency_display == "name" {
        let name = known.map_or(code, |entry| entry.3);
        around.after.push("literal", " ");
        around.after.push("currency", &singular(name, digits));
        return around;
    }
    let home = HOME.contains(&(language, code));
    let symbol = match (options.currency_display.as_str(), known) {
        ("code", _) | (_, None) => code,
        ("narrowSymbol", Some(entry)) => entry.2,
        (_, Some(entry)) if home => entry.2,
        (_, Some(entry)) => entry.1,
    };
    // A symbol that ends in a letter keeps its distance.
    let letter = symbol.ends_with(|last: char| last.is_alphabetic());
    let listed = |list: &str| list.contains(&format!(" {language} "));
    if listed(SYMBOL_FIRST) || listed(SYMBOL_FIRST_APART) {
        around.before.push("currency", symbol);
        if letter || listed(SYMBOL_FIRST_APART) {
            around.before.push("literal", NO_BREAK_SPACE);
        }
    } else {
        around.after.push("literal", NO_BREAK_SPACE);
        around.after.push("currency", symbol);
    }
    around
}

/// `1.00 US dollars`, but `1 euro`.
fn singular(name: &str, digits: &str) -> String {
    match name.strip_suffix('s') {
        Some(one) if digits == "1" => one.to_owned(),
        _ => name.to_owned(),
    }
}

pub fn percent(language: &str) -> Around {
    const APART: &str =
        " de fr es ru uk sv da nb nn no fi cs sk pl hu ro bg be hr sr sl lt lv et is ";
    let mut around = Around::default();
    match language {
        "tr" | "eu" => around.before.push("percentSign", "%"),
        _ => {
            if APART.contains(&format!(" {language} ")) {
                around.after.push("literal", NO_BREAK_SPACE);
            }
            around.after.push("percentSign", "%");
        }
    }
    around
}

/// Units that ECMA-402 knows: name, short, narrow.
const UNITS: [(&str, &str, &str); 40] = [
    ("acre", " ac", "ac"),
    ("bit", " bit", "bit"),
    ("byte", " byte", "B"),
    ("celsius", "°C", "°C"),
    ("centimeter", " cm", "cm"),
    ("day", " days", "d"),
    ("degree", " deg", "°"),
    ("fahrenheit", "°F", "°F"),
    ("foot", " ft", "′"),
    ("gallon", " gal", "gal"),
    ("gigabit", " Gb", "Gb"),
    ("gigabyte", " GB", "GB"),
    ("gram", " g", "g"),
    ("hectare", " ha", "ha"),
    ("hour", " hr", "h"),
    ("inch", " in", "″"),
    ("kilobit", " kb", "kb"),
    ("kilobyte", " kB", "kB"),
    ("kilogram", " kg", "kg"),
    ("kilometer", " km", "km"),
    ("liter", " L", "L"),
    ("megabit", " Mb", "Mb"),
    ("megabyte", " MB", "MB"),
    ("meter", " m", "m"),
    ("microsecond", " μs", "μs"),
    ("mile", " mi", "mi"),
    ("milliliter", " mL", "mL"),
    ("millimeter", " mm", "mm"),
    ("millisecond", " ms", "ms"),
    ("minute", " min", "m"),
    ("month", " mths", "m"),
    ("nanosecond", " ns", "ns"),
    ("ounce", " oz", "oz"),
    ("percent", "%", "%"),
    ("petabyte", " PB", "PB"),
    ("pound", " lb", "#"),
    ("second", " sec", "s"),
    ("terabyte", " TB", "TB"),
    ("week", " wks", "w"),
    ("year", " yrs", "y"),
];

pub fn unit(_language: &str, options: &Options, digits: &str) -> Around {
    let (unit, per) = match options.unit.split_once("-per-") {
        Some((unit, per)) => (unit, Some(per)),
        None => (options.unit.as_str(), None),
    };
    let mut text = unit_text(unit, &options.unit_display, digits);
    if let Some(per) = per {
        text.push_str(if options.unit_display == "long" {
            " per "
        } else {
            "/"
        });
        text.push_str(
            unit_text(
                per,
                if options.unit_display == "long" {
                    "long"
                } else {
                    "narrow"
                },
                "1",
            )
            .trim_start(),
        );
        if (unit, per) == ("mile", "hour") && options.unit_display != "long" {
            text = if options.unit_display == "narrow" {
                "mph".into()
            } else {
                " mph".into()
            };
        }
    }
    let mut after = Parts::default();
    after.push("literal", &text[..text.len() - text.trim_start().len()]);
    after.push("unit", text.trim_start());
    Around {
        before: Parts::default(),
        after,
    }
}

fn unit_text(unit: &str, display: &str, digits: &str) -> String {
    let one = digits == "1";
    match (display, UNITS.iter().find(|entry| entry.0 == unit)) {
        ("long", _) => format!(" {}", long_unit(unit, one)),
        (_, None) => format!(" {unit}"),
        ("narrow", Some(entry)) => entry.2.to_owned(),
        (_, Some(entry)) if one => entry
            .1
            .trim_end_matches('s')
            .replace(
                " m",
                if entry.0 == "millisecond" {
                    " ms"
                } else {
                    " m"
                },
            )
            .to_owned(),
        (_, Some(entry)) => entry.1.to_owned(),
    }
}

fn long_unit(unit: &str, one: bool) -> String {
    match (unit, one) {
        ("celsius" | "fahrenheit", true) => format!("degree {}", capital(unit)),
        ("celsius" | "fahrenheit", false) => format!("degrees {}", capital(unit)),
        ("foot", false) => "feet".into(),
        ("inch", false) => "inches".into(),
        ("percent", _) => "percent".into(),
        (_, true) => unit.into(),
        (_, false) => format!("{unit}s"),
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// The power of ten that is taken out of a number whose first digit has this magnitude, and what is written for it.
pub fn compact(language: &str, display: &str, magnitude: i16) -> (i16, &'static str) {
    let long = display == "long";
    let step = |exponent: i16, short: &'static str, words: &'static str| {
        (exponent, if long { words } else { short })
    };
    if magnitude < 3 {
        return (0, "");
    }
    match (language, magnitude) {
        ("zh" | "yue", 4..8) => (4, "万"),
        ("zh" | "yue", 4..) => (8, "亿"),
        ("ja", 4..8) => (4, "万"),
        ("ja", 4..12) => (8, "億"),
        ("ja", 4..) => (12, "兆"),
        ("ko", 3) => (3, "천"),
        ("ko", 4..8) => (4, "만"),
        ("ko", 4..12) => (8, "억"),
        ("ko", 4..) => (12, "조"),
        ("de", 3..6) if long => (3, " Tausend"),
        ("de", 6..9) => step(6, "\u{a0}Mio.", " Millionen"),
        ("de", 9..12) => step(9, "\u{a0}Mrd.", " Milliarden"),
        ("de", 12..) => step(12, "\u{a0}Bio.", " Billionen"),
        ("de", _) => (0, ""),
        ("fr", 3..6) => step(3, "\u{a0}k", " mille"),
        ("fr", 6..9) => step(6, "\u{a0}M", " millions"),
        ("fr", 9..) => step(9, "\u{a0}Md", " milliards"),
        ("es", 3..6) => step(3, "\u{a0}mil", " mil"),
        ("es", 6..) => step(6, "\u{a0}M", " millones"),
        ("ja" | "zh" | "yue" | "ko", _) => (0, ""),
        (_, ..6) => step(3, "K", " thousand"),
        (_, ..9) => step(6, "M", " million"),
        (_, ..12) => step(9, "B", " billion"),
        _ => step(12, "T", " trillion"),
    }
}
