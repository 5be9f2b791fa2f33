//! The Cache API over whatever keeps the responses: what may be stored and for how long, and what answers a request.

mod answer;
mod lifetime;
mod writer;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ouro_core::ports::cache::{CacheKey, CacheStore, CachedResponse};
use ouro_runtime::{HostState, flatten_headers, parse_headers};
use wasmtime::component::Resource;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream};

use crate::generated::ouro::host::cache::{Error, Host, HostWriter, Request, Response};
use crate::grants;
pub use writer::Writer;

/// As long as a URL that Cloudflare takes.
const URL_BYTES_MAX: usize = 16 << 10;
const NAME_BYTES_MAX: usize = 1 << 10;
const HEADERS_BYTES_MAX: usize = 64 << 10;

impl Host for HostState {
    async fn match_(
        &mut self,
        cache: String,
        request: Request,
    ) -> wasmtime::Result<Result<Option<Response>, Error>> {
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
        let store = store(self)?;
        let now_ms = now_ms();
        let Some(stored) = store.get(&key(self, cache, request.url), now_ms).await else {
            return Ok(Ok(None));
        };
        let asked = parse_headers(&request.headers).unwrap_or_default();
        // Where the host would hold too much for the request, the cache does not help it.
        let chain = self.caller().chain();
        let Ok(answer) = answer::answer(stored, &asked, now_ms, chain) else {
            return Ok(Ok(None));
        };
        let body = answer.body.map(|body| {
            let body: DynInputStream = Box::new(body);
            self.table.push(body)
        });
        Ok(Ok(Some(Response {
            status: answer.status,
            headers: answer.headers,
            body: body.transpose()?,
        })))
    }

    fn put(
        &mut self,
        cache: String,
        url: String,
        status: u16,
        headers: Vec<u8>,
    ) -> wasmtime::Result<Result<Option<Resource<Writer>>, Error>> {
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
        let too_long = [
            ("name", cache.len(), NAME_BYTES_MAX),
            ("URL", url.len(), URL_BYTES_MAX),
            ("header section", headers.len(), HEADERS_BYTES_MAX),
        ];
        if let Some((what, bytes, limit)) = too_long.into_iter().find(|(_, is, most)| is > most) {
            let text = format!("the {what} of {bytes} bytes is over the limit of {limit} bytes");
            return Ok(Err(Error::Limit(text)));
        }
        let mut fields = match parse_headers(&headers) {
            Ok(fields) => fields,
            Err(text) => return Ok(Err(Error::Refused(text))),
        };
        let now_ms = now_ms();
        let lifetime = match lifetime::of(status, &mut fields, now_ms) {
            Ok(Some(lifetime)) => lifetime,
            Ok(None) => return Ok(Ok(None)),
            Err(text) => return Ok(Err(Error::Refused(text.to_owned()))),
        };
        let store = store(self)?;
        let key = key(self, cache, url);
        let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let expires_at_ms = now_ms.saturating_add(lifetime_ms);
        let response = CachedResponse {
            status,
            headers: flatten_headers(&fields),
            body: Bytes::new(),
            stored_at_ms: now_ms,
            expires_at_ms,
        };
        let writer = Writer::new(store, self.caller().chain().clone(), key, response);
        Ok(Ok(Some(self.table.push(writer)?)))
    }

    async fn delete(
        &mut self,
        cache: String,
        url: String,
    ) -> wasmtime::Result<Result<bool, Error>> {
        if let Err(exceeded) = self.operation() {
            return Ok(Err(Error::Limit(exceeded.to_string())));
        }
        let store = store(self)?;
        Ok(Ok(store.delete(&key(self, cache, url), now_ms()).await))
    }
}

impl HostWriter for HostState {
    fn stream(&mut self, this: Resource<Writer>) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.table.get(&this)?.stream());
        Ok(self.table.push(stream)?)
    }

    async fn finish(&mut self, this: Resource<Writer>) -> wasmtime::Result<Result<(), Error>> {
        let writer = self.table.delete(this)?;
        Ok(writer.finish().await.map_err(Error::Limit))
    }

    fn drop(&mut self, this: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

fn store(state: &HostState) -> wasmtime::Result<Arc<dyn CacheStore>> {
    Ok(grants::of(state)?.shared.ports.cache.clone())
}

fn key(state: &HostState, cache: String, url: String) -> CacheKey {
    CacheKey {
        worker: state.worker().version().worker.clone(),
        cache,
        url,
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
