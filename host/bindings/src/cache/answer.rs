//! From a stored response and a request to the answer: validators, then ranges (RFC 9110 13.2.2).

use bytes::Bytes;
use http::HeaderMap;
use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use ouro_core::conditional::{self, Part};
use ouro_core::ports::cache::CachedResponse;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

use super::parse;

pub struct Answer {
    pub status: u16,
    pub headers: Vec<u8>,
    pub body: Option<Stored>,
}

pub fn answer(stored: CachedResponse, asked: &HeaderMap, now_ms: u64) -> Answer {
    let fields = parse(&stored.headers).unwrap_or_default();
    let text = |name: &str| fields.get(name).and_then(|value| value.to_str().ok());
    let etag = text("etag").unwrap_or_default();
    let mut headers = stored.headers.clone();
    let age = now_ms.saturating_sub(stored.stored_at_ms) / 1000;
    headers.extend_from_slice(format!("age:{age}\ncf-cache-status:HIT\n").as_bytes());
    let strong = etag.strip_prefix("W/").unwrap_or(etag);
    if is_unchanged(asked, strong, text("last-modified")) {
        return Answer {
            status: 304,
            headers,
            body: None,
        };
    }
    let size = stored.body.len() as u64;
    let part = match stored.status {
        200 => conditional::part(asked, etag, size),
        _ => Part::Whole,
    };
    let (status, body) = match part {
        Part::Whole => (stored.status, stored.body),
        Part::Bytes(range) => {
            let (first, last) = (range.start, range.end - 1);
            replace(
                &mut headers,
                "content-range",
                &format!("bytes {first}-{last}/{size}"),
            );
            // Both ends lie within a body that is in memory.
            (
                206,
                stored.body.slice(range.start as usize..range.end as usize),
            )
        }
        Part::Unsatisfiable => {
            replace(&mut headers, "content-range", &format!("bytes */{size}"));
            (416, Bytes::new())
        }
    };
    replace(&mut headers, "content-length", &body.len().to_string());
    Answer {
        status,
        headers,
        body: Some(Stored(body)),
    }
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

/// Sets a field of field lines.
fn replace(lines: &mut Vec<u8>, name: &str, value: &str) {
    let kept: Vec<&[u8]> = lines
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| {
            line.strip_prefix(name.as_bytes())
                .is_none_or(|rest| rest.first() != Some(&b':'))
        })
        .collect();
    let mut kept = kept.concat();
    kept.extend_from_slice(format!("{name}:{value}\n").as_bytes());
    *lines = kept;
}

/// A stored body as the guest reads it.
pub struct Stored(Bytes);

#[async_trait]
impl InputStream for Stored {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if self.0.is_empty() {
            return Err(StreamError::Closed);
        }
        Ok(self.0.split_to(size.min(self.0.len())))
    }
}

#[async_trait]
impl Pollable for Stored {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn ask(name: &'static str, value: &'static str) -> (u16, String, String) {
        let stored = CachedResponse {
            status: 200,
            headers:
                b"etag:\"a\"\nlast-modified:Sat, 21 Nov 2026 00:00:00 GMT\ncontent-length:10\n"
                    .to_vec(),
            body: Bytes::from_static(b"0123456789"),
            stored_at_ms: 1_000,
            expires_at_ms: 9_000,
        };
        let name = HeaderName::from_static(name);
        let asked = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        let answer = answer(stored, &asked, 3_500);
        let headers = String::from_utf8(answer.headers).expect("text");
        let body = answer.body.map(|body| body.0).unwrap_or_default();
        (
            answer.status,
            headers,
            String::from_utf8(body.to_vec()).expect("text"),
        )
    }

    #[test]
    fn a_hit_tells_its_age() {
        let (status, headers, body) = ask("accept", "*/*");
        assert_eq!((status, body.as_str()), (200, "0123456789"));
        assert!(
            headers.contains("age:2\ncf-cache-status:HIT\n"),
            "{headers}"
        );
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
        assert!(
            headers.contains("content-range:bytes 2-4/10\ncontent-length:3\n"),
            "{headers}"
        );
        let (status, headers, body) = ask("range", "bytes=10-");
        assert_eq!((status, body.as_str()), (416, ""));
        assert!(headers.contains("content-range:bytes */10"), "{headers}");
    }
}
