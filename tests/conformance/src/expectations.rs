//! Which subtests fail, and why: one JSON file per directory of a suite, `{ test: { "harness": reason, "fails": [{ reason, subtests }] } }`.
//! `"not_applicable": true` marks a group that asks for an origin or a page, which a server does not have. Such subtests run, and count as
//! failed, like all others; the report also says how many they are.
//! Whatever is not named is expected to pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// Stands where nobody has said yet why a subtest fails.
pub const UNEXPLAINED: &str = "unexplained";

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Why the file does not run to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harness: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fails: Vec<Group>,
}

/// Subtests that fail for one reason.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub reason: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_applicable: bool,
    pub subtests: BTreeSet<String>,
}

impl Expected {
    fn group_of(&self, subtest: &str) -> Option<&Group> {
        let mut groups = self.fails.iter();
        groups.find(|group| group.subtests.contains(subtest))
    }

    fn reason_of(&self, subtest: &str) -> Option<&str> {
        self.group_of(subtest).map(|group| group.reason.as_str())
    }

    /// Why each failure is expected; failures without a reason are left out.
    pub fn reasons<'a>(&'a self, outcome: &'a Outcome) -> impl Iterator<Item = &'a str> {
        let harness = outcome.harness.is_err();
        let harness = self.harness.as_deref().filter(|_| harness);
        let failed = outcome.subtests.iter().filter(|(_, it)| it.is_err());
        harness
            .into_iter()
            .chain(failed.filter_map(|(name, _)| self.reason_of(name)))
    }

    /// How many subtests failed that ask for what a server does not have.
    pub fn not_applicable(&self, outcome: &Outcome) -> usize {
        let failed = outcome.subtests.iter().filter(|(_, it)| it.is_err());
        failed
            .filter(|(name, _)| {
                self.group_of(name)
                    .is_some_and(|group| group.not_applicable)
            })
            .count()
    }

    /// What came otherwise than expected, one line each.
    pub fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let mut lines = Vec::new();
        match (&self.harness, &outcome.harness) {
            (None, Err(why)) => lines.push(format!("the harness failed: {why}")),
            (Some(_), Ok(())) => lines.push("the harness passed unexpectedly".into()),
            _ => {}
        }
        for (name, verdict) in &outcome.subtests {
            match (self.reason_of(name), verdict) {
                (None, Err(why)) => lines.push(format!("failed: {name}\n      {why}")),
                (Some(_), Ok(())) => lines.push(format!("passed unexpectedly: {name}")),
                (Some(UNEXPLAINED), Err(_)) => {
                    lines.push(format!("fails without a reason: {name}"))
                }
                _ => {}
            }
        }
        // Where the harness fails, subtests may be missing.
        let named = self.fails.iter().flat_map(|group| &group.subtests);
        let absent =
            named.filter(|name| outcome.harness.is_ok() && !outcome.subtests.contains_key(*name));
        lines.extend(absent.map(|name| format!("expected to fail, but absent: {name}")));
        lines
    }

    /// The expectation that the outcome meets, with the reasons known so far.
    pub fn updated(&self, outcome: &Outcome) -> Self {
        let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (name, verdict) in &outcome.subtests {
            if verdict.is_err() {
                // A file has one reason for all more often than not.
                let shared = (self.fails.len() == 1).then(|| self.fails[0].reason.as_str());
                let reason = self.reason_of(name).or(shared).unwrap_or(UNEXPLAINED);
                groups.entry(reason).or_default().insert(name.clone());
            }
        }
        let reason = |_: &String| self.harness.clone().unwrap_or_else(|| UNEXPLAINED.into());
        Self {
            harness: outcome.harness.as_ref().err().map(reason),
            fails: groups
                .into_iter()
                .map(|(reason, subtests)| Group {
                    reason: reason.into(),
                    not_applicable: self
                        .fails
                        .iter()
                        .any(|group| group.reason == reason && group.not_applicable),
                    subtests,
                })
                .collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.harness.is_none() && self.fails.is_empty()
    }
}

/// The expectations of all directories.
pub struct Expectations {
    folder: PathBuf,
    tests: BTreeMap<String, Expected>,
}

impl Expectations {
    pub fn read(folder: &Path) -> Result<Self> {
        let mut tests = BTreeMap::new();
        for path in files(folder)? {
            let text = fs::read_to_string(&path)?;
            let of_directory: BTreeMap<String, Expected> =
                serde_json::from_str(&text).with_context(|| format!("`{}`", path.display()))?;
            tests.extend(of_directory);
        }
        Ok(Self {
            folder: folder.to_owned(),
            tests,
        })
    }

    pub fn of(&self, id: &str) -> Expected {
        self.tests.get(id).cloned().unwrap_or_default()
    }

    /// Tests that are expected to fail and are no more: others of their directory ran.
    pub fn missing(&self, ran: &BTreeSet<String>) -> Vec<String> {
        let directories: BTreeSet<&str> = ran.iter().map(|id| directory(id)).collect();
        let ids = self.tests.keys();
        ids.filter(|id| directories.contains(directory(id)) && !ran.contains(*id))
            .cloned()
            .collect()
    }

    pub fn remove(&mut self, id: &str) {
        self.tests.remove(id);
    }

    pub fn update(&mut self, id: &str, outcome: &Outcome) {
        let expected = self.of(id).updated(outcome);
        if expected.is_empty() {
            self.tests.remove(id);
        } else {
            self.tests.insert(id.to_owned(), expected);
        }
    }

    /// Writes all directories; the file of one in which nothing fails any more goes.
    pub fn write(&self) -> Result<()> {
        let mut directories: BTreeMap<&str, BTreeMap<&str, &Expected>> = BTreeMap::new();
        for (id, expected) in &self.tests {
            directories
                .entry(directory(id))
                .or_default()
                .insert(id, expected);
        }
        for path in files(&self.folder)? {
            let directory = path.file_stem().unwrap_or_default().to_string_lossy();
            if !directories.contains_key(&*directory) {
                fs::remove_file(&path).with_context(|| format!("`{}`", path.display()))?;
            }
        }
        for (directory, tests) in directories {
            let path = self.folder.join(format!("{directory}.json"));
            fs::write(&path, serde_json::to_string_pretty(&tests)? + "\n")
                .with_context(|| format!("`{}`", path.display()))?;
        }
        Ok(())
    }
}

fn directory(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

/// The JSON files of the folder, one for each directory of the suite.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(passes: bool) -> Outcome {
        let mut outcome = Outcome {
            harness: Ok(()),
            subtests: BTreeMap::new(),
        };
        let verdict = passes.then_some(()).ok_or_else(|| "why".to_owned());
        outcome.add("subtest".into(), verdict);
        outcome
    }

    #[test]
    fn the_file_of_a_directory_without_failures_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut expectations = Expectations::read(folder.path()).expect("an empty folder");
        expectations.update("url/a.any.js", &outcome(false));
        expectations.write().expect("writes");
        assert!(folder.path().join("url.json").exists());
        let mut expectations = Expectations::read(folder.path()).expect("what was written");
        expectations.update("url/a.any.js", &outcome(true));
        expectations.write().expect("writes");
        assert!(!folder.path().join("url.json").exists());
    }
}
