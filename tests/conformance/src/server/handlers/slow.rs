//! Handlers that take their time, or never end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::Value;
use tokio::time::sleep;

use super::{chunked, reply};
use crate::server::asked::Asked;
use crate::server::{Body, Site};

pub async fn trickle(asked: &Asked) -> Response<Body> {
    let delay = Duration::from_millis(asked.number("ms", 500));
    let count = asked.number("count", 50);
    sleep(delay).await;
    let mut response = reply(200, &[], "");
    if !asked.has("notype") {
        super::add(&mut response, "content-type", b"text/plain");
    }
    *response.body_mut() = chunked(move |out| async move {
        for _ in 0..count {
            sleep(delay).await;
            if out
                .send(Ok(Bytes::from_static(b"TEST_TRICKLE\n")))
                .await
                .is_err()
            {
                return;
            }
        }
    });
    response
}

/// Ends when the client goes away or a stashed key says so; another key tells which state it is in.
pub fn infinite(site: &Arc<Site>, asked: &Asked) -> Response<Body> {
    let folder = asked.folder().to_owned();
    let (state, abort) = (asked.text("stateKey"), asked.text("abortKey"));
    let (state, abort) = (state.unwrap_or_default(), abort.unwrap_or_default());
    site.stash.put(&folder, &state, Value::from("open"));
    let mut response = reply(200, &[("content-type", b"text/plain")], "");
    let site = site.clone();
    *response.body_mut() = chunked(move |out| async move {
        let mut chunk = Bytes::from(vec![b'.'; 2048]);
        while out.send(Ok(chunk)).await.is_ok() && site.stash.take(&folder, &abort).is_none() {
            chunk = Bytes::from_static(b".");
            sleep(Duration::from_millis(10)).await;
        }
        site.stash.put(&folder, &state, Value::from("closed"));
    });
    response
}

/// 8 GiB of nothing.
pub fn huge() -> Response<Body> {
    const CHUNK_BYTES: usize = 1 << 20;
    const CHUNKS: usize = 8 << 10;
    let length = (CHUNK_BYTES * CHUNKS).to_string();
    let headers: [(&str, &[u8]); 3] = [
        ("content-type", b"text/plain"),
        ("content-length", length.as_bytes()),
        ("cache-control", b"max-age=86400"),
    ];
    let mut response = reply(200, &headers, "");
    *response.body_mut() = chunked(|out| async move {
        let chunk = Bytes::from(vec![0; CHUNK_BYTES]);
        for _ in 0..CHUNKS {
            if out.send(Ok(chunk.clone())).await.is_err() {
                return;
            }
        }
    });
    response
}
