//! `Intl.RelativeTimeFormat`: in English, and for other languages in the words of the table below, else English.

use icu_locale_core::Locale;
use serde::Deserialize;

use crate::decimal::{self, Number};
use crate::{Parts, Result};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Options {
    style: String,
    numeric: String,
}

pub struct RelativeTime {
    number: Number,
    options: Options,
}

const UNITS: [&str; 8] = [
    "second", "minute", "hour", "day", "week", "month", "quarter", "year",
];
const SHORT: [&str; 8] = ["sec.", "min.", "hr.", "day", "wk.", "mo.", "qtr.", "yr."];
const NARROW: [&str; 8] = ["s", "min", "h", "d", "w", "mo", "q", "y"];

impl RelativeTime {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let number = Number::new(locale, decimal::Options::default())?;
        Ok(Self { number, options })
    }

    pub fn format(&self, value: &str, unit: &str) -> Result<Parts> {
        let singular = unit.strip_suffix('s').unwrap_or(unit);
        let index = UNITS.iter().position(|known| *known == singular);
        let index = index.ok_or_else(|| format!("Invalid unit argument for format() '{unit}'"))?;
        let mut parts = Parts::default();
        if self.options.numeric == "auto"
            && let Some(word) = word(value, singular)
        {
            parts.push("literal", &word);
            return Ok(parts);
        }
        let past = value.starts_with('-');
        let magnitude = value.trim_start_matches('-');
        if !past {
            parts.push("literal", "in ");
        }
        let digits = self.number.format(magnitude)?;
        let one = digits.text() == "1";
        // Its parts say which unit the number is of; the engine adds that.
        parts.0.extend(digits.0);
        let words = match self.options.style.as_str() {
            "narrow" => NARROW[index].to_owned(),
            "short" if singular == "day" && !one => " days".into(),
            "short" if singular == "quarter" && !one => " qtrs.".into(),
            "short" => format!(" {}", SHORT[index]),
            _ if one => format!(" {singular}"),
            _ => format!(" {singular}s"),
        };
        parts.push("literal", &words);
        if past {
            parts.push("literal", " ago");
        }
        Ok(parts)
    }
}

/// What `numeric: "auto"` says instead of a number.
fn word(value: &str, unit: &str) -> Option<String> {
    Some(match (value, unit) {
        ("0" | "-0", "second") => "now".into(),
        ("0" | "-0", "day") => "today".into(),
        ("1", "day") => "tomorrow".into(),
        ("-1", "day") => "yesterday".into(),
        ("0" | "-0", unit) => format!("this {unit}"),
        ("1", unit) if !matches!(unit, "second" | "minute" | "hour") => format!("next {unit}"),
        ("-1", unit) if !matches!(unit, "second" | "minute" | "hour") => format!("last {unit}"),
        _ => return None,
    })
}
