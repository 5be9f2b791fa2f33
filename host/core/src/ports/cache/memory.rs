//! The cache of one node, in its memory: bounded in bytes, over all workers and for each of them. What was used longest ago goes first.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{CacheError, CacheKey, CacheStore, CachedResponse};
use crate::id::WorkerId;

/// Bookkeeping of an entry beside its bytes.
const ENTRY_OVERHEAD_BYTES: u64 = 512;
/// One worker gets at most this part of the whole, and one response this part of that.
const PARTS: u64 = 4;

/// See the module. Clones of a response share their body.
pub struct MemoryCache {
    bytes_max: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<CacheKey, Entry>,
    /// Keys by the moment of their last use, the oldest first.
    by_use: BTreeMap<u64, CacheKey>,
    uses: u64,
    bytes: u64,
    workers: HashMap<WorkerId, Part>,
}

/// What one worker has of the whole.
#[derive(Default)]
struct Part {
    bytes: u64,
    uses: BTreeSet<u64>,
}

struct Entry {
    response: CachedResponse,
    used: u64,
    bytes: u64,
}

impl MemoryCache {
    pub fn new(bytes_max: u64) -> Self {
        Self {
            bytes_max,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn worker_bytes_max(&self) -> u64 {
        self.bytes_max / PARTS
    }
}

impl State {
    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    fn remove(&mut self, key: &CacheKey) -> Option<Entry> {
        let entry = self.entries.remove(key)?;
        self.by_use.remove(&entry.used);
        self.bytes -= entry.bytes;
        if let Some(part) = self.workers.get_mut(&key.worker) {
            part.bytes -= entry.bytes;
            part.uses.remove(&entry.used);
            if part.uses.is_empty() {
                self.workers.remove(&key.worker);
            }
        }
        Some(entry)
    }

    fn insert(&mut self, key: CacheKey, response: CachedResponse, bytes: u64) {
        let used = self.next_use();
        self.by_use.insert(used, key.clone());
        self.bytes += bytes;
        let part = self.workers.entry(key.worker.clone()).or_default();
        part.bytes += bytes;
        part.uses.insert(used);
        let entry = Entry {
            response,
            used,
            bytes,
        };
        self.entries.insert(key, entry);
    }

    /// The one whose last use is longest ago; of this worker, where one is named.
    fn oldest(&self, worker: Option<&WorkerId>) -> Option<CacheKey> {
        match worker {
            Some(worker) => {
                let used = self.workers.get(worker)?.uses.first()?;
                self.by_use.get(used).cloned()
            }
            None => self.by_use.values().next().cloned(),
        }
    }

    /// Drops entries until `over` says that there is room.
    fn evict(&mut self, worker: Option<&WorkerId>, over: impl Fn(&Self) -> bool) {
        while over(self) {
            let Some(key) = self.oldest(worker) else {
                return;
            };
            self.remove(&key);
        }
    }
}

fn size(key: &CacheKey, response: &CachedResponse) -> u64 {
    let texts = 2 * (key.url.len() + key.cache.len()) + response.headers.len();
    ENTRY_OVERHEAD_BYTES + texts as u64 + response.body.len() as u64
}

#[async_trait]
impl CacheStore for MemoryCache {
    async fn get(&self, key: &CacheKey, now_ms: u64) -> Option<CachedResponse> {
        let mut state = self.state();
        let entry = state.remove(key)?;
        if entry.response.expires_at_ms <= now_ms {
            return None;
        }
        state.insert(key.clone(), entry.response.clone(), entry.bytes);
        Some(entry.response)
    }

    async fn put(&self, key: CacheKey, response: CachedResponse) -> Result<(), CacheError> {
        let limit = self.body_bytes_max();
        let bytes = response.body.len() as u64;
        if bytes > limit {
            return Err(CacheError::TooLarge { bytes, limit });
        }
        let bytes = size(&key, &response);
        let mut state = self.state();
        state.remove(&key);
        let worker = key.worker.clone();
        let worker_max = self.worker_bytes_max();
        state.evict(Some(&worker), |state| {
            let part = state.workers.get(&worker);
            part.map_or(0, |part| part.bytes) + bytes > worker_max
        });
        state.evict(None, |state| state.bytes + bytes > self.bytes_max);
        // Many short names alone can fill a small cache: then nothing is kept.
        if bytes <= worker_max {
            state.insert(key, response, bytes);
        }
        Ok(())
    }

    async fn delete(&self, key: &CacheKey, now_ms: u64) -> bool {
        self.state()
            .remove(key)
            .is_some_and(|entry| entry.response.expires_at_ms > now_ms)
    }

    fn body_bytes_max(&self) -> u64 {
        self.worker_bytes_max() / PARTS
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn key(worker: &str, url: &str) -> CacheKey {
        CacheKey {
            worker: WorkerId::from(worker),
            cache: String::new(),
            url: url.to_owned(),
        }
    }

    fn response(bytes: usize) -> CachedResponse {
        CachedResponse {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from(vec![0; bytes]),
            stored_at_ms: 0,
            expires_at_ms: 1_000,
        }
    }

    #[cfg(feature = "conformance")]
    #[tokio::test]
    async fn it_conforms() {
        crate::ports::cache::conformance::all(&MemoryCache::new(64 << 20)).await;
    }

    #[tokio::test]
    async fn what_was_used_longest_ago_makes_room() {
        let cache = MemoryCache::new(64 << 10);
        for url in ["a", "b", "c", "d", "e"] {
            cache
                .put(key("w", url), response(3 << 10))
                .await
                .expect("fits");
            // Kept by being used.
            assert!(cache.get(&key("w", "a"), 0).await.is_some());
        }
        assert!(cache.get(&key("w", "b"), 0).await.is_none());
        assert!(cache.get(&key("w", "e"), 0).await.is_some());
    }

    #[tokio::test]
    async fn one_worker_does_not_crowd_out_the_others() {
        let cache = MemoryCache::new(64 << 10);
        cache
            .put(key("quiet", "a"), response(100))
            .await
            .expect("fits");
        for url in 0..200 {
            let loud = key("loud", &url.to_string());
            cache.put(loud, response(1 << 10)).await.expect("fits");
        }
        assert!(cache.get(&key("quiet", "a"), 0).await.is_some());
        let state = cache.state();
        assert!(state.bytes <= 64 << 10);
        assert_eq!(state.by_use.len(), state.entries.len());
        let parts = state.workers.values().map(|part| part.bytes);
        assert_eq!(parts.sum::<u64>(), state.bytes);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let cache = MemoryCache::new(64 << 10);
        let refused = cache.put(key("w", "a"), response((4 << 10) + 1)).await;
        assert_eq!(
            refused,
            Err(CacheError::TooLarge {
                bytes: 4097,
                limit: 4096
            })
        );
    }
}
