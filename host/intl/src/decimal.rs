//! `Intl.NumberFormat`: digits and separators by ICU4X, what stands around them by `units`.

use fixed_decimal::{Decimal, Sign, SignedRoundingMode, UnsignedRoundingMode};
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, DecimalFormatterPreferences};
use icu_locale_core::Locale;
use serde::Deserialize;
use writeable::Part;

use crate::units::{self, Around};
use crate::{Parts, Result, no_data};

/// More digits than ECMA-402 lets anyone ask for.
const DIGITS_MAX: i16 = 100;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    style: String,
    pub currency: String,
    pub currency_display: String,
    currency_sign: String,
    pub unit: String,
    pub unit_display: String,
    notation: String,
    pub compact_display: String,
    use_grouping: String,
    sign_display: String,
    #[serde(flatten)]
    digits: Digits,
}

/// How many digits are shown, as the engine resolved it (SetNumberFormatDigitOptions).
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Digits {
    minimum_integer_digits: i16,
    minimum_fraction_digits: i16,
    maximum_fraction_digits: i16,
    minimum_significant_digits: Option<i16>,
    maximum_significant_digits: Option<i16>,
    /// Two digits, or all before the point: what compact notation shows where nothing else was asked for.
    compact_rounding: bool,
}

impl Default for Digits {
    fn default() -> Self {
        Self {
            minimum_integer_digits: 1,
            minimum_fraction_digits: 0,
            maximum_fraction_digits: 3,
            minimum_significant_digits: None,
            maximum_significant_digits: None,
            compact_rounding: false,
        }
    }
}

impl Digits {
    pub fn round(&self, mut value: Decimal) -> Decimal {
        let half_expand = SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand);
        let bounded = |digits: i16| digits.clamp(0, DIGITS_MAX);
        if self.compact_rounding {
            let first = value.absolute.nonzero_magnitude_start();
            value.round_with_mode(first.saturating_sub(1).min(0), half_expand);
            value.absolute.trim_end();
        } else if let Some(most) = self.maximum_significant_digits {
            let first = value.absolute.nonzero_magnitude_start();
            let last = |digits: i16| first.saturating_sub(bounded(digits.max(1)) - 1);
            value.round_with_mode(last(most), half_expand);
            value.absolute.trim_end();
            let least = self.minimum_significant_digits.unwrap_or(1);
            value.absolute.pad_end(last(least).min(0));
        } else {
            value.round_with_mode(-bounded(self.maximum_fraction_digits), half_expand);
            value.absolute.trim_end();
            value
                .absolute
                .pad_end(-bounded(self.minimum_fraction_digits));
        }
        value.absolute.trim_start();
        value
            .absolute
            .pad_start(bounded(self.minimum_integer_digits));
        value
    }
}

pub struct Number {
    formatter: DecimalFormatter,
    options: Options,
    language: String,
}

