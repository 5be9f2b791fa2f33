//! What one run of one file gave.

use std::collections::BTreeMap;

use serde::Deserialize;

/// As the worker answers.
#[derive(Deserialize)]
struct Answer {
    status: u32,
    message: Option<String>,
    tests: Vec<Subtest>,
}

#[derive(Deserialize)]
struct Subtest {
    name: String,
    status: u32,
    message: Option<String>,
}

/// Passed, or why not.
pub type Verdict = Result<(), String>;

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

    pub fn parse(body: &[u8]) -> Self {
        let answer: Answer = match serde_json::from_slice(body) {
            Ok(answer) => answer,
            Err(error) => return Self::broken(format!("no answer of the harness: {error}")),
        };
        let harness = verdict(
            answer.status,
            ["", "ERROR", "TIMEOUT", "PRECONDITION_FAILED"],
            answer.message,
        );
        let mut subtests = BTreeMap::new();
        for test in answer.tests {
            let names = ["", "FAIL", "TIMEOUT", "NOTRUN", "PRECONDITION_FAILED"];
            let verdict = verdict(test.status, names, test.message);
            subtests.insert(free_name(&subtests, test.name), verdict);
        }
        Self { harness, subtests }
    }
}

fn verdict<const N: usize>(status: u32, names: [&str; N], message: Option<String>) -> Verdict {
    // A precondition that does not hold (an optional feature) is no failure.
    match names.get(status as usize).copied() {
        Some("" | "PRECONDITION_FAILED") => Ok(()),
        name => Err(format!(
            "{}: {}",
            name.unwrap_or("UNKNOWN"),
            message.unwrap_or_default()
        )),
    }
}

fn free_name(taken: &BTreeMap<String, Verdict>, name: String) -> String {
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.clone())
        .chain(numbered)
        .find(|name| !taken.contains_key(name))
        .unwrap_or(name)
}
