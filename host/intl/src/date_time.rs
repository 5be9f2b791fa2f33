//! `Intl.DateTimeFormat`. ICU4X formats by field sets; the options of ECMA-402 are mapped to the one that shows the same fields.

use icu_calendar::{Date, Gregorian};
use icu_datetime::DateTimeFormatterPreferences;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::builder::{DateFields, FieldSetBuilder, ZoneStyle};
use icu_datetime::fieldsets::enums::CompositeFieldSet;
use icu_datetime::options::{Alignment, Length, SubsecondDigits, TimePrecision, YearStyle};
use icu_datetime::preferences::HourCycle;
use icu_locale_core::Locale;
use icu_time::zone::models::AtTime;
use icu_time::{TimeZoneInfo, ZonedDateTime};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use writeable::Part;

use crate::{Parts, Result, no_data};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    date_style: Option<String>,
    time_style: Option<String>,
    weekday: Option<String>,
    era: Option<String>,
    year: Option<String>,
    month: Option<String>,
    day: Option<String>,
    hour: Option<String>,
    minute: Option<String>,
    second: Option<String>,
    fractional_second_digits: Option<u8>,
    time_zone_name: Option<String>,
    /// `h11`, `h12`, `h23` or `h24`.
    hour_cycle: Option<String>,
    hour12: Option<bool>,
    time_zone: Option<String>,
}

/// The range of a JavaScript date (ECMA-262 21.4.1.1).
const EPOCH_MS_MAX: i64 = 8_640_000_000_000_000;
const DAY_MS: i64 = 86_400_000;
/// 400 years of the Gregorian calendar, which are whole weeks.
const CYCLE_MS: i64 = 146_097 * DAY_MS;
/// 9999-01-01 and -9998-01-01: a year within what jiff knows.
const LATEST_MS: i64 = 253_370_764_800_000;
const EARLIEST_MS: i64 = -377_673_667_200_000;

type Zoned = ZonedDateTime<Gregorian, TimeZoneInfo<AtTime>>;
type Formatter = FixedCalendarDateTimeFormatter<Gregorian, CompositeFieldSet>;

pub struct DateTime {
    formatter: Formatter,
    /// The date, where it cannot be formatted together with the time.
    date: Option<Formatter>,
    zone: TimeZone,
    zone_name: String,
    /// Fields of the time that are formatted but were not asked for.
    hidden: Vec<&'static str>,
    /// Day and month are written without the zero in front that ICU4X's short date has.
    unpadded: bool,
}

/// Languages whose numeric dates have no zeros in front, unlike their short ones.
const UNPADDED: [&str; 6] = ["da", "de", "it", "nb", "nl", "no"];

impl DateTime {
    pub fn new(locale: &Locale, options: Options) -> Result<Self> {
        let (zone, zone_name) = zone(options.time_zone.as_deref().unwrap_or("UTC"))?;
        let mut preferences = DateTimeFormatterPreferences::from(locale);
        preferences.hour_cycle = hour_cycle(&options).or(preferences.hour_cycle);
        let mut fields = fields(&options);
        let mut date = None;
        let beside = fields.time_precision.is_some() || fields.zone_style.is_some();
        if beside && !goes_with_time(fields.date_fields) {
            let mut alone = FieldSetBuilder::new();
            alone.date_fields = fields.date_fields.take();
            alone.length = fields.length;
            alone.year_style = fields.year_style.take();
            date = Some(formatter(preferences, alone)?);
            if fields.time_precision.is_none() {
                fields.length = None;
                fields.alignment = None;
            }
        }
        let formatter = formatter(preferences, fields)?;
        let mut hidden = Vec::new();
        if options.time_style.is_none()
            && options.hour.is_none()
            && options.minute.or(options.second.clone()).is_some()
        {
            hidden.extend(["hour", "dayPeriod"]);
        }
        let numeric = |field: &Option<String>| field.as_deref() == Some("numeric");
        let unpadded = UNPADDED.contains(&locale.id.language.as_str())
            && options.date_style.is_none()
            && numeric(&options.day)
            && numeric(&options.month);
        Ok(Self {
            formatter,
            date,
            zone,
            zone_name,
            hidden,
            unpadded,
        })
    }

