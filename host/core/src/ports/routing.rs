//! What the management worker may ask of the gateway: to check a version, and to serve what the metadata now says.

use async_trait::async_trait;

use crate::id::{VersionId, WorkerId};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    #[error("{0}")]
    NotFound(String),
    /// The version cannot be loaded, or did not pass its health check.
    #[error("{0}")]
    Unhealthy(String),
    #[error("{0}")]
    Unavailable(String),
}

#[async_trait]
pub trait RoutingControl: Send + Sync + 'static {
    /// Loads a stored version and, where a path is given, expects status 200 from `GET` on it in a fresh instance.
    async fn check(
        &self,
        version: &VersionId,
        health_path: Option<&str>,
    ) -> Result<(), RoutingError>;

    /// Reads the worker's live version anew; all workers where none is named.
    async fn reload(&self, worker: Option<&WorkerId>) -> Result<(), RoutingError>;
}
