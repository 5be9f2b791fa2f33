//! Responses that workers keep by the Cache API.
//!
//! A cache belongs to one worker: what one stores no other reads. Backends may forget anything at any time.

use async_trait::async_trait;
use bytes::Bytes;

use crate::id::WorkerId;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod memory;

pub use memory::MemoryCache;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey {
    pub worker: WorkerId,
    /// The default cache has the empty name.
    pub cache: String,
    /// Absolute, without a fragment.
    pub url: String,
}

/// A stored response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedResponse {
    pub status: u16,
    /// Field lines `name:value`, each ended by a line feed; names in lower case.
    pub headers: Vec<u8>,
    pub body: Bytes,
    /// Unix time in milliseconds.
    pub stored_at_ms: u64,
    /// From then on it is not served any more.
    pub expires_at_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// It is larger than the backend keeps.
    #[error("a response of {bytes} bytes is over the cache's limit of {limit} bytes")]
    TooLarge { bytes: u64, limit: u64 },
}

#[async_trait]
pub trait CacheStore: Send + Sync + 'static {
    /// What is stored and still fresh at this time.
    async fn get(&self, key: &CacheKey, now_ms: u64) -> Option<CachedResponse>;

    /// Takes the place of what was stored under the key.
    async fn put(&self, key: CacheKey, response: CachedResponse) -> Result<(), CacheError>;

    /// True where something fresh was stored.
    async fn delete(&self, key: &CacheKey, now_ms: u64) -> bool;

    /// Most bytes that a body may have.
    fn body_bytes_max(&self) -> u64;
}
