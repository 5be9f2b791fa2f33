//! What this node answers itself when one of its workers asks: other workers, by binding or by host name.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use ouro_core::id::WorkerId;

use crate::error::InvocationError;
use crate::invocation::Entrypoint;
use crate::origin::Origin;
use crate::worker::LoadedWorker;

/// A body that stays in this process.
pub type LocalBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Implemented by the gateway, which knows what is live and serves assets.
pub trait Local: Send + Sync + 'static {
    /// Whether requests for this URL reach this node, so that they need no network.
    fn serves(&self, uri: &Uri) -> bool;

    /// Answers as it would a client that asks for this URL.
    fn fetch(
        &self,
        request: Request<LocalBody>,
        origin: Origin,
    ) -> LocalFuture<Response<LocalBody>>;

    /// The live version of a worker; of several, the one that these header fields are for.
    fn worker(&self, id: &WorkerId, headers: &HeaderMap) -> Option<Arc<LoadedWorker>>;

    /// Answers a request to a worker by binding: its assets, then its fetch handler.
    fn call(
        &self,
        worker: Arc<LoadedWorker>,
        entrypoint: Entrypoint,
        request: Request<LocalBody>,
        origin: Origin,
    ) -> LocalFuture<Result<Response<LocalBody>, InvocationError>>;
}
