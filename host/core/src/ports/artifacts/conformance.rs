//! What every artifact store must do. A store's tests call [`run`] with an empty store, or one that others use too:
//! each check has bytes of its own.

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{ArtifactError, ArtifactStore, ByteStream, read_all};
use crate::Digest;

/// More than any check stores.
const LIMIT_BYTES: u64 = 64 << 20;

/// Chunks as a client sends them.
const CHUNK_BYTES: usize = 48 << 10;

/// Runs every check.
///
/// # Panics
/// Where one fails; the message names it.
pub async fn run(store: &dyn ArtifactStore) {
    what_was_put_is_read_back(store).await;
    an_empty_artifact_is_stored(store).await;
    a_large_artifact_is_streamed_through(store).await;
    an_absent_artifact_is_not_found(store).await;
    a_wrong_digest_stores_nothing(store).await;
    a_large_wrong_digest_stores_nothing(store).await;
    a_stream_that_breaks_stores_nothing(store).await;
    an_artifact_over_the_limit_stores_nothing(store).await;
    an_artifact_at_the_limit_is_stored(store).await;
    storing_twice_succeeds(store).await;
    concurrent_puts_of_one_digest_succeed(store).await;
    a_put_that_is_dropped_stores_nothing(store).await;
    a_range_is_cut_out(store).await;
    missing_names_each_absent_one_once_in_order(store).await;
    deleting_twice_succeeds(store).await;
}

/// Bytes that differ per name and have no period shorter than themselves.
pub fn sample(name: &str, len: usize) -> Bytes {
    let mut state = name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend_from_slice(&next());
    }
    bytes.truncate(len);
    bytes.into()
}

/// A body in chunks.
pub fn body(bytes: &Bytes) -> ByteStream {
    let bytes = bytes.clone();
    let starts = (0..bytes.len()).step_by(CHUNK_BYTES);
    let chunks: Vec<_> = starts
        .map(|start| Ok(bytes.slice(start..bytes.len().min(start + CHUNK_BYTES))))
        .collect();
    Box::pin(stream::iter(chunks))
}

/// A body that breaks after its bytes, as when a client goes away.
pub fn broken_body(bytes: &Bytes) -> ByteStream {
    let failure = Err(ArtifactError::Truncated("the client went away".to_owned()));
    Box::pin(body(bytes).chain(stream::iter([failure])))
}

async fn put(store: &dyn ArtifactStore, bytes: &Bytes) -> Digest {
    let digest = Digest::of(bytes);
    let size = store.put(digest, body(bytes), LIMIT_BYTES).await;
    assert_eq!(size.expect("put"), bytes.len() as u64);
    digest
}

async fn assert_absent(store: &dyn ArtifactStore, digest: Digest) {
    let missing = store.missing(&[digest]).await.expect("missing");
    assert_eq!(missing, [digest], "nothing is stored");
    let read = store.get(digest).await.map(|artifact| artifact.size);
    assert!(matches!(read, Err(ArtifactError::NotFound(_))), "{read:?}");
}

pub async fn what_was_put_is_read_back(store: &dyn ArtifactStore) {
    let bytes = sample("read back", 100_000);
    let digest = put(store, &bytes).await;
    let artifact = store.get(digest).await.expect("get");
    assert_eq!(artifact.size, bytes.len() as u64);
    assert_eq!(read_all(store, digest).await.expect("read"), bytes);
}

pub async fn an_empty_artifact_is_stored(store: &dyn ArtifactStore) {
    let digest = put(store, &Bytes::new()).await;
    assert_eq!(read_all(store, digest).await.expect("read"), Bytes::new());
}

pub async fn a_large_artifact_is_streamed_through(store: &dyn ArtifactStore) {
    let bytes = sample("large", 21 << 20);
    let digest = put(store, &bytes).await;
    assert_eq!(read_all(store, digest).await.expect("read"), bytes);
}

pub async fn an_absent_artifact_is_not_found(store: &dyn ArtifactStore) {
    let digest = Digest::of(b"never stored");
    assert_absent(store, digest).await;
    let part = store.get_range(digest, 0..1).await.map(|part| part.size);
    assert!(matches!(part, Err(ArtifactError::NotFound(_))), "{part:?}");
}

async fn assert_wrong_digest_is_refused(store: &dyn ArtifactStore, bytes: Bytes) {
    let claimed = Digest::of(&[&bytes[..], b"!"].concat());
    match store.put(claimed, body(&bytes), LIMIT_BYTES).await {
        Err(ArtifactError::DigestMismatch { expected, actual }) => {
            assert_eq!((expected, actual), (claimed, Digest::of(&bytes)));
        }
        other => panic!("a wrong digest was answered with {other:?}"),
    }
    assert_absent(store, claimed).await;
    assert_absent(store, Digest::of(&bytes)).await;
}

pub async fn a_wrong_digest_stores_nothing(store: &dyn ArtifactStore) {
    assert_wrong_digest_is_refused(store, sample("wrong digest", 90_000)).await;
}

