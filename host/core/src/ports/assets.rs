//! Static files as HTTP answers. The gateway implements it, for requests that it serves itself and for the binding `assets`.

use async_trait::async_trait;
use bytes::Bytes;

use super::artifacts::{ArtifactError, ByteStream};
use crate::version::AssetsConfig;

/// What an answer sends.
pub enum AssetBody {
    Empty,
    /// A small file, or a part of one.
    Whole(Bytes),
    Stream(ByteStream),
}

/// Answers requests from the files of a version.
#[async_trait]
pub trait AssetServer: Send + Sync + 'static {
    /// What the gateway answers for this request, the configured not-found handling included. The URI is path and query.
    async fn respond(
        &self,
        assets: &AssetsConfig,
        request: http::Request<()>,
    ) -> Result<http::Response<AssetBody>, ArtifactError>;
}
