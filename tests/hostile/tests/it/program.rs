//! The programs in `programs/`: what each of them is for, and how it has to end.
//!
//! A file begins with comment lines: what it tries, and then, as JSON, an [`Expected`].

use std::path::{Path, PathBuf};

use ouro_test_harness::{Component, Deploy, try_build_worker};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::component;

/// Enough for any honest worker of this size.
const CPU_MS: u64 = 200;
const WALL_MS: u64 = 120_000;
const MEMORY_BYTES: u64 = 32 << 20;

pub struct Program {
    /// Folder and file, such as `loops-sync`; also the worker's name.
    pub name: String,
    pub text: String,
    pub expected: Expected,
    is_component: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub status: u16,
    /// In the execution record. Where the host ended the invocation, `x-ouro-termination` says the same.
    pub outcome: String,
    /// Part of the body.
    #[serde(default)]
    pub body: Option<String>,
    /// The body breaks off: the head had left before the worker went wrong.
    #[serde(default)]
    pub cut: bool,
    /// Part of the record's error.
    #[serde(default)]
    pub error: Option<String>,
    /// Instead of those above.
    #[serde(default)]
    pub limits: Map<String, Value>,
}

impl Program {
    /// All of a folder below `programs`, by name.
    pub fn all(folder: &str) -> Vec<Self> {
        let path = root().join(folder);
        let files = std::fs::read_dir(&path).expect("a folder of programs");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        files.iter().map(|file| Self::read(folder, file)).collect()
    }

    fn read(folder: &str, file: &Path) -> Self {
        let text = std::fs::read_to_string(file).expect("a program");
        let stem = file.file_stem().and_then(|it| it.to_str()).expect("a name");
        let head = text
            .lines()
            .map(|line| line.trim_start_matches(['/', ';', ' ']));
        let json: Vec<_> = head
            .skip_while(|line| !line.starts_with('{'))
            .take(1)
            .collect();
        let expected = serde_json::from_str(&json.concat());
        Self {
            name: format!("{folder}-{stem}"),
            expected: expected.unwrap_or_else(|error| panic!("{}: {error}", file.display())),
            is_component: file.extension().is_some_and(|it| it == "wat"),
            text,
        }
    }

    pub fn build(&self) -> Component {
        if self.is_component {
            return component::of(&self.text);
        }
        let built = try_build_worker(&self.text, &[], None);
        built.unwrap_or_else(|error| panic!("`{}` does not build: {error}", self.name))
    }

    /// A version with the program's limits.
    pub fn deploy(&self, vars: &Value) -> Deploy {
        let mut limits =
            json!({ "cpu_ms": CPU_MS, "wall_ms": WALL_MS, "memory_bytes": MEMORY_BYTES });
        for (name, value) in &self.expected.limits {
            limits[name] = value.clone();
        }
        Deploy::default()
            .field("limits", limits)
            .field("vars", vars.clone())
    }

    /// What `x-ouro-termination` has to say; empty for what the worker did itself.
    pub fn termination(&self) -> &str {
        let outcome = &self.expected.outcome;
        let by_host = outcome.starts_with("exceeded-") || outcome == "trapped";
        if by_host && !self.expected.cut && self.expected.status != 200 {
            outcome
        } else {
            ""
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("programs")
}
