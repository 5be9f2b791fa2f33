//! What programs ask of `Intl`, as V8 answers it.

use ouro_intl::{Kind, compare, format, resolve, segments, time_zone};

/// 2026-01-15T15:04:05.678Z.
const INSTANT: &str = "1768489445678";

fn text(kind: Kind, locale: &str, options: &str, input: &[&str]) -> String {
    let input: Vec<String> = input.iter().map(ToString::to_string).collect();
    match format(kind, locale, options, &input) {
        Ok(parts) => parts.text(),
        Err(error) => format!("error: {error}"),
    }
}

fn date(locale: &str, options: &str) -> String {
    text(Kind::DateTime, locale, options, &[INSTANT])
}

fn number(locale: &str, options: &str, value: &str) -> String {
    text(Kind::Number, locale, options, &[value])
}

#[test]
fn dates_are_formatted_by_their_fields() {
    let fields = r#""year":"numeric","month":"numeric","day":"numeric""#;
    assert_eq!(date("en-US", &format!("{{{fields}}}")), "1/15/2026");
    assert_eq!(date("de", &format!("{{{fields}}}")), "15.1.2026");
    assert_eq!(date("en-GB", &format!("{{{fields}}}")), "15/01/2026");
    assert_eq!(
        date(
            "en-US",
            r#"{"month":"long","day":"numeric","year":"numeric"}"#
        ),
        "January 15, 2026"
    );
    assert_eq!(
        date(
            "fr",
            r#"{"weekday":"long","month":"long","day":"numeric","year":"numeric"}"#
        ),
        "jeudi 15 janvier 2026"
    );
    assert_eq!(
        date("en-US", r#"{"month":"short","day":"numeric"}"#),
        "Jan 15"
    );
    assert_eq!(date("en-US", r#"{"weekday":"short"}"#), "Thu");
    assert_eq!(date("en-US", r#"{"month":"long"}"#), "January");
    assert_eq!(
        date(
            "en-US",
            r#"{"year":"2-digit","month":"2-digit","day":"2-digit"}"#
        ),
        "01/15/26"
    );
    assert_eq!(date("ja", r#"{"dateStyle":"long"}"#), "2026年1月15日");
}

#[test]
fn what_libraries_ask_for_time_zones_is_answered() {
    let options = r#"{"year":"numeric","month":"2-digit","day":"2-digit","hour":"2-digit","minute":"2-digit","second":"2-digit","hour12":false,"timeZone":"America/New_York"}"#;
    assert_eq!(date("en-US", options), "01/15/2026, 10:04:05");
    let parts = format(Kind::DateTime, "en-US", options, &[INSTANT.into()]).expect("formats");
    let kinds: Vec<&str> = parts
        .iter()
        .map(|(kind, _)| kind)
        .filter(|kind| *kind != "literal")
        .collect();
    assert_eq!(kinds, ["month", "day", "year", "hour", "minute", "second"]);
    assert_eq!(
        date(
            "en-US",
            r#"{"hour":"numeric","minute":"2-digit","timeZone":"Asia/Kolkata"}"#
        ),
        "8:34 PM"
    );
    assert_eq!(
        date(
            "en-US",
            r#"{"hour":"numeric","timeZone":"+05:30","hour12":true}"#
        ),
        "8 PM"
    );
    assert_eq!(
        date("en-US", r#"{"minute":"2-digit","second":"2-digit"}"#),
        "04:05"
    );
    assert_eq!(
        date("en-US", r#"{"timeStyle":"short","dateStyle":"medium"}"#),
        "Jan 15, 2026, 3:04 PM"
    );
    assert_eq!(
        date(
            "en-US",
            r#"{"hour":"numeric","timeZoneName":"short","timeZone":"America/Los_Angeles"}"#
        ),
        "7 AM PST"
    );
    assert_eq!(
        date(
            "en-US",
            r#"{"hour":"numeric","minute":"numeric","second":"numeric","fractionalSecondDigits":3,"hour12":false}"#
        ),
        "15:04:05.678"
    );
    let options = r#"{"second":"numeric","minute":"numeric","fractionalSecondDigits":3}"#;
    let parts = format(Kind::DateTime, "en-US", options, &[INSTANT.into()]).expect("formats");
    let parts: Vec<(&str, &str)> = parts.iter().collect();
    assert_eq!(
        parts,
        [
            ("minute", "04"),
            ("literal", ":"),
            ("second", "05"),
            ("literal", "."),
            ("fractionalSecond", "678")
        ]
    );
    assert_eq!(
        time_zone("america/new_york").as_deref(),
        Ok("America/New_York")
    );
    assert_eq!(time_zone("Etc/UTC").as_deref(), Ok("UTC"));
    assert!(time_zone("Mars/Olympus").is_err());
}

/// ICU4X checks in development builds that a formatter has loaded what it needs.
#[test]
fn every_combination_of_fields_has_a_form() {
    let dates = [
        "",
        r#""weekday":"short""#,
        r#""weekday":"long","day":"2-digit""#,
        r#""month":"narrow""#,
        r#""month":"2-digit","day":"numeric""#,
        r#""weekday":"short","month":"long","day":"numeric""#,
        r#""year":"2-digit""#,
        r#""year":"numeric","month":"short","era":"short""#,
        r#""year":"numeric","month":"numeric","day":"numeric""#,
        r#""weekday":"narrow","year":"numeric","month":"long","day":"numeric""#,
        r#""weekday":"long","year":"numeric""#,
        r#""day":"numeric""#,
    ];
    let times = [
        "",
        r#""hour":"numeric""#,
        r#""hour":"2-digit","minute":"2-digit""#,
        r#""minute":"numeric","second":"numeric","fractionalSecondDigits":3"#,
        r#""hour":"numeric","hour12":true"#,
        r#""hour":"numeric","minute":"numeric","second":"numeric","hourCycle":"h23""#,
    ];
    let zones = [
        "",
        r#""timeZoneName":"short""#,
        r#""timeZoneName":"long""#,
        r#""timeZoneName":"longOffset""#,
        r#""timeZoneName":"shortGeneric""#,
    ];
    let locales = [
        "en-US", "en-GB", "de", "fr", "ja", "zh", "ar", "hi", "ru", "pt-BR", "ko", "th", "fa",
    ];
    for locale in locales {
        for date_fields in dates {
            for time_fields in times {
                for zone in zones {
                    let fields: Vec<&str> = [date_fields, time_fields, zone]
                        .into_iter()
                        .filter(|it| !it.is_empty())
                        .collect();
                    let options = format!("{{{}}}", fields.join(","));
                    let text = date(locale, &options);
                    assert!(
                        fields.is_empty() || (!text.is_empty() && !text.starts_with("error")),
                        "{locale} {options}: {text}"
                    );
                }
            }
        }
    }
}

#[test]
fn numbers_are_grouped_rounded_and_given_their_units() {
    assert_eq!(number("en-US", "{}", "1234567.8915"), "1,234,567.892");
    assert_eq!(number("de", "{}", "1234567.8915"), "1.234.567,892");
    assert_eq!(number("en-IN", "{}", "1234567.8915"), "12,34,567.892");
    assert_eq!(number("en-US", "{}", "-0.5"), "-0.5");
    assert_eq!(
        number("en-US", "{}", "1e+21"),
        "1,000,000,000,000,000,000,000"
    );
    assert_eq!(number("en-US", "{}", "NaN"), "NaN");
    assert_eq!(number("en-US", "{}", "-Infinity"), "-∞");
    let two = r#""minimumFractionDigits":2,"maximumFractionDigits":2"#;
    assert_eq!(
        number(
            "en-US",
            &format!(r#"{{"style":"currency","currency":"USD",{two}}}"#),
            "-1234.5"
        ),
        "-$1,234.50"
    );
    assert_eq!(
        number(
            "de",
            &format!(r#"{{"style":"currency","currency":"EUR",{two}}}"#),
            "1234.5"
        ),
        "1.234,50\u{a0}€"
    );
    assert_eq!(
        number(
            "en-US",
            r#"{"style":"percent","maximumFractionDigits":0}"#,
            "0.256"
        ),
        "26%"
    );
    assert_eq!(
        number(
            "en-US",
            r#"{"notation":"compact","compactRounding":true}"#,
            "1234"
        ),
        "1.2K"
    );
    assert_eq!(
        number(
            "en-US",
            r#"{"notation":"compact","compactRounding":true}"#,
            "123456789"
        ),
        "123M"
    );
    assert_eq!(
        number(
            "en-US",
            r#"{"style":"unit","unit":"kilometer-per-hour"}"#,
            "50"
        ),
        "50 km/h"
    );
    assert_eq!(
        number("en-US", r#"{"maximumFractionDigits":0}"#, "2.5"),
        "3"
    );
    assert_eq!(
        number("en-US", r#"{"maximumSignificantDigits":3}"#, "123456"),
        "123,000"
    );
    assert_eq!(
        number("en-US", r#"{"signDisplay":"exceptZero"}"#, "5"),
        "+5"
    );
}

#[test]
fn words_follow_the_language() {
    assert_eq!(
        text(Kind::Plural, "en", r#"{"type":"ordinal"}"#, &["22"]),
        "two"
    );
    assert_eq!(text(Kind::Plural, "en", "{}", &["1"]), "one");
    assert_eq!(text(Kind::Plural, "ru", "{}", &["3"]), "few");
    assert_eq!(
        resolve(Kind::Plural, "en", "{}").expect("resolves"),
        ["one", "other"]
    );
    assert_eq!(
        text(Kind::List, "en", "{}", &["a", "b", "c"]),
        "a, b, and c"
    );
    assert_eq!(
        text(Kind::List, "de", r#"{"type":"disjunction"}"#, &["a", "b"]),
        "a oder b"
    );
    assert_eq!(text(Kind::List, "en", "{}", &[]), "");
    assert_eq!(
        text(Kind::RelativeTime, "en", "{}", &["-3", "day"]),
        "3 days ago"
    );
    assert_eq!(
        text(
            Kind::RelativeTime,
            "en",
            r#"{"numeric":"auto"}"#,
            &["1", "days"]
        ),
        "tomorrow"
    );
}

#[test]
fn texts_are_ordered_and_cut_as_people_do() {
    assert_eq!(compare("de", "{}", "a", "ä"), Ok(-1));
    assert_eq!(compare("de", r#"{"sensitivity":"base"}"#, "a", "ä"), Ok(0));
    assert_eq!(
        compare("en", r#"{"numeric":true}"#, "item 10", "item 9"),
        Ok(1)
    );
    assert_eq!(compare("sv", "{}", "z", "ä"), Ok(-1));
    assert_eq!(segments("en", "{}", "e\u{301}👨‍👩‍👧").expect("cut"), [2, 10]);
    let words = segments("en", r#"{"granularity":"word"}"#, "Hi, you").expect("cut");
    assert_eq!(words, [2 | 1 << 31, 3, 4, 7 | 1 << 31]);
}

#[test]
fn scripts_without_spaces_are_cut_by_dictionaries() {
    let words = |text: &str| {
        let ends = segments("th", r#"{"granularity":"word"}"#, text).expect("cut");
        ends.iter().map(|end| end & !(1 << 31)).collect::<Vec<_>>()
    };
    assert_eq!(words("ภาษาไทย"), [4, 7]);
    assert_eq!(words("こんにちは世界"), [5, 7]);
    // A neural model would take minutes for this in a test.
    assert!(words(&"ภาษาไทย".repeat(5_000)).len() >= 10_000);
}

#[test]
fn sizes_and_counts_are_bounded() {
    let word = r#"{"granularity":"word"}"#;
    let long = "x".repeat((256 << 10) + 1);
    let error = segments("en", word, &long).expect_err("too long");
    assert!(error.contains("262144"), "{error}");
    segments("en", "{}", &long).expect("graphemes are quick");
    let many = vec![String::new(); 10_001];
    assert!(format(Kind::List, "en", "{}", &many).is_err());
    assert!(ouro_intl::best_locale(&many).is_err());
}

#[test]
fn dates_beyond_the_history_of_zones_are_formatted() {
    let options = r#"{"year":"numeric","month":"numeric","day":"numeric","weekday":"short","timeZone":"America/New_York"}"#;
    let date = |instant: &str| text(Kind::DateTime, "en-US", options, &[instant]);
    // As V8 writes the first and the last date that JavaScript has, and those about the end of the year 9999.
    assert_eq!(date("8640000000000000"), "Fri, 9/12/275760");
    assert_eq!(date("253402300799999"), "Fri, 12/31/9999");
    assert_eq!(date("253402318800000"), "Sat, 1/1/10000");
    assert!(date("-8640000000000000").contains("4/19/"));
    assert!(date("8640000000000001").starts_with("error"));
}

#[test]
fn offsets_are_those_of_the_standard() {
    assert_eq!(time_zone("+05:30").as_deref(), Ok("+05:30"));
    assert_eq!(time_zone("-0800").as_deref(), Ok("-08:00"));
    assert_eq!(time_zone("+05").as_deref(), Ok("+05:00"));
    for name in [
        "+05:3:0",
        "+0:530",
        "+5:30",
        "+05:30:00",
        "+",
        "+24:00",
        "+05-30",
        "+é1",
    ] {
        assert!(time_zone(name).is_err(), "{name}");
    }
}

#[test]
fn hostile_arguments_are_errors() {
    let long = "x".repeat(10_000);
    for locale in [
        "",
        "x",
        "-",
        "en-",
        "e n",
        "\u{0}",
        long.as_str(),
        "en-u-ca-",
        "💥",
    ] {
        assert!(
            format(Kind::Number, locale, "{}", &["1".into()]).is_err(),
            "{locale:.10}"
        );
    }
    for options in [
        "",
        "[",
        "null",
        "{\"timeZone\":1}",
        long.as_str(),
        r#"{"timeZone":"../../etc/passwd"}"#,
    ] {
        assert!(
            format(Kind::DateTime, "en", options, &["0".into()]).is_err(),
            "{options:.20}"
        );
    }
    for instant in ["NaN", "x", "1e300", "-1e300", ""] {
        let _ = format(
            Kind::DateTime,
            "en",
            r#"{"year":"numeric"}"#,
            &[instant.into()],
        );
    }
    for value in [
        "",
        "x",
        "1e99999",
        "1e-99999",
        "--1",
        long.as_str(),
        "1e32767",
        "1e-32768",
        "-1e-32700",
        "-",
        ".",
    ] {
        let _ = format(
            Kind::Number,
            "en",
            r#"{"maximumFractionDigits":32767,"minimumIntegerDigits":32767}"#,
            &[value.into()],
        );
        let _ = format(
            Kind::Number,
            "en",
            r#"{"style":"percent","notation":"compact"}"#,
            &[value.into()],
        );
        for notation in ["scientific", "engineering", "standard"] {
            let digits = r#""minimumSignificantDigits":100,"maximumSignificantDigits":100"#;
            let options = format!(r#"{{"notation":"{notation}",{digits}}}"#);
            let _ = format(Kind::Number, "en", &options, &[value.into()]);
        }
    }
    for index in 0..1_000 {
        let options = format!(r#"{{"minimumFractionDigits":{}}}"#, index % 100);
        format(Kind::Number, "en", &options, &["1".into()]).expect("formats");
    }
}
