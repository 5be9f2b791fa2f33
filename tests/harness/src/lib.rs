//! Runs the real host for tests: a server in this process ([`TestServer`]) or the `ouro` binary ([`OuroProcess`]), on a free port and a
//! temporary data directory, with workers deployed through the real management API.
//!
//! Everything here panics with a clear text where it fails: a test that cannot be set up has failed.

mod api;
mod client;
mod dns;
mod engines;
mod event;
mod metrics;
mod process;
mod server;
mod source;
mod upstream;

pub use api::{Api, Deploy};
pub use client::{Answer, Client};
pub use dns::DnsServer;
pub use event::eventually;
pub use metrics::Metrics;
pub use ouro_build::WarmUp;
pub use process::OuroProcess;
pub use server::{TestServer, TestServerOptions};
pub use source::{
    Component, build_compatible_worker, build_warm_worker, build_worker,
    build_worker_with_packages, management_component, repository, rust_component,
    try_build_entry_with_flags, try_build_worker,
};
pub use upstream::Upstream;
