//! The body of a response on its way into the cache. It is held here until it is whole, up to the cache's limit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use ouro_core::ports::cache::{CacheKey, CacheStore, CachedResponse};
use ouro_runtime::Chain;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// What the guest may write at once.
const CHUNK_BYTES: usize = 64 << 10;

pub struct Writer {
    store: Arc<dyn CacheStore>,
    key: CacheKey,
    response: CachedResponse,
    body: Arc<Mutex<Collected>>,
}

struct Collected {
    bytes: Vec<u8>,
    limit: usize,
    /// Why the body cannot be stored.
    refused: Option<String>,
    /// Counts the bytes against the request.
    chain: Arc<Chain>,
    held: usize,
}

impl Collected {
    fn add(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(over(self.limit));
        }
        self.chain.hold(bytes.len())?;
        self.held += bytes.len();
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn release(&mut self) {
        self.bytes = Vec::new();
        self.chain.release(std::mem::take(&mut self.held));
    }
}

impl Drop for Collected {
    fn drop(&mut self) {
        self.release();
    }
}

impl Writer {
    pub(super) fn new(
        store: Arc<dyn CacheStore>,
        chain: Arc<Chain>,
        key: CacheKey,
        response: CachedResponse,
    ) -> Self {
        let collected = Collected {
            bytes: Vec::new(),
            limit: usize::try_from(store.body_bytes_max()).unwrap_or(usize::MAX),
            refused: None,
            chain,
            held: 0,
        };
        Self {
            store,
            key,
            response,
            body: Arc::new(Mutex::new(collected)),
        }
    }

    pub(super) fn stream(&self) -> Body {
        Body(self.body.clone())
    }

    /// Stores the response. The error is a text for the worker.
    pub(super) async fn finish(mut self) -> Result<(), String> {
        let (bytes, limit) = {
            let mut body = lock(&self.body);
            if let Some(text) = body.refused.take() {
                return Err(text);
            }
            (std::mem::take(&mut body.bytes), body.limit)
        };
        // Without the room that it grew into.
        self.response.body = bytes.into_boxed_slice().into();
        let put = self.store.put(self.key, self.response).await;
        put.map_err(|_| over(limit))
    }
}

fn over(limit: usize) -> String {
    format!("the response is over the cache's limit of {limit} bytes")
}

fn lock(body: &Mutex<Collected>) -> MutexGuard<'_, Collected> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stream that the guest writes to. A body over the limit is thrown away, and `finish` says so.
pub(super) struct Body(Arc<Mutex<Collected>>);

#[async_trait]
impl OutputStream for Body {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if bytes.len() > CHUNK_BYTES {
            return Err(StreamError::trap("wrote more than `check-write` permits"));
        }
        let mut body = lock(&self.0);
        if body.refused.is_none()
            && let Err(text) = body.add(&bytes)
        {
            body.release();
            body.refused = Some(text);
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK_BYTES)
    }
}

#[async_trait]
impl Pollable for Body {
    async fn ready(&mut self) {}
}
