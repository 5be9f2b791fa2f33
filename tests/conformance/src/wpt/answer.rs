//! The answer of the worker: what testharness.js found.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::outcome::{Outcome, Verdict};

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

pub fn parse(body: &str) -> Outcome {
    let answer: Answer = match serde_json::from_str(body) {
        Ok(answer) => answer,
        Err(error) => return Outcome::broken(format!("no answer of the harness: {error}")),
    };
    let statuses = ["", "ERROR", "TIMEOUT", "PRECONDITION_FAILED"];
    let mut outcome = Outcome {
        harness: verdict(answer.status, statuses, answer.message),
        subtests: BTreeMap::new(),
    };
    for test in answer.tests {
        let statuses = ["", "FAIL", "TIMEOUT", "NOTRUN", "PRECONDITION_FAILED"];
        outcome.add(test.name, verdict(test.status, statuses, test.message));
    }
    outcome
}

fn verdict<const N: usize>(status: u32, names: [&str; N], message: Option<String>) -> Verdict {
    // A precondition that does not hold (an optional feature) is no failure.
    match names.get(status as usize).copied() {
        Some("" | "PRECONDITION_FAILED") => Ok(()),
        name => {
            let name = name.unwrap_or("UNKNOWN");
            Err(format!("{name}: {}", message.unwrap_or_default()))
        }
    }
}
