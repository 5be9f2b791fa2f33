//! Reads a page of metrics as strictly as Prometheus' text format 0.0.4 is written, and then some: what a lenient reader lets pass
//! panics here.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of a page.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// By name and labels, these in the order of their names.
    samples: BTreeMap<(String, BTreeMap<String, String>), f64>,
}

struct Family {
    name: String,
    kind: String,
}

impl Metrics {
    /// # Panics
    /// Where the page is not of the format.
    pub fn parse(page: &str) -> Self {
        assert!(page.ends_with('\n'), "the last line has no end");
        let mut samples = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut helped = None;
        let mut family: Option<Family> = None;
        for line in page.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help text");
                assert!(is_name(name, true), "{line}");
                assert!(!help.trim().is_empty(), "{line}");
                unescaped(help, false);
                assert!(seen.insert(name.to_owned()), "again: {line}");
                helped = Some(name.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert_eq!(helped.take().as_deref(), Some(name), "no help: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                family = Some(Family {
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                });
            } else {
                let family = family.as_ref().expect("a type before the first sample");
                let (name, labels, value) = sample(line);
                assert!(family.has(&name, &labels), "of no family: {line}");
                assert!(family.kind == "gauge" || value >= 0.0, "{line}");
                let before = samples.insert((name, labels), value);
                assert!(before.is_none(), "twice: {line}");
            }
        }
        let metrics = Self { samples };
        metrics.check_histograms();
        metrics
    }

    /// # Panics
    /// Where there is no such sample.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.find(name, labels);
        found.unwrap_or_else(|| panic!("there is no `{name}` with {labels:?}: {self:#?}"))
    }

    /// The labels in any order, all of them.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter();
        let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let key = (name.to_owned(), labels.collect());
        self.samples.get(&key).copied()
    }

    /// The samples of a name, with their labels.
    pub fn all(&self, name: &str) -> Vec<(&BTreeMap<String, String>, f64)> {
        let samples = self.samples.iter().filter(|((it, _), _)| it == name);
        samples
            .map(|((_, labels), value)| (labels, *value))
            .collect()
    }

    /// Buckets grow with their bounds, up to the count.
    fn check_histograms(&self) {
        let mut buckets = BTreeMap::<(&str, BTreeMap<&str, &str>), Vec<(f64, f64)>>::new();
        for ((name, labels), value) in &self.samples {
            let Some(name) = name.strip_suffix("_bucket") else {
                continue;
            };
            let bound = labels["le"]
                .replace("+Inf", "inf")
                .parse()
                .expect("a bound");
            let others = labels.iter().filter(|(name, _)| *name != "le");
            let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
            let series = buckets.entry((name, others.collect())).or_default();
            series.push((bound, *value));
        }
        for ((name, labels), mut series) in buckets {
            series.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(series.is_sorted_by(|a, b| a.1 <= b.1), "{name}: {series:?}");
            let labels: Vec<_> = labels.into_iter().collect();
            let count = self.get(&format!("{name}_count"), &labels);
            assert_eq!(series.last(), Some(&(f64::INFINITY, count)), "{name}");
            self.get(&format!("{name}_sum"), &labels);
        }
    }
}

impl Family {
    fn has(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        let Some(suffix) = name.strip_prefix(self.name.as_str()) else {
            return false;
        };
        let is_bucket = labels.contains_key("le");
        match (self.kind.as_str(), suffix) {
            ("histogram", "_bucket") => is_bucket,
            ("histogram", "_sum" | "_count") => !is_bucket,
            (kind, suffix) => kind != "histogram" && suffix.is_empty() && !is_bucket,
        }
    }
}

/// `name{label="value",…} value`, without a time.
fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let (name, mut rest) = series.split_at(series.find('{').unwrap_or(series.len()));
    assert!(is_name(name, true), "{line}");
    let mut labels = BTreeMap::new();
    if !rest.is_empty() {
        assert!(rest.len() > 2 && rest.ends_with('}'), "{line}");
        rest = &rest[1..rest.len() - 1];
    }
    while !rest.is_empty() {
        let (label, after) = rest.split_once("=\"").expect("a value of a label");
        assert!(is_name(label, false), "{line}");
        let (value, after) = after.split_at(closing_quote(after));
        let before = labels.insert(label.to_owned(), unescaped(value, true));
        assert!(before.is_none(), "{line}");
        rest = match after[1..].strip_prefix(',') {
            Some(next) => next,
            None => {
                assert_eq!(&after[1..], "", "{line}");
                ""
            }
        };
    }
    let is_number = value
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-'));
    assert!(is_number, "{line}");
    (name.to_owned(), labels, value.parse().expect("a number"))
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`, a label's without colons, and not one of Prometheus' own.
fn is_name(name: &str, colons: bool) -> bool {
    let may_begin = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    let mut chars = name.chars();
    chars.next().is_some_and(may_begin)
        && chars.all(|c| may_begin(c) || c.is_ascii_digit())
        && !name.starts_with("__")
}

fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let found = text.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    found.expect("the end of a label's value")
}

/// Backslashes stand before `\`, `n` and, in labels, `"`; before nothing else.
fn unescaped(text: &str, quotes: bool) -> String {
    let mut chars = text.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                other => panic!("`\\` before {other:?}: {text}"),
            },
            c => c,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# HELP a_total of a\n# TYPE a_total counter\na_total{b=\"\\\"x\\\\,\",c=\"}\"} 7\na_total{b=\"y\",c=\"\"} 0.5\n\
        # HELP t_seconds of t\n# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.5\"} 1\nt_seconds_bucket{le=\"+Inf\"} 2\n\
        t_seconds_sum 9\nt_seconds_count 2\n";

    #[test]
    fn samples_are_found_by_their_labels() {
        let metrics = Metrics::parse(PAGE);
        assert_eq!(metrics.get("a_total", &[("c", "}"), ("b", "\"x\\,")]), 7.0);
        assert_eq!(metrics.find("a_total", &[("b", "y")]), None);
        assert_eq!(metrics.all("a_total").len(), 2);
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        for (good, bad) in [
            ("t_seconds_count 2\n", "t_seconds_count 2"),
            ("# HELP a_total of a\n", ""),
            ("# TYPE a_total counter\n", ""),
            ("counter", "gauge"),
            ("b=\"y\"", "b=\"\\y\""),
            ("b=\"y\"", "__b=\"y\""),
            ("b=\"y\"", "c=\"y\""),
            ("} 0.5", "} 1e3"),
            ("} 0.5", "} -1"),
            ("# HELP t_seconds of t\n# TYPE t_seconds histogram\n", ""),
            (
                "t_seconds_bucket{le=\"0.5\"} 1",
                "t_seconds_bucket{le=\"0.5\"} 3",
            ),
            ("t_seconds_count 2", "t_seconds_count 3"),
            ("t_seconds_sum 9\n", ""),
            ("t_seconds_sum 9\n", "t_seconds_sum 9\nt_seconds_sum 9\n"),
        ] {
            let page = PAGE.replace(good, bad);
            assert_ne!(page, PAGE, "{good}");
            let parsed = std::panic::catch_unwind(|| Metrics::parse(&page));
            assert!(parsed.is_err(), "{page}");
        }
    }
}
