//! What the management worker may ask of the writer of execution records.

use async_trait::async_trait;

#[async_trait]
pub trait ExecutionRecords: Send + Sync + 'static {
    /// Returns when the records of all invocations that have ended are in the store, or after a second.
    async fn flush(&self);
}
