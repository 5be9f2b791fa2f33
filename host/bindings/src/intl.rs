//! What the engine's `Intl` asks of the host; `ouro-intl` answers.

use ouro_intl as intl;
use ouro_runtime::HostState;

use crate::generated::ouro::host::intl::{Host, Kind};

type Answer<T> = wasmtime::Result<Result<T, String>>;

impl Host for HostState {
    fn best_locale(&mut self, locales: Vec<String>) -> Answer<String> {
        Ok(intl::best_locale(&locales))
    }

    fn canonical_locale(&mut self, locale: String) -> Answer<String> {
        Ok(intl::canonical_locale(&locale))
    }

    fn is_supported(&mut self, locale: String) -> Answer<bool> {
        Ok(intl::is_supported(&locale))
    }

    fn time_zone(&mut self, name: String) -> Answer<String> {
        Ok(intl::time_zone(&name))
    }

    fn time_zones(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(intl::time_zones())
    }

    fn resolve(&mut self, kind: Kind, locale: String, options: String) -> Answer<Vec<String>> {
        Ok(intl::resolve(kind.into(), &locale, &options))
    }

    fn format(
        &mut self,
        kind: Kind,
        locale: String,
        options: String,
        input: Vec<String>,
    ) -> Answer<Vec<String>> {
        Ok(intl::format(kind.into(), &locale, &options, &input).map(|parts| parts.0))
    }

    fn compare(&mut self, locale: String, options: String, a: String, b: String) -> Answer<i32> {
        Ok(intl::compare(&locale, &options, &a, &b))
    }

    fn segments(&mut self, locale: String, options: String, text: String) -> Answer<Vec<u32>> {
        Ok(intl::segments(&locale, &options, &text))
    }
}

impl From<Kind> for intl::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Collator => Self::Collator,
            Kind::DateTime => Self::DateTime,
            Kind::List => Self::List,
            Kind::Number => Self::Number,
            Kind::Plural => Self::Plural,
            Kind::RelativeTime => Self::RelativeTime,
            Kind::Segmenter => Self::Segmenter,
        }
    }
}
