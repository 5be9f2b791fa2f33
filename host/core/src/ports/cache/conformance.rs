//! What every backend of the port must do.

use bytes::Bytes;

use super::{CacheKey, CacheStore, CachedResponse};
use crate::id::WorkerId;

const NOW_MS: u64 = 1_000_000;

fn key(worker: &WorkerId, cache: &str, url: &str) -> CacheKey {
    CacheKey {
        worker: worker.clone(),
        cache: cache.to_owned(),
        url: url.to_owned(),
    }
}

fn response(body: &'static str) -> CachedResponse {
    CachedResponse {
        status: 203,
        headers: b"content-type:text/plain\nx-a:1\n".to_vec(),
        body: Bytes::from_static(body.as_bytes()),
        stored_at_ms: NOW_MS,
        expires_at_ms: NOW_MS + 10,
    }
}

/// Runs the whole suite. Workers have random ids, so that a store may be used for several runs.
pub async fn all(store: &dyn CacheStore) {
    stored_responses_come_back_whole(store).await;
    a_later_response_takes_the_place_of_an_earlier(store).await;
    workers_and_caches_are_apart(store).await;
    what_has_expired_is_gone(store).await;
    what_was_deleted_is_gone(store).await;
}

async fn stored_responses_come_back_whole(store: &dyn CacheStore) {
    let key = key(&WorkerId::random(), "", "https://a.example/b?c");
    assert_eq!(store.get(&key, NOW_MS).await, None);
    store
        .put(key.clone(), response("body"))
        .await
        .expect("stores");
    assert_eq!(store.get(&key, NOW_MS).await, Some(response("body")));
}

async fn a_later_response_takes_the_place_of_an_earlier(store: &dyn CacheStore) {
    let key = key(&WorkerId::random(), "", "https://a.example/");
    store
        .put(key.clone(), response("one"))
        .await
        .expect("stores");
    store
        .put(key.clone(), response("two"))
        .await
        .expect("stores");
    assert_eq!(store.get(&key, NOW_MS).await, Some(response("two")));
}

async fn workers_and_caches_are_apart(store: &dyn CacheStore) {
    let (here, there) = (WorkerId::random(), WorkerId::random());
    let url = "https://a.example/";
    store
        .put(key(&here, "", url), response("body"))
        .await
        .expect("stores");
    for other in [key(&there, "", url), key(&here, "named", url)] {
        assert_eq!(store.get(&other, NOW_MS).await, None, "{other:?}");
        assert!(!store.delete(&other, NOW_MS).await, "{other:?}");
    }
}

async fn what_has_expired_is_gone(store: &dyn CacheStore) {
    let key = key(&WorkerId::random(), "", "https://a.example/");
    store
        .put(key.clone(), response("body"))
        .await
        .expect("stores");
    assert!(store.get(&key, NOW_MS + 9).await.is_some());
    assert_eq!(store.get(&key, NOW_MS + 10).await, None);
    assert!(!store.delete(&key, NOW_MS + 10).await);
}

async fn what_was_deleted_is_gone(store: &dyn CacheStore) {
    let key = key(&WorkerId::random(), "", "https://a.example/");
    store
        .put(key.clone(), response("body"))
        .await
        .expect("stores");
    assert!(store.delete(&key, NOW_MS).await);
    assert!(!store.delete(&key, NOW_MS).await);
    assert_eq!(store.get(&key, NOW_MS).await, None);
}
