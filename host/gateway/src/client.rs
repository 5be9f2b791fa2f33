//! What workers are told of the client, in the header fields that Cloudflare's edge sets. What a client sends under these names is
//! replaced or taken out, so that a worker can rely on them.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use ouro_core::id::ExecutionId;

const CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const RAY: HeaderName = HeaderName::from_static("cf-ray");
const VISITOR: HeaderName = HeaderName::from_static("cf-visitor");
const WORKER: HeaderName = HeaderName::from_static("cf-worker");

/// Names that only an edge may set, and this one does not.
const FOREIGN: [&str; 6] = [
    "cf-connecting-ipv6",
    "cf-ew-via",
    "cf-ipcountry",
    "cf-pseudo-ipv4",
    "cf-worker",
    "true-client-ip",
];

/// The client as a trusted proxy names it, else the peer of the connection. The last address of `X-Forwarded-For` is the one that the
/// proxy itself has added; those before it are whatever the client sent.
pub fn address(headers: &HeaderMap, peer: IpAddr, trust_forwarded: bool) -> IpAddr {
    if !trust_forwarded {
        return peer;
    }
    let last = headers.get_all(FORWARDED_FOR).iter().next_back();
    let text = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    text.and_then(|text| text.trim().parse().ok())
        .unwrap_or(peer)
}

/// What is told of one request.
pub struct Stamp<'a> {
    pub address: Option<IpAddr>,
    pub is_https: bool,
    pub id: &'a ExecutionId,
    pub colo: &'a str,
    /// A trusted proxy has set `X-Forwarded-For`, which stays.
    pub keep_forwarded: bool,
    /// Host of the worker that asks, where one does.
    pub worker: Option<&'a str>,
}

impl Stamp<'_> {
    pub fn apply(&self, headers: &mut HeaderMap) {
        for name in FOREIGN {
            headers.remove(name);
        }
        let address = self.address.map(|address| address.to_string());
        let address = address.and_then(|text| HeaderValue::try_from(text).ok());
        set(headers, CONNECTING_IP, address.clone());
        set(headers, REAL_IP, address.clone());
        if !self.keep_forwarded || !headers.contains_key(FORWARDED_FOR) {
            set(headers, FORWARDED_FOR, address);
        }
        let (scheme, visitor) = if self.is_https {
            ("https", r#"{"scheme":"https"}"#)
        } else {
            ("http", r#"{"scheme":"http"}"#)
        };
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
        headers.insert(VISITOR, HeaderValue::from_static(visitor));
        set(headers, RAY, ray(self.id, self.colo));
        if let Some(worker) = self.worker {
            set(headers, WORKER, HeaderValue::from_str(worker).ok());
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    match value {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
    }
}

/// 16 hex digits and the node's place, as Cloudflare writes it; the digits are the first of the execution's id.
fn ray(id: &ExecutionId, colo: &str) -> Option<HeaderValue> {
    let digits = id.as_str().strip_prefix(ExecutionId::PREFIX)?.get(..16)?;
    HeaderValue::try_from(format!("{digits}-{colo}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_client_cannot_name_its_own_address() {
        let mut headers = headers(&[
            ("x-forwarded-for", "6.6.6.6"),
            ("cf-connecting-ip", "6.6.6.6"),
            ("cf-ipcountry", "XX"),
        ]);
        let peer = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(address(&headers, peer, false), peer);
        let id = ExecutionId::from("exe_0123456789abcdef0123456789abcdef");
        let stamp = Stamp {
            address: Some(peer),
            is_https: false,
            id: &id,
            colo: "LOCAL",
            keep_forwarded: false,
            worker: None,
        };
        stamp.apply(&mut headers);
        assert_eq!(headers["cf-connecting-ip"], "10.0.0.1");
        assert_eq!(headers["x-forwarded-for"], "10.0.0.1");
        assert_eq!(headers["cf-ray"], "0123456789abcdef-LOCAL");
        assert!(!headers.contains_key("cf-ipcountry"));
    }

    #[test]
    fn a_trusted_proxy_names_the_client_last() {
        let headers = headers(&[
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-for", "7.7.7.7, 1.2.3.4"),
        ]);
        let peer = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(address(&headers, peer, true), IpAddr::from([1, 2, 3, 4]));
        assert_eq!(address(&HeaderMap::new(), peer, true), peer);
    }
}
