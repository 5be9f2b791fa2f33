//! Prometheus' text format 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>).

use std::fmt::{Display, Write as _};

use ouro_core::metrics::Distribution;

pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Names and values of labels.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// A page that is written family by family.
#[derive(Default)]
pub struct Page(String);

/// One family, to which samples are added.
pub struct Family<'p> {
    page: &'p mut String,
    name: &'static str,
}

impl Page {
    pub fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "counter", help)
    }

    pub fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family(name, "gauge", help)
    }

    /// `unit` is how much of what was observed makes one of what the name says.
    pub fn histogram(&mut self, name: &'static str, help: &str, unit: f64, of: &Distribution) {
        let mut family = self.family(name, "histogram", help);
        let mut below = 0;
        for (bound, count) in of.bounds.iter().zip(&of.counts) {
            below += count;
            let bound = (*bound as f64 / unit).to_string();
            family.line("_bucket", &[("le", &bound)], below);
        }
        let count = of.count();
        family.line("_bucket", &[("le", "+Inf")], count);
        family.line("_sum", &[], of.sum as f64 / unit);
        family.line("_count", &[], count);
    }

    pub fn into_text(self) -> String {
        self.0
    }

    fn family(&mut self, name: &'static str, kind: &str, help: &str) -> Family<'_> {
        let page = &mut self.0;
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family { page, name }
    }
}

impl Family<'_> {
    /// The only one, without labels.
    pub fn value(mut self, value: impl Display) {
        self.line("", &[], value);
    }

    pub fn sample(&mut self, labels: Labels<'_>, value: impl Display) {
        self.line("", labels, value);
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, value: impl Display) {
        self.page.push_str(self.name);
        self.page.push_str(suffix);
        for (index, (name, value)) in labels.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            let _ = write!(self.page, "{before}{name}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.page.push('}');
        }
        let _ = writeln!(self.page, " {value}");
    }
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('"', r#"\""#);
    value.replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_help_are_escaped() {
        let mut page = Page::default();
        let mut family = page.counter("a_total", "of \\ and\nmore");
        family.sample(&[("b", "\"\\\n"), ("c", "")], 7);
        assert_eq!(
            page.into_text(),
            "# HELP a_total of \\\\ and\\nmore\n# TYPE a_total counter\na_total{b=\"\\\"\\\\\\n\",c=\"\"} 7\n"
        );
    }

    #[test]
    fn buckets_of_a_histogram_add_up() {
        let distribution = Distribution {
            bounds: &[100, 2_500_000],
            counts: vec![2, 3, 1],
            sum: 4_000_000,
        };
        let mut page = Page::default();
        page.histogram("a_seconds", "times", 1e6, &distribution);
        let expected = "# HELP a_seconds times\n# TYPE a_seconds histogram\na_seconds_bucket{le=\"0.0001\"} 2\na_seconds_bucket{le=\"2.5\"} 5\n\
                        a_seconds_bucket{le=\"+Inf\"} 6\na_seconds_sum 4\na_seconds_count 6\n";
        assert_eq!(page.into_text(), expected);
    }
}
