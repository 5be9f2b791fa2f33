//! A request as the handlers of wptserve see one: whole, with its query taken apart into byte strings.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use hyper::body::Incoming;

pub struct Asked {
    pub method: Method,
    uri: http::Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    query: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Asked {
    /// A body that breaks off is as long as it came.
    pub async fn read(request: Request<Incoming>) -> Self {
        let (head, body) = request.into_parts();
        let body = body.collect().await;
        Self {
            query: parse_query(head.uri.query().unwrap_or_default()),
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: body.map(|body| body.to_bytes()).unwrap_or_default(),
        }
    }

    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The path up to the last slash.
    pub fn folder(&self) -> &str {
        let path = self.path();
        &path[..=path.rfind('/').unwrap_or(0)]
    }

    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// The first value of that name in the query.
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        let mut pairs = self.query.iter();
        let pair = pairs.find(|(key, _)| key == name.as_bytes())?;
        Some(&pair.1)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        Some(String::from_utf8_lossy(self.first(name)?).into_owned())
    }

    pub fn number(&self, name: &str, default: u64) -> u64 {
        let text = self.text(name);
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// The first value of each name, in their order.
    pub fn pairs(&self) -> Vec<(&[u8], &[u8])> {
        let mut pairs: Vec<(&[u8], &[u8])> = Vec::new();
        for (name, value) in &self.query {
            if !pairs.iter().any(|(known, _)| known == name) {
                pairs.push((name, value));
            }
        }
        pairs
    }

    /// All values of a header, combined.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let values: Vec<&[u8]> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.as_bytes())
            .collect();
        (!values.is_empty()).then(|| values.join(&b", "[..]))
    }
}

fn parse_query(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (unescape(name), unescape(value))
        })
        .collect()
}

/// `application/x-www-form-urlencoded`, to bytes.
pub fn unescape(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3);
        match (
            bytes[at],
            digits.and_then(|two| u8::from_str_radix(two, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    out
}

/// The inverse, as Python's `urlencode` writes it.
pub fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
