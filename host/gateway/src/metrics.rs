//! What the gateway counts of itself.

use http::StatusCode;
use ouro_core::metrics::{Counts, Sharded};
use tokio_util::task::TaskTracker;

/// The hundreds of a status, from 1 to 5 (RFC 9110 15); what lies above counts as 5.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

pub struct GatewayMetrics {
    connections: TaskTracker,
    answers: Sharded<Counts<{ CLASSES.len() }>>,
}

impl GatewayMetrics {
    pub(crate) fn new(connections: TaskTracker) -> Self {
        Self {
            connections,
            answers: Sharded::default(),
        }
    }

    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len());
        self.answers.own().add(class - 1);
    }

    /// Connections of clients that are open, those that have left HTTP for a WebSocket not among them.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Answers to clients by the class of their status, such as `2xx`.
    pub fn answers(&self) -> impl Iterator<Item = (&'static str, u64)> {
        CLASSES.into_iter().zip(self.answers.sum())
    }
}
