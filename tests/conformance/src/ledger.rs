//! One run of a suite: outcomes are held against the expectations as they come, and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::docs;
use crate::expectations::Expectations;
use crate::outcome::Outcome;
use crate::report::Report;

/// What all suites of files and subtests are asked.
#[derive(clap::Args)]
#[group(id = "run")]
pub struct Options {
    /// Runs only tests whose path contains one of these.
    pub filters: Vec<String>,
    /// Writes down what fails now; new failures want a reason by hand.
    #[arg(long)]
    update: bool,
    /// Prints every failure, expected ones too.
    #[arg(long, short)]
    verbose: bool,
    /// Writes the table of totals into this page.
    #[arg(long)]
    docs: Option<PathBuf>,
    /// Tests that run at once.
    #[arg(long, default_value_t = 2)]
    pub jobs: usize,
    #[arg(skip)]
    is_part: bool,
}

impl Options {
    /// The run is a part of all: the page stays as it is, and nobody asks for what did not run.
    pub fn is_only_a_part(&mut self) {
        self.is_part = true;
        if self.docs.take().is_some() {
            println!(
                "note: this is a part of all, so the table in the documentation stays as it is"
            );
        }
    }

    pub fn want(&self, id: &str) -> bool {
        self.filters.is_empty()
            || self
                .filters
                .iter()
                .any(|filter| id.contains(filter.as_str()))
    }
}

pub struct Ledger {
    /// Names its part of the documentation.
    suite: &'static str,
    options: Options,
    expectations: Expectations,
    report: Report,
    report_path: PathBuf,
    differences: usize,
    /// Failures by directory and expected reason, where the documentation tells them.
    reasons: Option<BTreeMap<(String, String), usize>>,
    ran: BTreeSet<String>,
}

impl Ledger {
    /// `expectations` is a folder, `report_path` where the JSON goes.
    pub fn open(
        suite: &'static str,
        mut options: Options,
        expectations: &std::path::Path,
        report_path: PathBuf,
    ) -> Result<Self> {
        if !options.filters.is_empty() {
            options.is_only_a_part();
        }
        Ok(Self {
            suite,
            options,
            expectations: Expectations::read(expectations)?,
            report: Report::default(),
            report_path,
            differences: 0,
            reasons: None,
            ran: BTreeSet::new(),
        })
    }

    /// Below the table of totals stands a second one, of why what failed did.
    pub fn telling_reasons(mut self) -> Self {
        self.reasons = Some(BTreeMap::new());
        self
    }

    pub fn expects(&self, id: &str, outcome: &Outcome) -> bool {
        self.expectations.of(id).differences(outcome).is_empty()
    }

    /// Totals are by directory.
    pub fn enter(&mut self, directory: &str, id: &str, outcome: &Outcome) {
        self.ran.insert(id.to_owned());
        let expected = self.expectations.of(id);
        let not_applicable = expected.not_applicable(outcome);
        self.report.add(directory, id, outcome, not_applicable);
        if let Some(reasons) = &mut self.reasons {
            for reason in expected.reasons(outcome) {
                let of = (directory.to_owned(), reason.to_owned());
                *reasons.entry(of).or_default() += 1;
            }
        }
        if self.options.verbose {
            for (name, why) in outcome.failures() {
                println!("{id}\n    {name}\n      {why}");
            }
        }
        if self.options.update {
            self.expectations.update(id, outcome);
            return;
        }
        let lines = expected.differences(outcome);
        self.differences += lines.len();
        if !lines.is_empty() && !self.options.verbose {
            println!("{id}\n    {}", lines.join("\n    "));
        }
    }

    fn reasons_table(&self) -> String {
        let Some(reasons) = self.reasons.as_ref().filter(|reasons| !reasons.is_empty()) else {
            return String::new();
        };
        let mut table = String::from("\n| suite | failed | why |\n|---|---:|---|\n");
        for ((directory, reason), count) in reasons {
            table += &format!("| {directory} | {count} | {reason} |\n");
        }
        table
    }

    /// Prints and writes the totals.
    ///
    /// # Errors
    /// A result is not as expected.
    pub fn close(mut self) -> Result<()> {
        println!("{}", self.report.table());
        self.report.write(&self.report_path)?;
        if let Some(page) = &self.options.docs {
            docs::write(
                page,
                self.suite,
                &(self.report.table() + &self.reasons_table()),
            )?;
        }
        let missing = if self.options.is_part {
            Vec::new()
        } else {
            self.expectations.missing(&self.ran)
        };
        if self.options.update {
            for id in &missing {
                self.expectations.remove(id);
            }
            return self.expectations.write();
        }
        for id in &missing {
            println!("{id}\n    expected to fail, but absent");
        }
        self.differences += missing.len();
        if self.differences > 0 {
            bail!("{} results are not as expected", self.differences);
        }
        Ok(())
    }
}
