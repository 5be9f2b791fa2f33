//! The own tests of packages: each file of tests becomes a worker, where `tests/packages/vitest` stands in for vitest.
//!
//! zod's tests come with its npm package. Those of the others are in their repositories only: check them out side by side in one folder
//! and name it in SUITES_DIR; a suite that is not there is skipped, with a notice.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ouro_test_harness::{
    Component, Deploy, TestServer, TestServerOptions, try_build_entry_with_flags,
};
use serde::Deserialize;
use serde_json::json;

use crate::diff::COMPATIBILITY_DATE;
use crate::ledger::{self, Ledger};
use crate::outcome::Outcome;

const WALL_MS: u64 = 120_000;

/// The suites that are in repositories: folder, where its tests are, and how their files end.
const REPOSITORIES: [(&str, &str, &str); 2] = [
    ("hono", "src", ".test.ts"),
    ("itty-router", "src", ".spec.ts"),
];
/// The same for those in npm packages.
const PACKAGES: [(&str, &str, &str); 2] =
    [("zod", "src/v4", ".test.ts"), ("zod", "src/v3", ".test.ts")];

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    run: ledger::Options,
    /// Checkouts of hono, jose and itty-router, side by side.
    #[arg(long, env = "SUITES_DIR", default_value = "../suites")]
    suites_dir: PathBuf,
    /// The folder with `node_modules` and the stand-in for vitest.
    #[arg(long, default_value = "tests/packages")]
    packages: PathBuf,
    /// What is expected to fail, one file per suite.
    #[arg(long, default_value = "tests/packages/expectations")]
    expectations: PathBuf,
    /// Where the JSON report goes.
    #[arg(long, default_value = "out/report/suites.json")]
    report: PathBuf,
}

/// One file of tests.
struct File {
    /// Such as `hono/src/hono.test.ts`.
    id: String,
    path: PathBuf,
    entry: &'static str,
}

#[derive(Deserialize)]
struct Finding {
    name: String,
    status: String,
    message: Option<String>,
}

/// Runs the suites and fails where a test came otherwise than expected.
pub async fn run(options: Options) -> Result<()> {
    let work = std::env::temp_dir().join(format!("ouro-suites-{}", std::process::id()));
    let mut files = Vec::new();
    for (suite, tests, end) in PACKAGES {
        let root = options.packages.join("node_modules").join(suite);
        find(&mut files, suite, &fs::canonicalize(root)?, tests, end)?;
    }
    for (suite, tests, end) in REPOSITORIES {
        if let Some(copy) = copy(&options, suite, &work)? {
            find(&mut files, suite, &copy, tests, end)?;
        }
    }
    if let Some(copy) = copy(&options, "jose", &work)? {
        let path = copy.join("tap/run.ts");
        files.push(File {
            id: "jose/tap/run.ts".into(),
            path,
            entry: include_str!("qunit.js"),
        });
    }
    files.retain(|file| options.run.want(&file.id));
    let config = TestServerOptions::with_built_management()
        .set("limits.cpu_ms_max", WALL_MS)
        .set("limits.wall_ms_max", WALL_MS);
    let server = TestServer::with(config).await;
    let mut ledger = Ledger::open("suites", options.run, &options.expectations, options.report)?;
    for (number, file) in files.iter().enumerate() {
        let outcome = match build(file) {
            Ok(component) => try_file(&server, &format!("suite-{number}"), component).await,
            Err(error) => Outcome::broken(format!("does not build: {error}")),
        };
        ledger.enter(&file.id, &outcome);
    }
    // What is left of a failed run is the system's to clean.
    let _ = fs::remove_dir_all(&work);
    ledger.close()
}

/// Tests import packages; a copy has those of ours beside it.
fn copy(options: &Options, suite: &str, work: &Path) -> Result<Option<PathBuf>> {
    let from = options.suites_dir.join(suite);
    if !from.exists() {
        println!(
            "skipped: no checkout of {suite} at `{}` (set SUITES_DIR)",
            from.display()
        );
        return Ok(None);
    }
    let to = work.join(suite);
    fs::create_dir_all(&to)?;
    copy_folder(&from, &to)?;
    let packages = fs::canonicalize(options.packages.join("node_modules"))?;
    std::os::unix::fs::symlink(packages, to.join("node_modules"))?;
    Ok(Some(to))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("`{}`", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if name == ".git" || name == "node_modules" {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else if entry.file_type()?.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn find(files: &mut Vec<File>, suite: &str, root: &Path, tests: &str, end: &str) -> Result<()> {
    let mut paths = Vec::new();
    walk(&root.join(tests), end, &mut paths)?;
    paths.sort();
    for path in paths {
        let id = format!("{suite}/{}", path.strip_prefix(root)?.display());
        files.push(File {
            id,
            path,
            entry: include_str!("vitest.js"),
        });
    }
    Ok(())
}

/// Files that end so, or so with an x for JSX.
fn walk(folder: &Path, end: &str, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, end, paths)?;
        } else if path.to_string_lossy().trim_end_matches('x').ends_with(end) {
            paths.push(path);
        }
    }
    Ok(())
}

fn build(file: &File) -> Result<Component, String> {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    // Beside the test, since imports are looked for from there.
    let entry = file.path.with_file_name(format!(".entry-{name}"));
    fs::write(&entry, file.entry.replace("TESTS", &name)).map_err(|error| error.to_string())?;
    let built = try_build_entry_with_flags(
        entry.clone(),
        &["nodejs_compat".into()],
        Some(COMPATIBILITY_DATE),
    );
    let _ = fs::remove_file(&entry);
    built
}

async fn try_file(server: &TestServer, name: &str, component: Component) -> Outcome {
    let limits = json!({ "cpu_ms": WALL_MS, "wall_ms": WALL_MS, "memory_bytes": 512 << 20 });
    let deploy = Deploy::default()
        .field("limits", limits)
        .field("compatibility_date", json!(COMPATIBILITY_DATE))
        .field("compatibility_flags", json!(["nodejs_compat"]));
    let deployed = server.api.deploy(name, &component, deploy).await;
    if deployed.status != 201 {
        return Outcome::broken(deployed.text().to_owned());
    }
    let answer = server.get(name, "/").await;
    if answer.status != 200 {
        return Outcome::broken(format!("{}: {}", answer.status, answer.text()));
    }
    let mut outcome = Outcome {
        harness: Ok(()),
        subtests: Default::default(),
    };
    match serde_json::from_slice::<Vec<Finding>>(&answer.body) {
        Ok(findings) if findings.is_empty() => {
            outcome.harness = Err("there is no test in it".into())
        }
        Ok(findings) => {
            for finding in findings
                .into_iter()
                .filter(|finding| finding.status != "skipped")
            {
                let failed = finding.status == "failed";
                let message = finding.message.unwrap_or_default();
                outcome.add(finding.name, if failed { Err(message) } else { Ok(()) });
            }
        }
        Err(error) => outcome.harness = Err(format!("no answer of the tests: {error}")),
    }
    outcome
}
