//! Content-addressed bytes: components and assets.

use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;

use crate::Digest;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod memory;
mod verified;

pub use memory::MemoryArtifacts;
pub use verified::{verified, verified_then};

/// Chunks of an artifact. An error ends the stream.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, ArtifactError>> + Send>>;

/// An artifact being read.
pub struct Artifact {
    /// Of the whole artifact, in bytes.
    pub size: u64,
    pub body: ByteStream,
}

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("no artifact `{0}`")]
    NotFound(Digest),
    /// What was written or read is not what its address says.
    #[error("artifact `{expected}` has the digest `{actual}`")]
    DigestMismatch { expected: Digest, actual: Digest },
    #[error("the upload ended early: {0}")]
    Truncated(String),
    #[error("the artifact is larger than {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    /// The store is out of reach, full, or answered what it must not.
    #[error("artifact store: {0}")]
    Unavailable(String),
}

/// Where components and assets lie.
#[async_trait]
pub trait ArtifactStore: Send + Sync + 'static {
    /// Stores the stream's bytes under their digest and answers with their number. Nothing is visible under
    /// the address before all of it is there and checked. Storing again what is there succeeds.
    async fn put(
        &self,
        digest: Digest,
        body: ByteStream,
        limit_bytes: u64,
    ) -> Result<u64, ArtifactError>;

    /// Reads a whole artifact. The stream ends with `DigestMismatch` where the bytes are not those of the address.
    async fn get(&self, digest: Digest) -> Result<Artifact, ArtifactError>;

    /// Reads a part, for HTTP ranges (RFC 9110 14). A part cannot be checked by digest.
    async fn get_range(&self, digest: Digest, range: Range<u64>)
    -> Result<Artifact, ArtifactError>;

    /// Those that the store does not hold, each once, in the order given.
    async fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>, ArtifactError>;

    /// Deletes an artifact. Deleting an absent one succeeds.
    async fn delete(&self, digest: Digest) -> Result<(), ArtifactError>;

    /// Where reading needs no network, so that a node keeps no copies.
    fn local(&self) -> Option<&dyn LocalArtifacts> {
        None
    }
}

/// Artifacts on this machine.
pub trait LocalArtifacts {
    /// Reads a whole artifact, and checks it. Blocks.
    fn read(&self, digest: Digest) -> Result<Bytes, ArtifactError>;
}

/// Reads a whole artifact into memory.
pub async fn read_all(store: &dyn ArtifactStore, digest: Digest) -> Result<Bytes, ArtifactError> {
    read_within(store, digest, u64::MAX).await
}

/// The same of one that is not larger than so many bytes.
pub async fn read_within(
    store: &dyn ArtifactStore,
    digest: Digest,
    limit_bytes: u64,
) -> Result<Bytes, ArtifactError> {
    use futures_util::StreamExt;
    let mut artifact = store.get(digest).await?;
    if artifact.size > limit_bytes {
        return Err(ArtifactError::TooLarge { limit_bytes });
    }
    let mut all = Vec::with_capacity(usize::try_from(artifact.size).unwrap_or_default());
    while let Some(chunk) = artifact.body.next().await {
        all.extend_from_slice(&chunk?);
    }
    Ok(all.into())
}
