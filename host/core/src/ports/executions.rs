//! What the management worker may ask about invocations: of the writer of their records, and of the host that counts how they end.

use async_trait::async_trait;

use crate::health::Health;
use crate::id::WorkerId;

#[async_trait]
pub trait ExecutionRecords: Send + Sync + 'static {
    /// Returns when the records of all invocations that have ended are in the store, or after a second.
    async fn flush(&self);

    /// How a worker fares on this node, by all of its invocations, whether their records were kept or not.
    fn health(&self, worker: &WorkerId) -> Health;
}
