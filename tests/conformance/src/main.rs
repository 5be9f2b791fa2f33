//! Runs suites that others wrote inside workers on the real host, and compares the outcome with what is expected.

mod server;
mod wpt;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Conformance suites of Ouro.
#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// Web Platform Tests: every `.any.js` below a folder.
    Wpt(wpt::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Options::parse().suite {
        Suite::Wpt(options) => wpt::run(options).await,
    }
}
