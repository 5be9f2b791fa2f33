//! From the host that a client names to the worker that serves it.

use http::{HeaderMap, Uri};
use ouro_core::name::MANAGEMENT;

/// Finds the worker's name in a host, which may carry a port. `None` where the host is not ours.
///
/// The bare base domain is the management API. A worker's name is one label, so `a.b.<base>` is nobody.
pub fn worker_name<'a>(host: &'a str, base_domain: &str) -> Option<&'a str> {
    let name = without_port(host);
    if name.eq_ignore_ascii_case(base_domain) {
        return Some(MANAGEMENT);
    }
    let dot = name.len().checked_sub(base_domain.len() + 1)?;
    let (label, rest) = (name.get(..dot)?, name.get(dot..)?);
    let ours = rest.strip_prefix('.')?.eq_ignore_ascii_case(base_domain);
    (ours && !label.is_empty() && !label.contains('.')).then_some(label)
}

/// The host that the client asked for: of the absolute target, else the `Host` field (RFC 9112 3.2.2), or what a trusted
/// proxy says that it was. Several `Host` fields are no host (RFC 9112 3.2).
pub fn authority<'a>(
    uri: &'a Uri,
    headers: &'a HeaderMap,
    trust_forwarded: bool,
) -> Option<&'a str> {
    if trust_forwarded && let Some(forwarded) = headers.get("x-forwarded-host") {
        // Each proxy adds its own at the end: the first is what the client sent.
        return forwarded.to_str().ok()?.split(',').next().map(str::trim);
    }
    if let Some(authority) = uri.authority() {
        // User information is no part of a host (RFC 9110 4.2.4).
        let text = authority.as_str();
        return Some(text.rsplit_once('@').map_or(text, |(_, host)| host));
    }
    let mut fields = headers.get_all(http::header::HOST).iter();
    let host = fields.next()?.to_str().ok()?;
    (fields.next().is_none() && !host.is_empty()).then_some(host)
}

pub fn without_port(host: &str) -> &str {
    // A colon inside brackets belongs to an IPv6 address (RFC 3986 3.2.2).
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_label_before_the_base_domain_is_a_worker() {
        for host in [
            "hello.example.org",
            "hello.EXAMPLE.org:8080",
            "hello.example.org:80",
        ] {
            assert_eq!(worker_name(host, "example.org"), Some("hello"), "{host}");
        }
    }

    #[test]
    fn the_bare_base_domain_is_the_management_api() {
        assert_eq!(
            worker_name("Example.org:8080", "example.org"),
            Some("management")
        );
        assert_eq!(worker_name("127.0.0.1:1", "127.0.0.1"), Some("management"));
    }

    #[test]
    fn any_other_host_is_nobody() {
        for host in [
            "",
            ".example.org",
            "a.b.example.org",
            "badexample.org",
            "example.org.evil",
            "org",
            "example.com",
            "[::1]:80",
        ] {
            assert_eq!(worker_name(host, "example.org"), None, "{host}");
        }
    }

    #[test]
    fn a_forwarded_host_counts_only_where_it_is_trusted() {
        let uri = Uri::from_static("/");
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("a.localhost"));
        headers.insert(
            "x-forwarded-host",
            HeaderValue::from_static("b.localhost, proxy"),
        );
        assert_eq!(authority(&uri, &headers, false), Some("a.localhost"));
        assert_eq!(authority(&uri, &headers, true), Some("b.localhost"));
    }

    #[test]
    fn two_host_fields_are_no_host() {
        let mut headers = HeaderMap::new();
        headers.append("host", HeaderValue::from_static("a.localhost"));
        headers.append("host", HeaderValue::from_static("b.localhost"));
        assert_eq!(authority(&Uri::from_static("/"), &headers, false), None);
    }
}
