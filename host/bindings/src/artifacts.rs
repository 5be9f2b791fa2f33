//! Privileged: the artifact store.

use ouro_core::Digest;
use ouro_core::digest::InvalidDigest;
use ouro_core::ports::artifacts::{ArtifactError, ByteStream};
use ouro_runtime::HostState;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::DynInputStream;

use crate::generated::ouro::host::artifacts::{Error, Host};
use crate::{grants, stream};

/// Largest component or asset.
const ARTIFACT_BYTES_MAX: u64 = 1 << 30;

impl Host for HostState {
    async fn missing(
        &mut self,
        digests: Vec<String>,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let store = grants::shared(self)?.ports.artifacts.clone();
        let digests: Result<Vec<Digest>, _> = digests.iter().map(|digest| digest.parse()).collect();
        let digests = match digests {
            Ok(digests) => digests,
            Err(error) => return Ok(Err(invalid(&error))),
        };
        Ok(match store.missing(&digests).await {
            Ok(missing) => Ok(missing.iter().map(Digest::to_string).collect()),
            Err(error) => Err(error.into()),
        })
    }

    async fn put(
        &mut self,
        digest: String,
        body: Resource<DynInputStream>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let body = stream::from_guest(self.table.delete(body)?);
        put(self, &digest, body).await
    }

    async fn put_bytes(
        &mut self,
        digest: String,
        body: Vec<u8>,
    ) -> wasmtime::Result<Result<u64, Error>> {
        let body = futures_util::stream::iter([Ok(body.into())]);
        put(self, &digest, Box::pin(body)).await
    }
}

async fn put(
    state: &mut HostState,
    digest: &str,
    body: ByteStream,
) -> wasmtime::Result<Result<u64, Error>> {
    let store = grants::shared(state)?.ports.artifacts.clone();
    let digest: Digest = match digest.parse() {
        Ok(digest) => digest,
        Err(error) => return Ok(Err(invalid(&error))),
    };
    let stored = store.put(digest, body, ARTIFACT_BYTES_MAX).await;
    Ok(stored.map_err(Error::from))
}

fn invalid(error: &InvalidDigest) -> Error {
    Error::InvalidDigest(error.to_string())
}

impl From<ArtifactError> for Error {
    fn from(error: ArtifactError) -> Self {
        match error {
            ArtifactError::DigestMismatch { actual, .. } => {
                Self::DigestMismatch(actual.to_string())
            }
            ArtifactError::Truncated(reason) => Self::Truncated(reason),
            ArtifactError::TooLarge { limit_bytes } => Self::TooLarge(limit_bytes),
            error @ (ArtifactError::NotFound(_) | ArtifactError::Unavailable(_)) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}
