//! The artifact store on a bucket.

use std::collections::HashSet;
use std::ops::Range;

use async_trait::async_trait;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::primitives::ByteStream as S3Body;
use futures_util::{StreamExt, TryStreamExt, stream};
use ouro_core::Digest;
use ouro_core::ports::artifacts::{Artifact, ArtifactError, ArtifactStore, ByteStream, verified};

use crate::client::{Bucket, S3Config, chain, status};
use crate::upload::upload;

/// Objects that are asked for at a time.
const LOOKUPS_AT_A_TIME: usize = 32;

/// Artifacts in a bucket.
#[derive(Clone)]
pub struct S3Artifacts {
    bucket: Bucket,
}

impl S3Artifacts {
    /// Checks that the bucket is there and the key may use it.
    ///
    /// # Errors
    /// `Unavailable` with the endpoint, the bucket and the cause; never with a key.
    pub async fn connect(config: S3Config) -> Result<Self, ArtifactError> {
        let bucket = Bucket::new(config);
        let request = bucket.client.head_bucket().bucket(bucket.name());
        match request.send().await {
            Ok(_) => Ok(Self { bucket }),
            Err(error) if status(&error) == Some(404) => {
                Err(bucket.unavailable("store artifacts", "there is no such bucket"))
            }
            Err(error) => Err(bucket.failed("store artifacts", &error)),
        }
    }

    fn key(&self, digest: Digest) -> String {
        format!("{}{digest}", self.bucket.prefix())
    }

    /// The size in bytes; `None` where there is no such object.
    async fn size(&self, digest: Digest) -> Result<Option<u64>, ArtifactError> {
        let request = self.bucket.client.head_object().bucket(self.bucket.name());
        match request.key(self.key(digest)).send().await {
            Ok(head) => Ok(Some(unsigned(head.content_length))),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(self.bucket.failed("look up an artifact", &error)),
        }
    }

    async fn fetch(
        &self,
        digest: Digest,
        range: Option<String>,
    ) -> Result<GetObjectOutput, SdkError<GetObjectError>> {
        let request = self.bucket.client.get_object().bucket(self.bucket.name());
        request.key(self.key(digest)).set_range(range).send().await
    }

    fn fetch_failed(&self, digest: Digest, error: &SdkError<GetObjectError>) -> ArtifactError {
        let absent = error
            .as_service_error()
            .is_some_and(GetObjectError::is_no_such_key);
        if absent {
            ArtifactError::NotFound(digest)
        } else {
            self.bucket.failed("read an artifact", error)
        }
    }

    fn stream(&self, body: S3Body) -> ByteStream {
        let start = (body, self.bucket.clone());
        Box::pin(stream::unfold(Some(start), |state| async {
            let (mut body, bucket) = state?;
            match body.next().await? {
                Ok(chunk) => Some((Ok(chunk), Some((body, bucket)))),
                Err(error) => {
                    let error = bucket.unavailable("read an artifact", &chain(&error));
                    Some((Err(error), None))
                }
            }
        }))
    }

    async fn empty_part(&self, digest: Digest) -> Result<Artifact, ArtifactError> {
        let size = self.size(digest).await?;
        Ok(Artifact {
            size: size.ok_or(ArtifactError::NotFound(digest))?,
            body: Box::pin(stream::empty()),
        })
    }
}

#[async_trait]
impl ArtifactStore for S3Artifacts {
    async fn put(
        &self,
        digest: Digest,
        body: ByteStream,
        limit_bytes: u64,
    ) -> Result<u64, ArtifactError> {
        let key = self.key(digest);
        upload(&self.bucket, &key, digest, body, limit_bytes).await
    }

    async fn get(&self, digest: Digest) -> Result<Artifact, ArtifactError> {
        let object = self.fetch(digest, None).await;
        let object = object.map_err(|error| self.fetch_failed(digest, &error))?;
        Ok(Artifact {
            size: unsigned(object.content_length),
            body: verified(digest, self.stream(object.body)),
        })
    }

    async fn get_range(
        &self,
        digest: Digest,
        range: Range<u64>,
    ) -> Result<Artifact, ArtifactError> {
        if range.is_empty() {
            return self.empty_part(digest).await;
        }
        // RFC 9110 14.1.2: the last position is included; one behind the end means the end.
        let last = range.end - 1;
        let bytes = format!(
            "bytes={}-{}",
            range.start,
            last.min(i64::MAX.unsigned_abs())
        );
        match self.fetch(digest, Some(bytes)).await {
            Ok(object) => Ok(Artifact {
                size: whole_size(&object),
                body: self.stream(object.body),
            }),
            Err(error) if status(&error) == Some(416) => self.empty_part(digest).await,
            Err(error) => Err(self.fetch_failed(digest, &error)),
        }
    }

    async fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>, ArtifactError> {
        let mut asked = HashSet::new();
        let once = digests.iter().filter(|digest| asked.insert(**digest));
        let once: Vec<_> = once.copied().collect();
        let lookups = stream::iter(once).map(|digest| async move {
            let size = self.size(digest).await?;
            Ok(size.is_none().then_some(digest))
        });
        let found = lookups.buffered(LOOKUPS_AT_A_TIME);
        found
            .try_filter_map(|digest| async move { Ok(digest) })
            .try_collect()
            .await
    }

    async fn delete(&self, digest: Digest) -> Result<(), ArtifactError> {
        let request = self
            .bucket
            .client
            .delete_object()
            .bucket(self.bucket.name());
        match request.key(self.key(digest)).send().await {
            Err(error) if status(&error) != Some(404) => {
                Err(self.bucket.failed("delete an artifact", &error))
            }
            _ => Ok(()),
        }
    }
}

/// Of the object that the part is from: behind the slash of `bytes 0-9/200`.
fn whole_size(object: &GetObjectOutput) -> u64 {
    let whole = object.content_range.as_deref();
    let whole = whole.and_then(|range| range.rsplit_once('/')?.1.parse().ok());
    whole.unwrap_or_else(|| unsigned(object.content_length))
}

fn unsigned(length: Option<i64>) -> u64 {
    length
        .and_then(|length| u64::try_from(length).ok())
        .unwrap_or_default()
}
