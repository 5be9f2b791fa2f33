//! Web Platform Tests: each `.any.js` runs in a fresh instance of one worker, which evaluates `testharness.js` and the test.

mod answer;
mod suite;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::stream::{self, StreamExt};
use ouro_test_harness::{Deploy, TestServer, TestServerOptions};
use serde_json::json;

use crate::ledger::{self, Ledger};
use crate::outcome::Outcome;
use crate::server::Server;
use suite::Test;

const WORKER: &str = include_str!("worker.js");
/// Longer than any test's own timeout.
const WALL_MS: u64 = 90_000;
/// Tests that wait for timers fail on a busy machine, so what came otherwise than expected gets it to itself, where that is little.
const AGAIN_MAX: usize = 10;

#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    run: ledger::Options,
    /// The checkout of Web Platform Tests.
    #[arg(long, env = "WPT_DIR", default_value = "../shared/wpt")]
    wpt_dir: PathBuf,
    /// What is expected to fail, one file per directory.
    #[arg(long, default_value = "tests/conformance/expectations")]
    expectations: PathBuf,
    /// Where the JSON report goes.
    #[arg(long, default_value = "out/report/wpt.json")]
    report: PathBuf,
}

/// Runs the tests and fails where one came otherwise than expected.
pub async fn run(options: Options) -> Result<()> {
    if !options.wpt_dir.exists() {
        println!(
            "skipped: no Web Platform Tests at `{}` (set WPT_DIR)",
            options.wpt_dir.display()
        );
        return Ok(());
    }
    let root = fs::canonicalize(&options.wpt_dir)?;
    let mut tests = suite::find(&root)?;
    tests.retain(|test| options.run.want(&test.id));
    if tests.is_empty() {
        bail!("no test's path contains {:?}", options.run.filters);
    }
    let runner = Arc::new(Runner::start(root).await?);
    let jobs = options.run.jobs;
    let mut ledger = Ledger::open("wpt", options.run, &options.expectations, options.report)?;
    let mut outcomes = stream::iter(tests)
        .map(|test| {
            let runner = runner.clone();
            async move { (runner.run(&test).await, test) }
        })
        .buffered(jobs);
    let mut unexpected = Vec::new();
    while let Some((outcome, test)) = outcomes.next().await {
        if ledger.expects(&test.id, &outcome) {
            ledger.enter(test.directory(), &test.id, &outcome);
        } else {
            unexpected.push((outcome, test));
        }
    }
    let run_again = unexpected.len() <= AGAIN_MAX;
    for (mut outcome, test) in unexpected {
        if run_again {
            println!("once more, by itself: {}", test.id);
            outcome = runner.run(&test).await;
        }
        ledger.enter(test.directory(), &test.id, &outcome);
    }
    ledger.close()
}

/// A host with the worker deployed, and the server that the tests fetch from.
struct Runner {
    host: TestServer,
    server: Server,
    harness: String,
}

impl Runner {
    async fn start(root: PathBuf) -> Result<Self> {
        let harness = fs::read_to_string(root.join("resources/testharness.js"))
            .context("`resources/testharness.js`")?;
        let server = Server::start(root).await?;
        let authority = tempfile::NamedTempFile::new()?;
        fs::write(&authority, &server.authority)?;
        let options = TestServerOptions::with_built_management()
            .set("outbound.extra_ca_file", authority.path().display())
            .set("limits.cpu_ms_max", WALL_MS)
            .set("limits.wall_ms_max", WALL_MS);
        let host = TestServer::with(options).await;
        let limits = json!({ "cpu_ms": WALL_MS, "wall_ms": WALL_MS, "memory_bytes": 1 << 30 });
        let deploy = Deploy::default().field("limits", limits);
        host.deploy_with("wpt", WORKER, deploy).await;
        Ok(Self {
            host,
            server,
            harness,
        })
    }

    async fn run(&self, test: &Test) -> Outcome {
        let script = match test.text(|text| self.server.site.fill(text)) {
            Ok(script) => script,
            Err(error) => return Outcome::broken(format!("{error:#}")),
        };
        let request = json!({
            "url": self.server.url(&format!("/{}", test.id)),
            "harness": self.harness,
            "script": script,
            "timeoutMs": test.timeout.as_millis() as u64,
            "asWorker": test.uses_idlharness(),
        });
        let answer = self.host.post("wpt", "/", request.to_string());
        match tokio::time::timeout(Duration::from_millis(WALL_MS), answer).await {
            Ok(answer) if answer.status == 200 => {
                answer::parse(&self.server.site.without_ports(answer.text()))
            }
            Ok(answer) => Outcome::broken(format!("{}: {}", answer.status, answer.text())),
            Err(_) => Outcome::broken(format!("no answer within {WALL_MS} ms")),
        }
    }
}
