//! `Intl.PluralRules`.

use icu_locale_core::Locale;
use icu_plurals::{
    PluralCategory, PluralRuleType, PluralRules, PluralRulesOptions, PluralRulesPreferences,
};
use serde::Deserialize;

use crate::decimal::{self, Digits};
use crate::{Parts, Result, no_data};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Options {
    r#type: String,
    #[serde(flatten)]
    digits: Digits,
}

pub struct Plural {
    rules: PluralRules,
    digits: Digits,
}

impl Plural {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let kind = if options.r#type == "ordinal" {
            PluralRuleType::Ordinal
        } else {
            PluralRuleType::Cardinal
        };
        let with = PluralRulesOptions::default().with_type(kind);
        let rules =
            PluralRules::try_new(PluralRulesPreferences::from(locale), with).map_err(no_data)?;
        Ok(Self {
            rules,
            digits: options.digits,
        })
    }

    pub fn category(&self, number: &str) -> Result<Parts> {
        let mut parts = Parts::default();
        let category = match decimal::parse(number)? {
            Some(value) => self.rules.category_for(&self.digits.round(value)),
            None => PluralCategory::Other,
        };
        parts.push("category", name(category));
        Ok(parts)
    }

    pub fn categories(&self) -> Vec<String> {
        self.rules
            .categories()
            .map(|category| name(category).to_owned())
            .collect()
    }
}

pub fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}
