//! The own tests of packages, in workers, where `tests/packages/vitest` stands in for vitest.
//!
//! zod's tests come with its npm package. Those of the others are in their repositories only: check them out side by side in one folder
//! and name it in SUITES_DIR; a suite that is not there is skipped, with the command that gets it.

mod files;
mod group;

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};
use futures_util::stream::{self, StreamExt};
use ouro_test_harness::{TestServer, TestServerOptions};

use crate::ledger::{self, Ledger};
use crate::packages::upstream;
use group::{Group, WALL_MS};

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

/// Runs the suites and fails where a test came otherwise than expected.
pub async fn run(mut options: Options) -> Result<()> {
    // What is left of a failed run is the system's to clean.
    let work = std::env::temp_dir().join(format!("ouro-suites-{}", std::process::id()));
    let (suites, is_all) = files::find(&options, &work)?;
    if !is_all {
        options.run.is_only_a_part();
    }
    let upstream = upstream::start().await?;
    let groups = suites
        .iter()
        .flat_map(|suite| Group::of(suite, &upstream, |id| options.run.want(id)));
    let groups: Vec<_> = groups.collect();
    if groups.is_empty() {
        bail!("no test's path contains {:?}", options.run.filters);
    }
    let config = TestServerOptions::with_built_management()
        .set("limits.cpu_ms_max", WALL_MS)
        .set("limits.wall_ms_max", WALL_MS);
    let server = &TestServer::with(config).await;
    let jobs = options.run.jobs;
    let mut ledger = Ledger::open("suites", options.run, &options.expectations, options.report)?
        .telling_reasons();
    let mut outcomes = stream::iter(groups)
        .map(|group| async move { (group.directory.clone(), group.run(server).await) })
        .buffered(jobs);
    while let Some((directory, entered)) = outcomes.next().await {
        for (id, outcome) in entered {
            ledger.enter(&directory, &id, &outcome);
        }
    }
    let _ = fs::remove_dir_all(&work);
    ledger.close()
}