    pub fn format(&self, epoch_ms: f64) -> Result<Parts> {
        if epoch_ms.is_nan() {
            return Err("Invalid time value".into());
        }
        let zoned = self.zoned(epoch_ms as i64)?;
        let mut parts = Parts::of(&self.formatter.format(&zoned), name);
        if let Some(date) = &self.date {
            let mut with = Parts::of(&date.format(&zoned), name);
            let twelve_hours = parts.iter().any(|(kind, _)| kind == "dayPeriod");
            with.push("literal", if twelve_hours { " " } else { ", " });
            with.0.append(&mut parts.0);
            parts = with;
        }
        for kind in parts.0.iter_mut().step_by(2).filter(|kind| *kind == POINT) {
            *kind = "literal".to_owned();
        }
        // CLDR has a narrow no-break space before AM and PM; V8 writes a plain one, which programs expect.
        for text in &mut parts.0 {
            if text.contains('\u{202f}') {
                *text = text.replace('\u{202f}', " ");
            }
        }
        if self.unpadded {
            unpad(&mut parts);
        }
        Ok(if self.hidden.is_empty() {
            parts
        } else {
            self.without_hidden(&parts)
        })
    }

    /// The instant in the zone. The history of zones ends with the year 9999; dates repeat after 400 years, with their weekdays, so one
    /// beyond is taken from so many years before.
    fn zoned(&self, epoch_ms: i64) -> Result<Zoned> {
        let invalid = || "Invalid time value".to_owned();
        if !(-EPOCH_MS_MAX..=EPOCH_MS_MAX).contains(&epoch_ms) {
            return Err(invalid());
        }
        let beyond = match epoch_ms {
            LATEST_MS.. => epoch_ms - LATEST_MS,
            ..EARLIEST_MS => epoch_ms - EARLIEST_MS,
            _ => 0,
        };
        // Away from zero: what is left over is a cycle too.
        let cycles = beyond / CYCLE_MS + beyond.signum();
        let timestamp = Timestamp::from_millisecond(epoch_ms - cycles * CYCLE_MS);
        let zoned = timestamp.map_err(|_| invalid())?;
        let mut zoned = Zoned::from(&zoned.to_zoned(self.zone.clone()));
        if cycles != 0 {
            let date = zoned.date.to_rata_die() + cycles * (CYCLE_MS / DAY_MS);
            zoned.date = Date::from_rata_die(date, Gregorian);
        }
        Ok(zoned)
    }

    /// Both ends, unless they look the same.
    pub fn format_range(&self, from: f64, to: f64) -> Result<Parts> {
        let (from, to) = (self.format(from)?, self.format(to)?);
        if from == to {
            return Ok(from);
        }
        let mut parts = from;
        parts.push("literal", "\u{2009}–\u{2009}");
        parts.0.extend(to.0);
        Ok(parts)
    }

    /// Name and value by turns.
    pub fn resolved(&self) -> Vec<String> {
        let afternoon = self.format(13.0 * 3_600_000.0).unwrap_or_default();
        let mut resolved = vec!["timeZone".to_owned(), self.zone_name.clone()];
        let has = |name: &str| afternoon.iter().any(|(kind, _)| kind == name);
        if has("hour") {
            let cycle = if has("dayPeriod") { "h12" } else { "h23" };
            resolved.extend(["hourCycle".to_owned(), cycle.to_owned()]);
        }
        resolved
    }

