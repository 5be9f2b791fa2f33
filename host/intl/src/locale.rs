//! Language tags (BCP 47) and the languages that there is data for.

use icu_locale_core::Locale;

use crate::{LOCALE_BYTES_MAX, Result, check};

pub const DEFAULT: &str = "en-US";

/// Those of CLDR's modern coverage, for which all of ICU4X's formatters have data.
const LANGUAGES: &str = " af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it ja jv ka \
    kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl nn no or pa pl ps pt ro ru sd si sk sl so sq sr sv sw ta te th tk tr uk ur uz vi yo \
    yue zh zu ";

pub fn parse(tag: &str) -> Result<Locale> {
    check(tag.len(), LOCALE_BYTES_MAX, "locale")?;
    Locale::try_from_str(tag).map_err(|_| format!("Incorrect locale information provided: {tag}"))
}

pub fn is_supported(locale: &Locale) -> bool {
    LANGUAGES.contains(&format!(" {} ", locale.id.language.as_str()))
}

pub fn without_extensions(locale: &Locale) -> String {
    locale.id.to_string()
}
