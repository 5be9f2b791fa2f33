//! `Intl.Collator`.

use std::cmp::Ordering;

use icu_collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu_collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::Locale;
use serde::Deserialize;

use crate::{Result, no_data};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    sensitivity: String,
    numeric: bool,
    case_first: String,
    ignore_punctuation: bool,
}

pub struct Collation(CollatorBorrowed<'static>);

impl Collation {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let mut preferences = CollatorPreferences::from(locale);
        preferences.numeric_ordering = options.numeric.then_some(CollationNumericOrdering::True);
        preferences.case_first = match options.case_first.as_str() {
            "upper" => Some(CollationCaseFirst::Upper),
            "lower" => Some(CollationCaseFirst::Lower),
            _ => None,
        };
        let mut collator = CollatorOptions::default();
        collator.strength = Some(match options.sensitivity.as_str() {
            "base" | "case" => Strength::Primary,
            "accent" => Strength::Secondary,
            _ => Strength::Tertiary,
        });
        collator.case_level = (options.sensitivity == "case").then_some(CaseLevel::On);
        collator.alternate_handling = options
            .ignore_punctuation
            .then_some(AlternateHandling::Shifted);
        CollatorBorrowed::try_new(preferences, collator)
            .map(Self)
            .map_err(no_data)
    }

    pub fn compare(&self, a: &str, b: &str) -> i32 {
        match self.0.compare(a, b) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }
}
