//! `Intl.ListFormat`.

use icu_list::options::{ListFormatterOptions, ListLength};
use icu_list::{ListFormatter, ListFormatterPreferences, parts};
use icu_locale_core::Locale;
use serde::Deserialize;
use writeable::Part;

use crate::{Parts, Result, no_data};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Options {
    r#type: String,
    style: String,
}

pub struct List(ListFormatter);

impl List {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let length = match options.style.as_str() {
            "short" => ListLength::Short,
            "narrow" => ListLength::Narrow,
            _ => ListLength::Wide,
        };
        let preferences = ListFormatterPreferences::from(locale);
        let with = ListFormatterOptions::default().with_length(length);
        let made = match options.r#type.as_str() {
            "disjunction" => ListFormatter::try_new_or(preferences, with),
            "unit" => ListFormatter::try_new_unit(preferences, with),
            _ => ListFormatter::try_new_and(preferences, with),
        };
        made.map(Self).map_err(no_data)
    }

    pub fn format(&self, items: &[String]) -> Parts {
        // An item is a part also where it is empty or stands beside another.
        let mut all = Parts::default();
        let marked: Vec<String> = (0..items.len()).map(|index| format!("{index}")).collect();
        for (kind, text) in Parts::of(&self.0.format(marked.iter()), name).iter() {
            match text.parse::<usize>().ok().filter(|_| kind == "element") {
                Some(index) => all.0.extend(["element".to_owned(), items[index].clone()]),
                None => all.push("literal", text),
            }
        }
        all
    }
}

fn name(part: Part) -> &'static str {
    if part == parts::ELEMENT {
        "element"
    } else {
        "literal"
    }
}
