//! Artifacts in memory, for development and tests. They are gone with the process.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};

use super::{Artifact, ArtifactError, ArtifactStore, ByteStream, verified};
use crate::Digest;

/// Artifacts in memory.
#[derive(Default)]
pub struct MemoryArtifacts {
    stored: Mutex<HashMap<Digest, Bytes>>,
}

impl MemoryArtifacts {
    fn stored(&self) -> MutexGuard<'_, HashMap<Digest, Bytes>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, digest: Digest) -> Result<Bytes, ArtifactError> {
        let found = self.stored().get(&digest).cloned();
        found.ok_or(ArtifactError::NotFound(digest))
    }

    /// Puts bytes under an address that need not be theirs, as a damaged disk would.
    pub fn put_unchecked(&self, digest: Digest, bytes: Bytes) {
        self.stored().insert(digest, bytes);
    }
}

#[async_trait]
impl ArtifactStore for MemoryArtifacts {
    async fn put(
        &self,
        digest: Digest,
        mut body: ByteStream,
        limit_bytes: u64,
    ) -> Result<u64, ArtifactError> {
        let mut all = BytesMut::new();
        while let Some(chunk) = body.next().await {
            all.extend_from_slice(&chunk?);
            if all.len() as u64 > limit_bytes {
                return Err(ArtifactError::TooLarge { limit_bytes });
            }
        }
        let actual = Digest::of(&all);
        if actual != digest {
            return Err(ArtifactError::DigestMismatch {
                expected: digest,
                actual,
            });
        }
        let size = all.len() as u64;
        self.stored().insert(digest, all.freeze());
        Ok(size)
    }

    async fn get(&self, digest: Digest) -> Result<Artifact, ArtifactError> {
        let bytes = self.find(digest)?;
        let size = bytes.len() as u64;
        let body = verified(digest, Box::pin(stream::iter([Ok(bytes)])));
        Ok(Artifact { size, body })
    }

    async fn get_range(
        &self,
        digest: Digest,
        range: Range<u64>,
    ) -> Result<Artifact, ArtifactError> {
        let bytes = self.find(digest)?;
        let end = usize::try_from(range.end).map_or(bytes.len(), |end| end.min(bytes.len()));
        let start = usize::try_from(range.start).map_or(end, |start| start.min(end));
        let part = bytes.slice(start..end);
        Ok(Artifact {
            size: bytes.len() as u64,
            body: Box::pin(stream::iter([Ok(part)])),
        })
    }

    async fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>, ArtifactError> {
        let stored = self.stored();
        let mut asked = HashSet::new();
        let absent = |digest: &&Digest| !stored.contains_key(digest);
        Ok(digests
            .iter()
            .filter(|digest| asked.insert(**digest))
            .filter(absent)
            .copied()
            .collect())
    }

    async fn delete(&self, digest: Digest) -> Result<(), ArtifactError> {
        self.stored().remove(&digest);
        Ok(())
    }
}

#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_passes_the_conformance_suite() {
        super::super::conformance::run(&MemoryArtifacts::default()).await;
    }

    #[tokio::test]
    async fn a_damaged_artifact_is_not_taken_for_whole() {
        let store = MemoryArtifacts::default();
        let digest = Digest::of(b"right");
        store.put_unchecked(digest, Bytes::from_static(b"wrong"));
        let read = super::super::read_all(&store, digest).await;
        assert!(matches!(read, Err(ArtifactError::DigestMismatch { .. })));
    }
}
