//! Every figure of speed and size of this project, beside the peers it is compared to, in one run.
//!
//! Servers run on one core and the load on another, in interleaved rounds, so that what a noisy machine does to one it does
//! to all: trust the ratios. Output: a table, and JSON under `out/report/bench.json`.

mod api;
mod client;
mod load;
mod measure;
mod peers;
mod process;
mod report;
mod scenarios;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

/// Measures Ouro beside raw hyper, workerd and miniflare.
#[derive(Parser)]
pub struct Options {
    /// The `ouro` binary under test; by default the one beside this program.
    #[arg(long)]
    ouro: Option<PathBuf>,
    /// Another `ouro` binary, such as that of an earlier commit, which the load scenarios run beside the first.
    #[arg(long)]
    against: Option<PathBuf>,
    /// Interleaved rounds of each scenario under load.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that one round of one server lasts.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Workers of the scenarios about many.
    #[arg(long, default_value_t = 1000)]
    workers: usize,
    /// Runs only the scenarios whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Where the JSON report goes.
    #[arg(long, default_value = "out/report/bench.json")]
    report: PathBuf,
    /// Internal: serve as the raw hyper peer on this address.
    #[arg(long, hide = true)]
    serve_hyper: Option<std::net::SocketAddr>,
}

impl Options {
    fn wants(&self, scenario: &str) -> bool {
        self.only
            .as_deref()
            .is_none_or(|only| scenario.contains(only))
    }

    fn round(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(address) = options.serve_hyper {
        return peers::hyper::serve(address);
    }
    let mut report = report::Report::new();
    scenarios::run(&options, &mut report)?;
    report.print();
    report.write(&options.report)
}
