//! Storing one artifact.

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use ouro_core::Digest;
use ouro_core::ports::artifacts::{ArtifactError, ByteStream};
use sha2::{Digest as _, Sha256};

use crate::client::{Bucket, body};

/// The memory that one upload takes, and the size of its parts. S3 takes 10,000 parts of at least 5 MiB.
const PART_BYTES: usize = 8 << 20;

/// The body, cut into parts and hashed as it comes.
struct Parts {
    body: ByteStream,
    hasher: Sha256,
    size: u64,
    limit_bytes: u64,
    buffer: BytesMut,
}

impl Parts {
    /// The next part. All but the last have the full size; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, ArtifactError> {
        while self.buffer.len() < PART_BYTES {
            let Some(chunk) = self.body.next().await.transpose()? else {
                let last = self.buffer.split().freeze();
                return Ok((!last.is_empty()).then_some(last));
            };
            self.size += chunk.len() as u64;
            if self.size > self.limit_bytes {
                return Err(ArtifactError::TooLarge {
                    limit_bytes: self.limit_bytes,
                });
            }
            self.hasher.update(&chunk);
            self.buffer.extend_from_slice(&chunk);
        }
        Ok(Some(self.buffer.split_to(PART_BYTES).freeze()))
    }

    fn check(&self, expected: Digest) -> Result<(), ArtifactError> {
        let actual = Digest::finish(self.hasher.clone());
        if actual == expected {
            return Ok(());
        }
        Err(ArtifactError::DigestMismatch { expected, actual })
    }
}

/// Stores the body under the key, if it has the digest, and answers with its size.
pub async fn upload(
    bucket: &Bucket,
    key: &str,
    digest: Digest,
    body: ByteStream,
    limit_bytes: u64,
) -> Result<u64, ArtifactError> {
    let mut parts = Parts {
        body,
        hasher: Sha256::new(),
        size: 0,
        limit_bytes,
        buffer: BytesMut::new(),
    };
    let first = parts.next().await?.unwrap_or_default();
    if first.len() < PART_BYTES {
        parts.check(digest)?;
        put(bucket, key, first).await?;
        return Ok(parts.size);
    }
    let mut multipart = Multipart::begin(bucket, key).await?;
    match multipart.send_all(first, &mut parts, digest).await {
        Ok(()) => multipart.complete().await?,
        Err(error) => {
            multipart.abort().await;
            return Err(error);
        }
    }
    Ok(parts.size)
}

async fn put(bucket: &Bucket, key: &str, bytes: Bytes) -> Result<(), ArtifactError> {
    let request = bucket.client.put_object().bucket(bucket.name()).key(key);
    request
        .body(body(bytes))
        .send()
        .await
        .map(|_| ())
        .map_err(|error| bucket.failed("store an artifact", &error))
}

/// A multipart upload. Dropped before its end, it is aborted in the background.
struct Multipart {
    bucket: Bucket,
    key: String,
    id: String,
    parts: Vec<CompletedPart>,
    ended: bool,
}

impl Multipart {
    async fn begin(bucket: &Bucket, key: &str) -> Result<Self, ArtifactError> {
        let request = bucket.client.create_multipart_upload();
        let begun = request.bucket(bucket.name()).key(key).send().await;
        let begun = begun.map_err(|error| bucket.failed("begin an upload", &error))?;
        let Some(id) = begun.upload_id else {
            return Err(bucket.unavailable("begin an upload", "the answer has no upload id"));
        };
        Ok(Self {
            bucket: bucket.clone(),
            key: key.to_owned(),
            id,
            parts: Vec::new(),
            ended: false,
        })
    }

    async fn send_all(
        &mut self,
        first: Bytes,
        parts: &mut Parts,
        digest: Digest,
    ) -> Result<(), ArtifactError> {
        let mut next = Some(first);
        while let Some(part) = next {
            self.send(part).await?;
            next = parts.next().await?;
        }
        parts.check(digest)
    }

    async fn send(&mut self, part: Bytes) -> Result<(), ArtifactError> {
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let request = self.bucket.client.upload_part();
        let sent = request
            .bucket(self.bucket.name())
            .key(&self.key)
            .upload_id(&self.id)
            .part_number(number)
            .body(body(part))
            .send()
            .await
            .map_err(|error| self.bucket.failed("store a part", &error))?;
        let part = CompletedPart::builder().part_number(number);
        self.parts.push(part.set_e_tag(sent.e_tag).build());
        Ok(())
    }

    /// Makes the object visible.
    async fn complete(mut self) -> Result<(), ArtifactError> {
        let parts = std::mem::take(&mut self.parts);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
        let request = self.bucket.client.complete_multipart_upload();
        let completed = request
            .bucket(self.bucket.name())
            .key(&self.key)
            .upload_id(&self.id)
            .multipart_upload(parts.build())
            .send()
            .await;
        match completed {
            Ok(_) => {
                self.ended = true;
                Ok(())
            }
            Err(error) => {
                let error = self.bucket.failed("complete an upload", &error);
                self.abort().await;
                Err(error)
            }
        }
    }

    async fn abort(mut self) {
        self.ended = true;
        abort(&self.bucket, &self.key, &self.id).await;
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (bucket, key, id) = (self.bucket.clone(), self.key.clone(), self.id.clone());
        // Nobody waits for it: where it is lost, the bucket's rule for incomplete uploads removes the parts.
        runtime.spawn(async move { abort(&bucket, &key, &id).await });
    }
}

async fn abort(bucket: &Bucket, key: &str, id: &str) {
    let request = bucket.client.abort_multipart_upload();
    let aborted = request
        .bucket(bucket.name())
        .key(key)
        .upload_id(id)
        .send()
        .await;
    if let Err(error) = aborted {
        let error = bucket.failed("abort an upload", &error);
        tracing::warn!(%error, key, "an incomplete upload stays behind");
    }
}
