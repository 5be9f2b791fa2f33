//! Several files of tests in one worker, since building one takes longer than running its tests. Each file has an invocation, and so a
//! fresh instance, of its own.

use std::fs;
use std::path::PathBuf;

use ouro_test_harness::{Answer, Component, Deploy, TestServer, try_build_entry_with_flags};
use serde::Deserialize;
use serde_json::json;

use super::files::Files;
use crate::diff::COMPATIBILITY_DATE;
use crate::outcome::Outcome;

pub const WALL_MS: u64 = 300_000;
/// Files in one worker at most.
const FILES_MAX: usize = 24;

/// Files of one suite that become one worker.
#[derive(Clone)]
pub struct Group {
    /// The suite's, with its version.
    pub directory: String,
    suite: &'static str,
    root: PathBuf,
    entry: &'static str,
    paths: Vec<String>,
    fresh: &'static [&'static str],
    /// Where the stand-in for other people's servers is.
    upstream: String,
}

/// A file's id, such as `hono/src/hono.test.ts`, and what came of it.
pub type Entered = (String, Outcome);

#[derive(Deserialize)]
struct Finding {
    name: String,
    status: String,
    message: Option<String>,
}

impl Group {
    /// The files of a suite that are wanted, in groups.
    pub fn of(files: &Files, upstream: &str, want: impl Fn(&str) -> bool) -> Vec<Self> {
        let id = |path: &String| format!("{}/{path}", files.name);
        let wanted = files.paths.iter().filter(|path| want(&id(path)));
        let wanted: Vec<_> = wanted.cloned().collect();
        let group = |paths: &[String]| Self {
            directory: format!("{} {}", files.name, files.version),
            suite: files.name,
            root: files.root.clone(),
            entry: files.entry,
            paths: paths.to_vec(),
            fresh: files.fresh,
            upstream: upstream.to_owned(),
        };
        wanted.chunks(FILES_MAX).map(group).collect()
    }

    /// Builds and runs the files. A file that does not build is found by halves.
    pub async fn run(self, server: &TestServer) -> Vec<Entered> {
        let mut outcomes = Vec::new();
        let mut groups = vec![self];
        while let Some(group) = groups.pop() {
            let building = group.clone();
            // Building takes the processor for a while.
            let built = tokio::task::spawn_blocking(move || building.build()).await;
            match built.unwrap_or_else(|error| Err(format!("the build panicked: {error}"))) {
                Ok(component) => outcomes.extend(group.invoke(server, &component).await),
                Err(error) => match group.halves() {
                    Some((first, second)) => groups.extend([second, first]),
                    None => outcomes.extend(group.all(&format!("does not build: {error}"))),
                },
            }
        }
        outcomes
    }

    fn halves(&self) -> Option<(Self, Self)> {
        let with = |paths: &[String]| Self {
            paths: paths.to_vec(),
            ..self.clone()
        };
        let (first, second) = self.paths.split_at(self.paths.len() / 2);
        (!first.is_empty()).then(|| (with(first), with(second)))
    }

    fn build(&self) -> Result<Component, String> {
        // In the suite's root, since imports are looked for from there.
        let first = self.paths[0].replace('/', "-");
        let entry = self
            .root
            .join(format!(".{}-from-{first}.ts", self.paths.len()));
        let list = self.paths.iter();
        let list: String = list
            .map(|path| format!("() => import(\"./{path}\"),\n"))
            .collect();
        fs::write(&entry, self.entry.replace("TESTS", &list)).map_err(|error| error.to_string())?;
        let flags = ["nodejs_compat".into()];
        let built = try_build_entry_with_flags(entry.clone(), &flags, Some(COMPATIBILITY_DATE));
        let _ = fs::remove_file(&entry);
        built
    }

    async fn invoke(&self, server: &TestServer, component: &Component) -> Vec<Entered> {
        let limits = json!({ "cpu_ms": WALL_MS, "wall_ms": WALL_MS, "memory_bytes": 512 << 20 });
        let deploy = Deploy::default()
            .field("limits", limits)
            .field("vars", json!({ "UPSTREAM": self.upstream }))
            .field("compatibility_date", json!(COMPATIBILITY_DATE))
            .field("compatibility_flags", json!(["nodejs_compat"]));
        let digest = component.digest.to_string();
        let name = format!("{}-{}", self.suite, &digest[digest.len() - 16..]);
        let deployed = server.api.deploy(&name, component, deploy).await;
        if deployed.status != 201 {
            return self.all(deployed.text());
        }
        let mut outcomes = Vec::new();
        for (number, path) in self.paths.iter().enumerate() {
            let of_file = format!("/{number}");
            let findings = if self.fresh.contains(&path.as_str()) {
                one_by_one(server, &name, &of_file).await
            } else {
                findings(&server.get(&name, &of_file).await)
            };
            let outcome = findings.map_or_else(Outcome::broken, outcome);
            outcomes.push((format!("{}/{path}", self.suite), outcome));
        }
        outcomes
    }

    fn all(&self, reason: &str) -> Vec<Entered> {
        let entered = |path: &String| {
            let outcome = Outcome::broken(reason.to_owned());
            (format!("{}/{path}", self.suite), outcome)
        };
        self.paths.iter().map(entered).collect()
    }
}

/// The findings of a file's tests, each of them run by an instance of its own.
async fn one_by_one(
    server: &TestServer,
    name: &str,
    of_file: &str,
) -> Result<Vec<Finding>, String> {
    let mut all = Vec::new();
    for number in 0.. {
        let path = format!("{of_file}?test={number}");
        let found = findings(&server.get(name, &path).await)?;
        if found.is_empty() {
            break;
        }
        all.extend(found);
    }
    Ok(all)
}

fn findings(answer: &Answer) -> Result<Vec<Finding>, String> {
    if answer.status != 200 {
        return Err(format!("{}: {}", answer.status, answer.text()));
    }
    serde_json::from_slice(&answer.body).map_err(|error| format!("no answer of the tests: {error}"))
}

fn outcome(findings: Vec<Finding>) -> Outcome {
    if findings.is_empty() {
        return Outcome::broken("there is no test in it".into());
    }
    let mut outcome = Outcome {
        harness: Ok(()),
        subtests: Default::default(),
    };
    for finding in findings {
        match finding.status.as_str() {
            "passed" => outcome.add(finding.name, Ok(())),
            "failed" => outcome.add(finding.name, Err(finding.message.unwrap_or_default())),
            // Skipped.
            _ => {}
        }
    }
    outcome
}