pub async fn a_large_wrong_digest_stores_nothing(store: &dyn ArtifactStore) {
    assert_wrong_digest_is_refused(store, sample("large wrong digest", 18 << 20)).await;
}

pub async fn a_stream_that_breaks_stores_nothing(store: &dyn ArtifactStore) {
    for len in [0, 70_000, 18 << 20] {
        let bytes = sample("broken", len);
        let digest = Digest::of(&[&bytes[..], b"the rest"].concat());
        let size = store.put(digest, broken_body(&bytes), LIMIT_BYTES).await;
        assert!(matches!(size, Err(ArtifactError::Truncated(_))), "{size:?}");
        assert_absent(store, digest).await;
    }
}

pub async fn an_artifact_over_the_limit_stores_nothing(store: &dyn ArtifactStore) {
    for len in [50_000, 18 << 20] {
        let bytes = sample("over the limit", len);
        let limit = len as u64 - 1;
        let digest = Digest::of(&bytes);
        let size = store.put(digest, body(&bytes), limit).await;
        assert!(
            matches!(size, Err(ArtifactError::TooLarge { limit_bytes }) if limit_bytes == limit),
            "{size:?}"
        );
        assert_absent(store, digest).await;
    }
}

pub async fn an_artifact_at_the_limit_is_stored(store: &dyn ArtifactStore) {
    let bytes = sample("at the limit", 50_000);
    let digest = Digest::of(&bytes);
    let size = store.put(digest, body(&bytes), 50_000).await.expect("put");
    assert_eq!(size, 50_000);
}

pub async fn storing_twice_succeeds(store: &dyn ArtifactStore) {
    let bytes = sample("twice", 1_000);
    put(store, &bytes).await;
    let digest = put(store, &bytes).await;
    assert_eq!(read_all(store, digest).await.expect("read"), bytes);
}

pub async fn concurrent_puts_of_one_digest_succeed(store: &dyn ArtifactStore) {
    let bytes = sample("concurrent", 300_000);
    let puts = (0..8).map(|_| put(store, &bytes));
    let digests = futures_util::future::join_all(puts).await;
    assert_eq!(read_all(store, digests[0]).await.expect("read"), bytes);
}

pub async fn a_put_that_is_dropped_stores_nothing(store: &dyn ArtifactStore) {
    let bytes = sample("dropped", 200_000);
    let digest = Digest::of(&[&bytes[..], b"the rest"].concat());
    // The chunks arrive, then nothing: the caller gives up once all of them were taken.
    let (taken, all_taken) = tokio::sync::oneshot::channel();
    let stalled = stream::once(async move {
        let _ = taken.send(());
        std::future::pending().await
    });
    let put = store.put(digest, Box::pin(body(&bytes).chain(stalled)), LIMIT_BYTES);
    tokio::select! {
        size = put => panic!("a stalled body was answered with {size:?}"),
        _ = all_taken => {}
    }
    assert_absent(store, digest).await;
}

async fn read_range(
    store: &dyn ArtifactStore,
    digest: Digest,
    range: std::ops::Range<u64>,
) -> Vec<u8> {
    let mut part = store.get_range(digest, range).await.expect("get_range");
    assert_eq!(part.size, 200_000, "the size is that of the whole");
    let mut read = Vec::new();
    while let Some(chunk) = part.body.next().await {
        read.extend_from_slice(&chunk.expect("chunk"));
    }
    read
}

pub async fn a_range_is_cut_out(store: &dyn ArtifactStore) {
    let bytes = sample("range", 200_000);
    let digest = put(store, &bytes).await;
    for range in [
        0..1,
        0..200_000,
        199_999..200_000,
        70_000..140_001,
        150_000..900_000,
        0..u64::MAX,
    ] {
        let end = bytes
            .len()
            .min(usize::try_from(range.end).unwrap_or(usize::MAX));
        let start = usize::try_from(range.start).expect("small");
        let read = read_range(store, digest, range.clone()).await;
        assert!(read == bytes[start..end], "range {range:?}");
    }
    for range in [200_000..200_001, 5..5, 300_000..u64::MAX] {
        let read = read_range(store, digest, range.clone()).await;
        assert!(read.is_empty(), "range {range:?}");
    }
}

pub async fn missing_names_each_absent_one_once_in_order(store: &dyn ArtifactStore) {
    let there = put(store, &sample("there", 10)).await;
    let absent: Vec<_> = (0..50_u8).map(|n| Digest::of(&[b'm', n])).collect();
    let mut asked = absent.clone();
    asked.insert(3, there);
    asked.extend_from_slice(&absent);
    assert_eq!(store.missing(&asked).await.expect("missing"), absent);
    assert_eq!(store.missing(&[]).await.expect("missing"), []);
}

pub async fn deleting_twice_succeeds(store: &dyn ArtifactStore) {
    let digest = put(store, &sample("deleted", 10)).await;
    store.delete(digest).await.expect("delete");
    assert_absent(store, digest).await;
    store.delete(digest).await.expect("delete again");
}
