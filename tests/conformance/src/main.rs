//! Runs suites that others wrote inside workers on the real host, and compares the outcome with what is expected.

mod diff;
mod docs;
mod expectations;
mod ledger;
mod outcome;
mod packages;
mod report;
mod server;
mod suites;
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
    /// The same small workers on Ouro and on workerd.
    Diff(diff::Options),
    /// Popular npm packages.
    Packages(packages::Options),
    /// The own tests of packages.
    Suites(suites::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    match Options::parse().suite {
        Suite::Wpt(options) => wpt::run(options).await,
        Suite::Diff(options) => diff::run(options).await,
        Suite::Packages(options) => packages::run(options).await,
        Suite::Suites(options) => suites::run(options).await,
    }
}
