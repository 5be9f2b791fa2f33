//! What the gateway serves, as the management worker changes it.

use async_trait::async_trait;

use crate::id::VersionId;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RoutingError {
    /// Names the version or worker that is not there.
    #[error("{0}")]
    NotFound(String),
    /// Says why the version cannot be loaded, or how it answered its health check.
    #[error("{0}")]
    Unhealthy(String),
    #[error("{0}")]
    Unavailable(String),
}

#[async_trait]
pub trait Routing: Send + Sync + 'static {
    /// Loads a stored version and, where a path is given, expects status 200 from `GET` on it in a fresh instance.
    async fn check(
        &self,
        version: &VersionId,
        health_path: Option<&str>,
    ) -> Result<(), RoutingError>;

    /// Reads the live version of one worker, by id or name, or of all of them. When it answers, new requests get that version.
    async fn reload(&self, worker: Option<&str>) -> Result<(), RoutingError>;
}
