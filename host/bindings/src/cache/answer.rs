//! From a stored response and a request to the answer: validators, then ranges (RFC 9110 13.2.2).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH, CONTENT_RANGE, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue};
use ouro_core::conditional::{self, Part};
use ouro_core::ports::cache::CachedResponse;
use ouro_runtime::{Chain, Held, flatten_headers, parse_headers};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

use super::lifetime;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cf-cache-status");

pub struct Answer {
    pub status: u16,
    pub headers: Vec<u8>,
    pub body: Option<Stored>,
}

/// The body counts against the request, as long as it is read.
///
/// # Errors
/// The host would hold too much.
pub fn answer(
    stored: CachedResponse,
    asked: &HeaderMap,
    now_ms: u64,
    chain: &Arc<Chain>,
) -> Result<Answer, String> {
    let mut headers = parse_headers(&stored.headers).unwrap_or_default();
    // RFC 9111 4.2.3: what it was old when it came, and the time here.
    let here = now_ms.saturating_sub(stored.stored_at_ms) / 1000;
    let age = lifetime::age(&headers).saturating_add(here);
    headers.insert(AGE, age.into());
    headers.insert(CACHE_STATUS, HeaderValue::from_static("HIT"));
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let etag = text("etag").unwrap_or_default().to_owned();
    let strong = etag.strip_prefix("W/").unwrap_or(&etag);
    if is_unchanged(asked, strong, text("last-modified")) {
        return Ok(Answer {
            status: 304,
            headers: flatten_headers(&headers),
            body: None,
        });
    }
    let size = stored.body.len() as u64;
    let part = match stored.status {
        200 => conditional::part(asked, &etag, size),
        _ => Part::Whole,
    };
    // A part keeps the whole body in memory.
    let held = chain.held(stored.body.len())?;
    let (status, body, range) = match part {
        Part::Whole => (stored.status, stored.body, None),
        Part::Bytes(range) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            // Both ends lie within a body that is in memory.
            let part = range.start as usize..range.end as usize;
            (206, stored.body.slice(part), Some(shown))
        }
        Part::Unsatisfiable => (416, Bytes::new(), Some(format!("bytes */{size}"))),
    };
    if let Some(range) = range.and_then(|range| range.parse().ok()) {
        headers.insert(CONTENT_RANGE, range);
    }
    headers.insert(CONTENT_LENGTH, body.len().into());
    Ok(Answer {
        status,
        headers: flatten_headers(&headers),
        body: Some(Stored { body, _held: held }),
    })
}

/// `If-Modified-Since` counts only without `If-None-Match` (RFC 9110 13.1.3).
fn is_unchanged(asked: &HeaderMap, etag: &str, last_modified: Option<&str>) -> bool {
    if asked.contains_key(IF_NONE_MATCH) {
        return conditional::not_modified(asked, etag);
    }
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let since = asked
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    match (since.and_then(date), last_modified.and_then(date)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}

/// A stored body as the guest reads it.
pub struct Stored {
    body: Bytes,
    _held: Held,
}

#[async_trait]
impl InputStream for Stored {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if self.body.is_empty() {
            return Err(StreamError::Closed);
        }
        Ok(self.body.split_to(size.min(self.body.len())))
    }
}

#[async_trait]
impl Pollable for Stored {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &str =
        "etag:\"a\"\nlast-modified:Sat, 21 Nov 2026 00:00:00 GMT\ncontent-length:10\n";

    fn stored(fields: &str) -> CachedResponse {
        CachedResponse {
            status: 200,
            headers: fields.as_bytes().to_vec(),
            body: Bytes::from_static(b"0123456789"),
            stored_at_ms: 1_000,
            expires_at_ms: 9_000,
        }
    }

    fn asked(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        fields.iter().map(field).collect()
    }

    fn ask_of(fields: &str, asked: &HeaderMap) -> (u16, HeaderMap, String) {
        let answer = answer(stored(fields), asked, 3_500, &Arc::default()).expect("fits");
        let headers = parse_headers(&answer.headers).expect("fields");
        let body = answer.body.map(|stored| stored.body).unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).expect("text");
        (answer.status, headers, body)
    }

    fn ask(name: &'static str, value: &'static str) -> (u16, HeaderMap, String) {
        ask_of(FIELDS, &asked(&[(name, value)]))
    }

    #[test]
    fn a_hit_tells_its_age() {
        let (status, headers, body) = ask("accept", "*/*");
        assert_eq!((status, body.as_str()), (200, "0123456789"));
        assert_eq!(headers["age"], "2");
        assert_eq!(headers["cf-cache-status"], "HIT");
    }

    #[test]
    fn a_response_that_came_from_a_cache_was_old_already() {
        let fields = "age:40\ncf-cache-status:MISS\n";
        let (_, headers, _) = ask_of(fields, &HeaderMap::new());
        let all = |name| headers.get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(all("age"), ["42"]);
        assert_eq!(all("cf-cache-status"), ["HIT"]);
    }

    #[test]
    fn validators_are_compared() {
        assert_eq!(ask("if-none-match", "W/\"a\"").0, 304);
        assert_eq!(ask("if-none-match", "\"b\"").0, 200);
        assert_eq!(
            ask("if-modified-since", "Sat, 21 Nov 2026 00:00:00 GMT").0,
            304
        );
        assert_eq!(
            ask("if-modified-since", "Fri, 20 Nov 2026 00:00:00 GMT").0,
            200
        );
    }

    #[test]
    fn a_range_is_cut_out() {
        let (status, headers, body) = ask("range", "bytes=2-4");
        assert_eq!((status, body.as_str()), (206, "234"));
        assert_eq!(headers["content-range"], "bytes 2-4/10");
        assert_eq!(headers["content-length"], "3");
        let (status, headers, body) = ask("range", "bytes=10-");
        assert_eq!((status, body.as_str()), (416, ""));
        assert_eq!(headers["content-range"], "bytes */10");
    }

    #[test]
    fn a_weak_tag_or_none_is_no_reason_for_a_part_or_for_304() {
        let range = |tag| asked(&[("range", "bytes=2-4"), ("if-range", tag)]);
        assert_eq!(ask_of(FIELDS, &range("\"a\"")).0, 206);
        assert_eq!(ask_of("etag:W/\"a\"\n", &range("W/\"a\"")).0, 200);
        assert_eq!(ask_of("x-a:b\n", &range("")).0, 200);
        let none_match = |tag| asked(&[("if-none-match", tag)]);
        assert_eq!(ask_of("x-a:b\n", &none_match("")).0, 200);
        assert_eq!(ask_of("x-a:b\n", &none_match("*")).0, 304);
    }

    #[test]
    fn bodies_that_are_not_read_yet_count_against_the_request() {
        let chain = Arc::<Chain>::default();
        let large = || CachedResponse {
            body: vec![0; 33 << 20].into(),
            ..stored("")
        };
        let hit = answer(large(), &HeaderMap::new(), 0, &chain).expect("fits");
        assert!(answer(large(), &HeaderMap::new(), 0, &chain).is_err());
        drop(hit);
        assert!(answer(large(), &HeaderMap::new(), 0, &chain).is_ok());
    }
}
