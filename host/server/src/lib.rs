//! The server process: configuration, wiring of adapters, bindings and the gateway, installation of the management worker, records, telemetry.
//!
//! It leaves out what serves requests (`ouro-gateway`), what runs instances (`ouro-runtime`) and every technology (`adapters/*`).

pub mod admin;
mod bootstrap;
pub mod config;
mod cron;
mod data_dir;
mod descriptors;
mod environment;
mod executions;
mod identity;
mod metrics;
mod operator;
mod purge;
mod routing;
mod secrets;
mod server;
mod stacks;
pub mod telemetry;
mod usage;
mod wire;

use anyhow::Context;
use bytes::Bytes;
use tokio::signal::unix::{SignalKind, signal};

pub use config::{Config, Layers};
pub use server::Server;

/// Threads for everything but requests: records, the watcher, compiling.
const HOST_THREADS: usize = 2;

/// `ouro serve`: runs a server until SIGTERM or SIGINT, then drains it. A second signal ends the process at once.
/// `management` is the management component that was built into the binary.
pub fn serve(config: Config, management: Option<&'static [u8]>) -> anyhow::Result<()> {
    telemetry::start(&config.log)?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(HOST_THREADS)
        .enable_all()
        .build()?
        .block_on(run(config, management.map(Bytes::from_static)))
}

async fn run(config: Config, management: Option<Bytes>) -> anyhow::Result<()> {
    // Before the start, so that a signal during it is not lost.
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
    let server = tokio::select! {
        server = Server::start(config, management) => server?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    if server.is_first_start() {
        let path = server.admin_token_file().display();
        tracing::info!(%path, "the token of the management API was made; only you can read it");
    }
    if let Some(address) = server.operator_address() {
        tracing::info!(%address, "metrics are served");
    }
    tracing::info!(address = %server.address(), url = server.public_url(), "serving");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("draining");
    tokio::select! {
        () = server.shut_down() => tracing::info!("drained"),
        _ = terminate.recv() => tracing::warn!("ended without draining"),
        _ = interrupt.recv() => tracing::warn!("ended without draining"),
    }
    Ok(())
}