    /// Leaves the hidden fields out, each with the literal that parts it from the next.
    fn without_hidden(&self, parts: &Parts) -> Parts {
        let mut left = Parts::default();
        let mut skip_literal = false;
        for (kind, text) in parts.iter() {
            if self.hidden.contains(&kind) {
                skip_literal = true;
            } else if !(skip_literal && kind == "literal") {
                skip_literal = false;
                left.push(kind, text);
            }
        }
        if left.0.len() > 2 && left.0[left.0.len() - 2] == "literal" {
            left.0.truncate(left.0.len() - 2);
        }
        left
    }
}

fn formatter(
    preferences: DateTimeFormatterPreferences,
    fields: FieldSetBuilder,
) -> Result<Formatter> {
    let fields = fields
        .build_composite()
        .map_err(|error| error.to_string())?;
    Formatter::try_new(preferences, fields).map_err(no_data)
}

/// ICU4X has no field sets of times within a month or year, and loads too few names for its patterns of weekday and time.
fn goes_with_time(date: Option<DateFields>) -> bool {
    !matches!(
        date,
        Some(DateFields::E | DateFields::M | DateFields::YM | DateFields::Y)
    )
}

fn unpad(parts: &mut Parts) {
    for pair in parts.0.chunks_exact_mut(2) {
        if matches!(pair[0].as_str(), "day" | "month") && pair[1].starts_with('0') {
            pair[1].remove(0);
        }
    }
}

fn hour_cycle(options: &Options) -> Option<HourCycle> {
    match (options.hour12, options.hour_cycle.as_deref()) {
        (Some(true), _) => Some(HourCycle::H12),
        (Some(false), _) => Some(HourCycle::H23),
        (None, Some("h11")) => Some(HourCycle::H11),
        (None, Some("h12")) => Some(HourCycle::H12),
        (None, Some("h23" | "h24")) => Some(HourCycle::H23),
        _ => None,
    }
}

fn fields(options: &Options) -> FieldSetBuilder {
    let mut builder = FieldSetBuilder::new();
    if options.date_style.is_some() || options.time_style.is_some() {
        styles(&mut builder, options);
        return builder;
    }
    let is = |value: &Option<String>, wanted: &str| value.as_deref() == Some(wanted);
    builder.date_fields = date_fields(options);
    builder.length = Some(
        match (options.month.as_deref(), options.weekday.as_deref()) {
            (Some("long"), _) | (None, Some("long")) => Length::Long,
            (Some("short" | "narrow"), _) | (None, Some("short" | "narrow")) => Length::Medium,
            (None, None) if options.time_zone_name.is_some() && builder.date_fields.is_none() => {
                Length::Medium
            }
            _ => Length::Short,
        },
    );
    if options.year.is_some() {
        builder.year_style = Some(match (&options.era, is(&options.year, "2-digit")) {
            (Some(_), _) => YearStyle::WithEra,
            (None, true) => YearStyle::Auto,
            (None, false) => YearStyle::Full,
        });
    }
    builder.time_precision = match (
        &options.fractional_second_digits,
        &options.second,
        &options.minute,
        &options.hour,
    ) {
        (Some(digits), ..) => Some(TimePrecision::Subsecond(
            SubsecondDigits::try_from_int(*digits).unwrap_or(SubsecondDigits::S3),
        )),
        (None, Some(_), ..) => Some(TimePrecision::Second),
        (None, None, Some(_), _) => Some(TimePrecision::Minute),
        (None, None, None, Some(_)) => Some(TimePrecision::Hour),
        _ => None,
    };
    let two_digits = [&options.month, &options.day, &options.hour]
        .into_iter()
        .any(|field| is(field, "2-digit"));
    let may_align = builder.time_precision.is_some()
        || !matches!(builder.date_fields, None | Some(DateFields::E));
    if two_digits && may_align {
        builder.alignment = Some(Alignment::Column);
    }
    builder.zone_style = options.time_zone_name.as_deref().map(zone_style);
    if builder.date_fields.is_none() && builder.time_precision.is_none() {
        builder.length = None;
    }
    builder
}

