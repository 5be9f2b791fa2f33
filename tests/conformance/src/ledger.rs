//! One run of a suite: outcomes are held against the expectations as they come, and counted.

use std::collections::BTreeSet;
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
}

impl Options {
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
    ran: BTreeSet<String>,
}

impl Ledger {
    /// `expectations` is a folder, `report_path` where the JSON goes.
    pub fn open(
        suite: &'static str,
        options: Options,
        expectations: &std::path::Path,
        report_path: PathBuf,
    ) -> Result<Self> {
        Ok(Self {
            suite,
            options,
            expectations: Expectations::read(expectations)?,
            report: Report::default(),
            report_path,
            differences: 0,
            ran: BTreeSet::new(),
        })
    }

    /// Totals are by directory.
    pub fn enter(&mut self, directory: &str, id: &str, outcome: &Outcome) {
        self.ran.insert(id.to_owned());
        let expected = self.expectations.of(id);
        let not_applicable = expected.not_applicable(outcome);
        self.report.add(directory, id, outcome, not_applicable);
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

    /// Prints and writes the totals.
    ///
    /// # Errors
    /// A result is not as expected.
    pub fn close(mut self) -> Result<()> {
        println!("{}", self.report.table());
        self.report.write(&self.report_path)?;
        if let Some(page) = &self.options.docs {
            docs::write(page, self.suite, &self.report.table())?;
        }
        let missing = if self.options.filters.is_empty() {
            self.expectations.missing(&self.ran)
        } else {
            Vec::new()
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
