//! What an operator's monitoring reads: counts of this process in Prometheus' text format (docs/reference/metrics.md).
//!
//! Whatever a request counts, it counts in its own thread's place; adding up is left to the reader.

mod invocations;
mod page;
mod process;
mod recent;
mod text;
mod usage;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use ouro_core::Execution;
use ouro_gateway::{Assets, ExecutionQueue, GatewayMetrics, Routes};
use ouro_runtime::{LoadedWorker, Runtime};

pub use page::page;
pub use text::CONTENT_TYPE;

use invocations::Invocations;
use recent::Recent;
use usage::Used;

/// What is counted for each invocation when it ends.
#[derive(Default)]
pub struct Ends {
    invocations: Invocations,
    pub recent: Recent,
    pub used: Used,
}

impl Ends {
    pub fn note(&self, worker: &LoadedWorker, execution: &Execution) {
        self.invocations.note(execution);
        self.recent.note(worker, execution);
        self.used.note(worker, execution);
    }
}

/// Everything that the page tells of.
pub struct Sources {
    pub started: SystemTime,
    pub ends: Arc<Ends>,
    pub records: Arc<ExecutionQueue>,
    /// Records that the store did not take.
    pub records_lost: Arc<AtomicU64>,
    pub runtime: Runtime,
    pub gateway: Arc<GatewayMetrics>,
    pub assets: Assets,
    pub routes: Arc<Routes>,
}