impl Number {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let mut with = DecimalFormatterOptions::default();
        with.grouping_strategy = Some(match options.use_grouping.as_str() {
            "false" => GroupingStrategy::Never,
            "always" => GroupingStrategy::Always,
            "min2" => GroupingStrategy::Min2,
            _ => GroupingStrategy::Auto,
        });
        let formatter = DecimalFormatter::try_new(DecimalFormatterPreferences::from(locale), with)
            .map_err(no_data)?;
        let language = locale.id.language.as_str().to_owned();
        Ok(Self {
            formatter,
            options,
            language,
        })
    }

    /// The number is as JavaScript writes it.
    pub fn format(&self, number: &str) -> Result<Parts> {
        let value = parse(number)?;
        let negative = number.starts_with('-');
        let (digits, suffix, zero) = match value {
            Some(value) => self.digits(value),
            None => (not_a_number(number), "", false),
        };
        let around = self.around(&digits, suffix);
        let mut parts = Parts::default();
        let accounting =
            self.options.currency_sign == "accounting" && self.options.style == "currency";
        let sign = self.sign(negative, zero, number == "NaN");
        let bracketed = accounting && sign == Some(("minusSign", "-"));
        if bracketed {
            parts.push("literal", "(");
        } else if let Some((kind, text)) = sign {
            parts.push(kind, text);
        }
        for (kind, text) in around.before.iter() {
            parts.push(kind, text);
        }
        parts.0.extend(digits.0);
        for (kind, text) in around.after.iter() {
            parts.push(kind, text);
        }
        if bracketed {
            parts.push("literal", ")");
        }
        Ok(parts)
    }

    /// The digits without a sign, the word for the power of ten that was taken out, and whether they are all zero.
    fn digits(&self, mut value: Decimal) -> (Parts, &'static str, bool) {
        value.sign = Sign::None;
        if self.options.style == "percent" {
            value.multiply_pow10(2);
        }
        let mut suffix = "";
        let mut exponent = 0;
        if self.options.notation == "compact" {
            (exponent, suffix) = units::compact(
                &self.language,
                &self.options.compact_display,
                value.absolute.nonzero_magnitude_start(),
            );
        } else if self.options.notation == "scientific" || self.options.notation == "engineering" {
            exponent = value.absolute.nonzero_magnitude_start();
            if self.options.notation == "engineering" {
                exponent = exponent.div_euclid(3).saturating_mul(3);
            }
        }
        value.multiply_pow10(exponent.saturating_neg());
        let rounded = self.options.digits.round(value);
        let zero = rounded.absolute.is_zero();
        let mut parts = Parts::of(&self.formatter.format(&rounded), name);
        if self.options.notation == "scientific" || self.options.notation == "engineering" {
            parts.push("exponentSeparator", "E");
            if exponent < 0 {
                parts.push("exponentMinusSign", "-");
            }
            parts.push("exponentInteger", &exponent.unsigned_abs().to_string());
        }
        (parts, suffix, zero)
    }

    fn sign(&self, negative: bool, zero: bool, nan: bool) -> Option<(&'static str, &'static str)> {
        let (minus, plus) = (("minusSign", "-"), ("plusSign", "+"));
        match self.options.sign_display.as_str() {
            "never" => None,
            "always" => Some(if negative { minus } else { plus }),
            "exceptZero" if zero || nan => None,
            "exceptZero" => Some(if negative { minus } else { plus }),
            "negative" => (negative && !zero).then_some(minus),
            _ => negative.then_some(minus),
        }
    }

    fn around(&self, digits: &Parts, suffix: &'static str) -> Around {
        let mut around = match self.options.style.as_str() {
            "currency" => units::currency(&self.language, &self.options, &digits.text()),
            "percent" => units::percent(&self.language),
            "unit" => units::unit(&self.language, &self.options, &digits.text()),
            _ => Around::default(),
        };
        if !suffix.is_empty() {
            let mut after = Parts::default();
            if suffix.starts_with(|first: char| first.is_whitespace()) {
                after.push(
                    "literal",
                    &suffix[..suffix.len() - suffix.trim_start().len()],
                );
            }
            after.push("compact", suffix.trim_start());
            after.0.append(&mut around.after.0);
            around.after = after;
        }
        around
    }
}

fn not_a_number(number: &str) -> Parts {
    let mut parts = Parts::default();
    match number {
        "NaN" => parts.push("nan", "NaN"),
        _ => parts.push("infinity", "∞"),
    }
    parts
}

/// None for NaN and the infinities.
pub fn parse(number: &str) -> Result<Option<Decimal>> {
    if let "NaN" | "Infinity" | "-Infinity" = number {
        return Ok(None);
    }
    // JavaScript writes `1e+21`.
    let text = number.replace('+', "");
    let value = Decimal::try_from_str(&text).map_err(|_| format!("`{number}` is not a number"))?;
    Ok(Some(value))
}

fn name(part: Part) -> &'static str {
    match part.value {
        "integer" => "integer",
        "fraction" => "fraction",
        "group" => "group",
        "decimal" => "decimal",
        "minusSign" => "minusSign",
        "plusSign" => "plusSign",
        _ => "literal",
    }
}