fn styles(builder: &mut FieldSetBuilder, options: &Options) {
    if let Some(style) = options.date_style.as_deref() {
        builder.date_fields = Some(if style == "full" {
            DateFields::YMDE
        } else {
            DateFields::YMD
        });
        builder.length = Some(match style {
            "full" | "long" => Length::Long,
            "medium" => Length::Medium,
            _ => Length::Short,
        });
    }
    if let Some(style) = options.time_style.as_deref() {
        builder.time_precision = Some(if style == "short" {
            TimePrecision::Minute
        } else {
            TimePrecision::Second
        });
        builder.zone_style = match style {
            "full" => Some(ZoneStyle::SpecificLong),
            "long" => Some(ZoneStyle::SpecificShort),
            _ => None,
        };
    }
}

fn date_fields(options: &Options) -> Option<DateFields> {
    let has = |field: &Option<String>| field.is_some();
    Some(
        match (
            has(&options.year),
            has(&options.month),
            has(&options.day),
            has(&options.weekday),
        ) {
            (false, false, false, false) => return None,
            (false, false, false, true) => DateFields::E,
            (false, false, true, false) => DateFields::D,
            (false, false, true, true) => DateFields::DE,
            (false, true, false, false) => DateFields::M,
            (false, true, true, false) => DateFields::MD,
            (false, true, _, true) => DateFields::MDE,
            (true, false, false, false) => DateFields::Y,
            (true, true, false, false) => DateFields::YM,
            (true, _, true, false) => DateFields::YMD,
            (true, _, _, true) => DateFields::YMDE,
        },
    )
}

fn zone_style(name: &str) -> ZoneStyle {
    match name {
        "long" => ZoneStyle::SpecificLong,
        "shortOffset" => ZoneStyle::LocalizedOffsetShort,
        "longOffset" => ZoneStyle::LocalizedOffsetLong,
        "shortGeneric" => ZoneStyle::GenericShort,
        "longGeneric" => ZoneStyle::GenericLong,
        _ => ZoneStyle::SpecificShort,
    }
}

/// A time zone of the IANA database, or an offset as `+05:30`, and its name.
pub fn zone(name: &str) -> Result<(TimeZone, String)> {
    let invalid = || format!("Invalid time zone specified: {name}");
    if let Some(offset) = offset(name) {
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        let name = format!("{sign}{hours:02}:{minutes:02}");
        return Ok((TimeZone::fixed(offset), name));
    }
    if name.len() > 64 {
        return Err("Invalid time zone specified".into());
    }
    let zone = TimeZone::get(name).map_err(|_| invalid())?;
    let known = zone.iana_name().ok_or_else(invalid)?.to_owned();
    let known = match known.as_str() {
        "Etc/UTC" | "Etc/GMT" | "Etc/UCT" | "Etc/Zulu" | "GMT" | "UCT" | "Zulu" => "UTC".to_owned(),
        _ => known,
    };
    Ok((zone, known))
}

/// `+HH:MM`, `+HHMM` or `+HH` (UTCOffset of ECMA-262 21.4.1.33, without seconds).
fn offset(name: &str) -> Option<Offset> {
    let (sign, rest) = match name.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "00"),
        4 => rest.split_at_checked(2)?,
        5 => rest.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

/// The decimal point of seconds, which is a literal, but not one that belongs to the second.
const POINT: &str = "point";

fn name(part: Part) -> &'static str {
    if part.category != "datetime" {
        return match part.value {
            "decimal" => POINT,
            "fraction" => "fractionalSecond",
            _ => "literal",
        };
    }
    match part.value {
        "era" => "era",
        "year" | "relatedYear" | "yearName" | "extendedYear" => "year",
        "month" => "month",
        "day" => "day",
        "weekday" => "weekday",
        "dayPeriod" => "dayPeriod",
        "hour" => "hour",
        "minute" => "minute",
        "second" => "second",
        "timeZoneName" => "timeZoneName",
        _ => "literal",
    }
}
