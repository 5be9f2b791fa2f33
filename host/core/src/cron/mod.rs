//! Cron expressions: when something is due. What the API checks and what fires are read here, by the same code.
//!
//! It leaves out who runs and when a run is missed (`host/server/src/cron`).

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// Characters of an expression.
pub const EXPRESSION_LENGTH_MAX: usize = 200;

/// Due times that are walked one after another before the search goes backwards from the end.
const STEPS_MAX: usize = 1_000;

const FIELDS: [&str; 6] = [
    "second",
    "minute",
    "hour",
    "day of month",
    "month",
    "day of week",
];

/// How days of the week are numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekdays {
    /// 0 is Sunday, and 7 too.
    #[default]
    Posix,
    /// 1 is Sunday and 7 is Saturday, as on Cloudflare.
    Cloudflare,
}

impl Weekdays {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posix => "posix",
            Self::Cloudflare => "cloudflare",
        }
    }

    /// # Errors
    /// The text, where it is neither.
    pub fn parse(text: &str) -> Result<Self, &str> {
        match text {
            "posix" => Ok(Self::Posix),
            "cloudflare" => Ok(Self::Cloudflare),
            other => Err(other),
        }
    }
}

/// Why there is no schedule in a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("expected at most {EXPRESSION_LENGTH_MAX} characters, got {0}")]
    TooLong(usize),
    #[error(
        "`{expression}` has {count} fields: expected 5 (minute, hour, day of month, month, day of week), or 6 with the second before them"
    )]
    FieldCount { expression: String, count: usize },
    #[error("`{text}` is no {field}: {reason}")]
    Field {
        field: &'static str,
        text: String,
        reason: String,
    },
    #[error("`{0}` has a field for the second, which this server does not allow")]
    SecondsForbidden(String),
    #[error("`{0}` is no name of the IANA time zone database, such as `Europe/Berlin` or `UTC`")]
    TimeZone(String),
    #[error("`{0}` never comes due")]
    Never(String),
}

impl CronError {
    /// False where the expression is at fault.
    pub fn is_about_time_zone(&self) -> bool {
        matches!(self, Self::TimeZone(_))
    }
}

/// An expression in a time zone.
#[derive(Clone)]
pub struct Schedule {
    cron: Cron,
    zone: Tz,
    has_seconds: bool,
}

impl Schedule {
    /// # Errors
    /// Says which field is wrong, or that the time zone is.
    pub fn parse(expression: &str, zone: &str, weekdays: Weekdays) -> Result<Self, CronError> {
        let length = expression.chars().count();
        if length > EXPRESSION_LENGTH_MAX {
            return Err(CronError::TooLong(length));
        }
        let zone: Tz = zone
            .parse()
            .map_err(|_| CronError::TimeZone(zone.to_owned()))?;
        let parser = parser(weekdays);
        let cron = parser
            .parse(expression)
            .map_err(|error| explain(&parser, expression, &error))?;
        let has_seconds = expression.split_whitespace().count() == 6;
        Ok(Self {
            cron,
            zone,
            has_seconds,
        })
    }

    /// True where the expression has a field for the second.
    pub fn has_seconds(&self) -> bool {
        self.has_seconds
    }

    /// The first due time after this one; `None` where there is none. Unix times in milliseconds, here and below.
    pub fn next(&self, after_ms: i64) -> Option<i64> {
        let after = self.local(after_ms)?;
        let next = self.cron.find_next_occurrence(&after, false).ok()?;
        Some(next.timestamp_millis())
    }

    /// The due times after this one, so many at most.
    pub fn upcoming(&self, after_ms: i64, count: usize) -> Vec<i64> {
        let next = |at: &i64| self.next(*at);
        std::iter::successors(self.next(after_ms), next)
            .take(count)
            .collect()
    }

    /// The last due times from one to another, both included, in rising order and so many at most.
    pub fn last_between(&self, from_ms: i64, until_ms: i64, count: usize) -> Vec<i64> {
        let ahead = self.upcoming(from_ms - 1_000, STEPS_MAX);
        let is_whole = ahead.len() < STEPS_MAX || ahead.last().is_some_and(|at| *at > until_ms);
        if is_whole {
            let due = ahead
                .into_iter()
                .filter(|at| (from_ms..=until_ms).contains(at));
            let due: Vec<_> = due.collect();
            return due[due.len().saturating_sub(count)..].to_vec();
        }
        let mut due: Vec<_> = self.before(until_ms + 1_000, count);
        due.retain(|at| (from_ms..=until_ms).contains(at));
        due.reverse();
        due
    }

    /// In falling order.
    fn before(&self, before_ms: i64, count: usize) -> Vec<i64> {
        let previous = |at: &i64| {
            let at = self.local(*at)?;
            let previous = self.cron.find_previous_occurrence(&at, false).ok()?;
            Some(previous.timestamp_millis())
        };
        std::iter::successors(previous(&before_ms), previous)
            .take(count)
            .collect()
    }

    /// The second that the time is in.
    fn local(&self, at_ms: i64) -> Option<DateTime<Tz>> {
        let at = Utc.timestamp_opt(at_ms.div_euclid(1_000), 0).single()?;
        Some(at.with_timezone(&self.zone))
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schedule({} {})", self.cron.as_str(), self.zone)
    }
}

fn parser(weekdays: Weekdays) -> CronParser {
    CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .alternative_weekdays(weekdays == Weekdays::Cloudflare)
        .build()
}

/// The first field that is wrong by itself.
fn explain(parser: &CronParser, expression: &str, error: &croner::errors::CronError) -> CronError {
    let texts: Vec<_> = expression.split_whitespace().collect();
    let Some(fields) = FIELDS.len().checked_sub(texts.len()).filter(|n| *n <= 1) else {
        return CronError::FieldCount {
            expression: expression.to_owned(),
            count: texts.len(),
        };
    };
    for (place, text) in texts.iter().enumerate() {
        let mut alone = ["*"; 6];
        alone[fields + place] = text;
        if let Err(error) = parser.parse(&alone.join(" ")) {
            return CronError::Field {
                field: FIELDS[fields + place],
                text: (*text).to_owned(),
                reason: reason(&error),
            };
        }
    }
    CronError::Field {
        field: "cron expression",
        text: expression.to_owned(),
        reason: reason(error),
    }
}

/// As this project writes: in lower case, without a full stop.
fn reason(error: &croner::errors::CronError) -> String {
    use croner::errors::CronError::{ComponentError, IllegalCharacters, InvalidPattern};
    let text = match error {
        ComponentError(text) | IllegalCharacters(text) | InvalidPattern(text) => text.clone(),
        other => other.to_string(),
    };
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
