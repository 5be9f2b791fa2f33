//! What the host that a client names means: a worker, a version of one, or a name that is not the platform's own.

use http::{HeaderMap, Uri};
use ouro_core::name::MANAGEMENT;

/// The alias of what a plain host name serves.
const LIVE: &str = "live";

/// What a host means, in the case in which it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// What is live of a worker.
    Live(&'a str),
    /// One version of a worker.
    Version { worker: &'a str, name: &'a str },
    /// Perhaps a customer's domain.
    Foreign(&'a str),
}

/// Reads a host, which may carry a port and a dot at its end. `None` where it is below the base domain and no worker can be there.
///
/// The bare base domain is the management API, of which no version but the live one is served: others may have holes.
pub fn parse<'a>(host: &'a str, base_domain: &str) -> Option<Named<'a>> {
    let name = without_port(host);
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.eq_ignore_ascii_case(base_domain) {
        return Some(Named::Live(MANAGEMENT));
    }
    let Some(labels) = below(name, base_domain) else {
        return (!name.is_empty()).then_some(Named::Foreign(name));
    };
    let Some((name, worker)) = labels.split_once('.') else {
        return (!labels.is_empty()).then_some(Named::Live(labels));
    };
    if name.is_empty() || worker.is_empty() || worker.contains('.') {
        return None;
    }
    if name.eq_ignore_ascii_case(LIVE) {
        return Some(Named::Live(worker));
    }
    (!worker.eq_ignore_ascii_case(MANAGEMENT)).then_some(Named::Version { worker, name })
}

/// What stands before `.` and the base domain.
fn below<'a>(name: &'a str, base_domain: &str) -> Option<&'a str> {
    let dot = name.len().checked_sub(base_domain.len() + 1)?;
    let (labels, rest) = (name.get(..dot)?, name.get(dot..)?);
    let is_below = rest.strip_prefix('.')?.eq_ignore_ascii_case(base_domain);
    is_below.then_some(labels)
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
            "hello.example.org.",
            "hello.example.org.:80",
            "live.hello.example.org",
            "LIVE.hello.example.org",
        ] {
            assert_eq!(
                parse(host, "example.org"),
                Some(Named::Live("hello")),
                "{host}"
            );
        }
    }

    #[test]
    fn the_bare_base_domain_is_the_management_api() {
        let management = Some(Named::Live("management"));
        for host in ["Example.org:8080", "example.org.", "example.org"] {
            assert_eq!(parse(host, "example.org"), management, "{host}");
        }
        assert_eq!(parse("127.0.0.1:1", "127.0.0.1"), management);
    }

    #[test]
    fn a_label_before_a_worker_names_a_version_of_it() {
        let version = |name| Some(Named::Version { worker: "b", name });
        assert_eq!(parse("a.b.example.org", "example.org"), version("a"));
        assert_eq!(parse("A.b.Example.Org.:1", "example.org"), version("A"));
    }

    #[test]
    fn no_dots_lead_below_the_base_domain() {
        for host in [
            "",
            ".",
            ".example.org",
            "..example.org",
            ".a.example.org",
            "a..example.org",
            "a..b.example.org",
            "a.b.c.example.org",
            "old.management.example.org",
            "old.MANAGEMENT.example.org",
        ] {
            assert_eq!(parse(host, "example.org"), None, "{host}");
        }
    }

    #[test]
    fn a_host_that_only_looks_like_the_base_domain_is_foreign() {
        for host in [
            "badexample.org",
            "hello.badexample.org",
            "example.org.evil",
            "org",
            "example.com",
            "[::1]",
        ] {
            assert_eq!(
                parse(host, "example.org"),
                Some(Named::Foreign(host)),
                "{host}"
            );
        }
        assert_eq!(
            parse("www.example.com.:443", "example.org"),
            Some(Named::Foreign("www.example.com"))
        );
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
