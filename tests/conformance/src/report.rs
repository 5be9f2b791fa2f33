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
}

impl Totals {
    /// A file that does not run to its end counts as one failed subtest more.
    fn add(&mut self, outcome: &Outcome) {
        self.files += 1;
        self.subtests += outcome.subtests.len() + usize::from(outcome.harness.is_err());
        self.passed += outcome
            .subtests
            .values()
            .filter(|verdict| verdict.is_ok())
            .count();
    }

    fn percent(&self) -> f64 {
        100.0 * self.passed as f64 / self.subtests.max(1) as f64
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
    pub fn add(&mut self, directory: &str, id: &str, outcome: &Outcome) {
        self.directories
            .entry(directory.into())
            .or_default()
            .add(outcome);
        self.all.add(outcome);
        let failures: BTreeMap<String, String> = outcome
            .failures()
            .map(|(name, why)| (name.to_owned(), why.to_owned()))
            .collect();
        if !failures.is_empty() {
            self.failures.insert(id.to_owned(), failures);
        }
    }

    pub fn table(&self) -> String {
        let mut table = String::from(
            "| directory | files | subtests | passed | % |\n|---|---:|---:|---:|---:|\n",
        );
        let all = std::iter::once(("**all**", &self.all));
        let directories = self
            .directories
            .iter()
            .map(|(name, totals)| (name.as_str(), totals));
        for (name, totals) in directories.chain(all) {
            table += &format!(
                "| {name} | {} | {} | {} | {:.1} |\n",
                totals.files,
                totals.subtests,
                totals.passed,
                totals.percent()
            );
        }
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
