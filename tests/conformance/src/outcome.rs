//! What one run of one file gave.

use std::collections::BTreeMap;

/// Passed, or why not.
pub type Verdict = Result<(), String>;

/// A file of tests that ran.
pub struct Outcome {
    /// Did the file run to its end?
    pub harness: Verdict,
    /// By name; a name that comes again carries a number.
    pub subtests: BTreeMap<String, Verdict>,
}

impl Outcome {
    /// The file could not be run at all.
    pub fn broken(reason: String) -> Self {
        Self {
            harness: Err(reason),
            subtests: BTreeMap::new(),
        }
    }

    /// Adds a subtest; a name that is there already gets a number.
    pub fn add(&mut self, name: String, verdict: Verdict) {
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !self.subtests.contains_key(name));
        self.subtests.insert(free.unwrap_or(name), verdict);
    }

    /// Every failure with its text.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        let subtests = self
            .subtests
            .iter()
            .map(|(name, verdict)| (name.as_str(), verdict));
        std::iter::once(("the harness", &self.harness))
            .chain(subtests)
            .filter_map(|(name, verdict)| Some((name, verdict.as_ref().err()?.as_str())))
    }
}
