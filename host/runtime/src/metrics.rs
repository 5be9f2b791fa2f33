//! What the runtime counts of itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use ouro_core::metrics::{Counts, Distribution, Histogram, Sharded};

use crate::error::InvocationError;

/// From 1 ms, which a snapshot takes, to what a large component takes; in microseconds.
const COMPILE_BOUNDS_US: [u64; 12] = [
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    50_000,
    100_000,
    500_000,
    1_000_000,
    5_000_000,
    30_000_000,
    120_000_000,
];

/// Why no instance was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// All instances are in use.
    Instances,
    /// So many hold a WebSocket already.
    Sockets,
    /// The worker runs as often as it may.
    Worker,
    /// The request's header section is too large.
    Headers,
    /// The version cannot be loaded.
    Load,
    /// A component was asked for what is not HTTP.
    NotHttp,
}

impl Refusal {
    pub const ALL: [Self; 6] = [
        Self::Instances,
        Self::Sockets,
        Self::Worker,
        Self::Headers,
        Self::Load,
        Self::NotHttp,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Sockets => "sockets",
            Self::Worker => "worker",
            Self::Headers => "headers",
            Self::Load => "load",
            Self::NotHttp => "not-http",
        }
    }

    /// None where there is an outcome, hence a record.
    pub(crate) fn of(error: &InvocationError) -> Option<Self> {
        match error {
            InvocationError::Overloaded { .. } => Some(Self::Instances),
            InvocationError::Sockets { .. } => Some(Self::Sockets),
            InvocationError::Crowded { .. } => Some(Self::Worker),
            InvocationError::Exceeded { exceeded, .. } => {
                exceeded.outcome().is_none().then_some(Self::Headers)
            }
            InvocationError::Load(_) => Some(Self::Load),
            InvocationError::NotHttp => Some(Self::NotHttp),
            InvocationError::Exception(_)
            | InvocationError::NoResponse
            | InvocationError::InvalidResponse(_)
            | InvocationError::ExceededCpu { .. }
            | InvocationError::ExceededWall { .. }
            | InvocationError::ExceededMemory { .. }
            | InvocationError::Trapped(_) => None,
        }
    }
}

pub struct RuntimeMetrics {
    refused: Sharded<Counts<{ Refusal::ALL.len() }>>,
    cache_hits: AtomicU64,
    compile_us: Histogram<{ COMPILE_BOUNDS_US.len() }>,
}

impl Default for RuntimeMetrics {
    fn default() -> Self {
        Self {
            refused: Sharded::default(),
            cache_hits: AtomicU64::new(0),
            compile_us: Histogram::new(&COMPILE_BOUNDS_US),
        }
    }
}

impl RuntimeMetrics {
    pub(crate) fn refused(&self, error: &InvocationError) {
        if let Some(refusal) = Refusal::of(error) {
            self.refused.own().add(refusal as usize);
        }
    }

    pub(crate) fn load_failed(&self) {
        self.refused.own().add(Refusal::Load as usize);
    }

    pub(crate) fn cache_hit(&self) {
        self.cache_hits.fetch_add(1, Relaxed);
    }

    pub(crate) fn compiled(&self, began: Instant) {
        let us = began.elapsed().as_micros();
        self.compile_us
            .observe(u64::try_from(us).unwrap_or(u64::MAX));
    }

    /// Invocations that no instance was started for.
    pub fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> {
        Refusal::ALL.into_iter().zip(self.refused.sum())
    }

    /// Native code that was found and taken.
    pub fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Relaxed)
    }

    /// How long native code took to be made, each time that the cache did not have it; in microseconds.
    pub fn compile_us(&self) -> Distribution {
        Distribution::of([&self.compile_us])
    }
}
