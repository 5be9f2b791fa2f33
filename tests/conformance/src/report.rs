//! Totals per directory, as a table and as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::outcome::Outcome;

#[derive(Clone, Default, Serialize)]
pub struct Totals {
    pub files: usize,
    pub subtests: usize,
    pub passed: usize,
    /// Failed because they ask for an origin or a page.
    pub not_applicable: usize,
}

impl Totals {
    /// A file that does not run to its end counts as one failed subtest more.
    fn add(&mut self, outcome: &Outcome, not_applicable: usize) {
        self.files += 1;
        self.subtests += outcome.subtests.len() + usize::from(outcome.harness.is_err());
        self.passed += outcome
            .subtests
            .values()
            .filter(|verdict| verdict.is_ok())
            .count();
        self.not_applicable += not_applicable;
    }

    fn percent(&self) -> f64 {
        100.0 * self.passed as f64 / self.subtests.max(1) as f64
    }

    fn percent_of_applicable(&self) -> f64 {
        100.0 * self.passed as f64 / (self.subtests - self.not_applicable).max(1) as f64
    }

    fn row(&self, name: &str, tells_applicable: bool) -> String {
        let mut row = format!(
            "| {name} | {} | {} | {} | {:.1} |",
            self.files,
            self.subtests,
            self.passed,
            self.percent()
        );
        if tells_applicable {
            row += &format!(
                " {} | {:.1} |",
                self.not_applicable,
                self.percent_of_applicable()
            );
        }
        row + "\n"
    }
}

#[derive(Default, Serialize)]
pub struct Report {
    pub directories: BTreeMap<String, Totals>,
    pub all: Totals,
    /// Each test with its failures and their messages.
    pub failures: BTreeMap<String, BTreeMap<String, String>>,
}

impl Report {
    pub fn add(&mut self, directory: &str, id: &str, outcome: &Outcome, not_applicable: usize) {
        self.directories
            .entry(directory.into())
            .or_default()
            .add(outcome, not_applicable);
        self.all.add(outcome, not_applicable);
        let failures: BTreeMap<String, String> = outcome
            .failures()
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect();
        if !failures.is_empty() {
            self.failures.insert(id.to_owned(), failures);
        }
    }

    pub fn table(&self) -> String {
        let tells_applicable = self.all.not_applicable > 0;
        let mut table = String::from(if tells_applicable {
            "| directory | files | subtests | passed | % | not applicable | % of applicable |\n|---|---:|---:|---:|---:|---:|---:|\n"
        } else {
            "| directory | files | subtests | passed | % |\n|---|---:|---:|---:|---:|\n"
        });
        for (name, totals) in &self.directories {
            table += &totals.row(name, tells_applicable);
        }
        table += &self.all.row("**all**", tells_applicable);
        table
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }
}
