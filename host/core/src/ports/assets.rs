//! The static files of a version, answered in one way whether the gateway asks or the worker does (`env.ASSETS.fetch`).

use async_trait::async_trait;

use crate::ports::artifacts::{ArtifactError, ByteStream};
use crate::version::AssetsConfig;

/// Answers requests for assets.
#[async_trait]
pub trait AssetServer: Send + Sync + 'static {
    /// Answers `GET` and `HEAD` from the files, the not-found handling included: what no file and no rule answers
    /// is 404, another method 405. A body, where there is one, has its length in `content-length`.
    async fn fetch(
        &self,
        assets: &AssetsConfig,
        request: http::Request<()>,
    ) -> Result<http::Response<Option<ByteStream>>, ArtifactError>;
}
