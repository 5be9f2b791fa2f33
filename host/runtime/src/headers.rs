//! Field lines as they cross to the JavaScript engine: `name:value`, each ended by a line feed (`wit/engine.wit`).

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body::Body;
use ouro_core::version::Limits;

use crate::body::ResponseBody;
use crate::exceeded::{Exceeded, Excess};

/// Fields of one connection, not of the message (RFC 9110 7.6.1).
fn is_hop_by_hop(name: &HeaderName) -> bool {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
    [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        KEEP_ALIVE,
        PROXY_CONNECTION,
    ]
    .contains(name)
}

/// Hop-by-hop fields are left out. Neither names nor values of a parsed request can hold a line feed (RFC 9110 5.5).
pub fn flatten(headers: &HeaderMap) -> Vec<u8> {
    let mut lines = Vec::with_capacity(64 * headers.len());
    for (name, value) in headers {
        if !is_hop_by_hop(name) {
            lines.extend_from_slice(name.as_str().as_bytes());
            lines.push(b':');
            lines.extend_from_slice(value.as_bytes());
            lines.push(b'\n');
        }
    }
    lines
}

/// Reads a guest's field lines; hop-by-hop fields are dropped.
///
/// # Errors
/// The text says which line is no field.
pub fn parse(lines: &[u8]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for line in lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let name = HeaderName::from_bytes(name)
            .map_err(|_| format!("`{}` is not a header name", shown(name)))?;
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii())
            .map_err(|_| format!("header `{name}` has a value with forbidden characters"))?;
        if !is_hop_by_hop(&name) {
            headers
                .try_append(name, value)
                .map_err(|_| "too many headers".to_owned())?;
        }
    }
    Ok(headers)
}

/// # Errors
/// Names and values are more bytes, or the fields are more, than the limits allow.
pub(crate) fn check(headers: &HeaderMap, limits: &Limits, excess: Excess) -> Result<(), Exceeded> {
    if headers.len() as u64 > limits.header_count {
        return Err(Exceeded::new(excess, "header_count", limits.header_count));
    }
    let field = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let bytes: usize = headers.iter().map(field).sum();
    if bytes as u64 > limits.header_bytes {
        return Err(Exceeded::new(excess, "header_bytes", limits.header_bytes));
    }
    Ok(())
}

/// Whether one of the field's members is this token, in any case.
pub fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|member| member.trim().eq_ignore_ascii_case(token))
}

/// The declared length of a body; `None` where it is absent or no number (RFC 9110 8.6).
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let text = values.next()?.to_str().ok()?;
    let is_number = values.next().is_none() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Responses that never have a body (RFC 9110 6.4.1).
pub(crate) fn is_bodiless(status: StatusCode) -> bool {
    matches!(status.as_u16(), 204 | 205 | 304)
}

/// Drops a declared length that is not that of the body, where that is known: the connection could not be used after it.
/// The response to a `HEAD` may declare the length of a body that it does not have (RFC 9110 9.3.2).
pub(crate) fn settle_length(response: &mut Response<ResponseBody>, is_head: bool) {
    let declared = content_length(response.headers());
    let body = response.body();
    let holds = match declared {
        None => false,
        Some(_) if is_bodiless(response.status()) => false,
        Some(_) if is_head && body.is_end_stream() => true,
        Some(declared) => body
            .size_hint()
            .exact()
            .is_none_or(|exact| exact == declared),
    };
    if !holds {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_flattened_reads_back_without_hop_by_hop_fields() {
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("*/*"));
        headers.insert("connection", HeaderValue::from_static("close"));
        headers.append("x-a", HeaderValue::from_static("1:2"));
        headers.append(
            "x-a",
            HeaderValue::from_bytes(b"\xff").expect("opaque bytes"),
        );
        let lines = flatten(&headers);
        headers.remove("connection");
        assert_eq!(parse(&lines).expect("valid"), headers);
    }

    #[test]
    fn bad_names_and_values_are_errors() {
        for bad in ["no colon", "sp ace:1", ":1", "a:\0", "a:b\rc"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn header_sections_are_bounded_in_bytes_and_in_fields() {
        let limits = Limits {
            header_bytes: 10,
            header_count: 2,
            ..Limits::default()
        };
        let checked = |lines: &str| {
            let headers = parse(lines.as_bytes()).expect("valid");
            let checked = check(&headers, &limits, Excess::ResponseHeaders);
            checked.map_err(|exceeded| exceeded.name)
        };
        assert_eq!(checked("ab:123\ncd:456"), Ok(()));
        assert_eq!(checked("ab:123\ncd:4567"), Err("header_bytes"));
        assert_eq!(checked("a:\na:\na:"), Err("header_count"));
    }

    #[test]
    fn content_length_is_one_number() {
        let length = |text: &str| content_length(&parse(text.as_bytes()).expect("valid"));
        assert_eq!(length("content-length: 12"), Some(12));
        for bad in [
            "content-length:+1",
            "content-length:1\ncontent-length:1",
            "x:1",
        ] {
            assert_eq!(length(bad), None, "{bad:?}");
        }
    }

    fn settled(status: u16, length: &'static str, body: &'static str, is_head: bool) -> bool {
        let body = ResponseBody::full(body.into());
        let mut response = Response::builder()
            .status(status)
            .header("content-length", length)
            .body(body)
            .expect("valid");
        settle_length(&mut response, is_head);
        response.headers().contains_key("content-length")
    }

    #[test]
    fn a_length_that_is_not_the_bodys_is_dropped() {
        assert!(settled(200, "4", "body", false));
        assert!(!settled(200, "5", "body", false));
        assert!(!settled(200, "four", "body", false));
        assert!(settled(200, "5", "", true));
        assert!(!settled(304, "5", "", false));
    }
}
