//! What a request brings to prove who it comes from.

use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use http::{HeaderMap, HeaderName, Method};

use super::Refusal;

pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub const SERVICE_KEY: HeaderName = HeaderName::from_static("x-service-key");
/// As clients of Supabase send it, beside `Authorization` or alone.
pub const APIKEY: HeaderName = HeaderName::from_static("apikey");

/// Of a session, at the management API.
const COOKIE_NAME: &str = "ouro_access";

/// The one credential of a request, cookies aside. Whoever sent it meant it for the host: where it is bad, the request is refused.
///
/// # Errors
/// There are two that differ, or one that is not understood.
pub fn given(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut found: Option<&str> = None;
    for value in explicit(headers)? {
        if found.is_some_and(|other| other != value) {
            return Err(Refusal::Unauthorized(
                "the request has two credentials that differ",
            ));
        }
        found = Some(value);
    }
    Ok(found.or_else(|| text(headers, &APIKEY)))
}

fn explicit(headers: &HeaderMap) -> Result<Vec<&str>, Refusal> {
    let not_understood = Refusal::Unauthorized(
        "a credential is not understood: expected the header `authorization: Bearer <token>`, `x-api-key` or `x-service-key`",
    );
    let bearers = headers.get_all(AUTHORIZATION).iter();
    let bearers = bearers.map(|value| value.to_str().ok().and_then(bearer));
    let keys = [API_KEY, SERVICE_KEY];
    let keys = keys.iter().flat_map(|name| headers.get_all(name));
    let keys = keys.map(|value| value.to_str().ok().map(str::trim));
    bearers
        .chain(keys)
        .map(|credential| credential.ok_or_else(|| not_understood.clone()))
        .collect()
}

/// The scheme is read in any case (RFC 9110 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    let is_one = !token.is_empty() && !token.contains(' ');
    (scheme.eq_ignore_ascii_case("bearer") && is_one).then_some(token)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The cookie of a session, where it counts. Browsers send it by themselves, so a bad one is none; other sites make them send it too, so what changes anything must come from a page of ours.
pub fn cookie<'a>(method: &Method, headers: &'a HeaderMap, origins: &[String]) -> Option<&'a str> {
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    let is_ours =
        || text(headers, &ORIGIN).is_some_and(|origin| origins.iter().any(|it| it == origin));
    if !is_safe && !is_ours() {
        return None;
    }
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='))
}

/// Takes off what proved who asks: it is no business of the worker's.
pub fn take_off(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, API_KEY, SERVICE_KEY, APIKEY] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let fields = fields.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        fields.collect()
    }

    #[test]
    fn each_header_holds_a_credential() {
        for (name, value) in [
            ("authorization", "Bearer abc"),
            ("authorization", "bearer  abc "),
            ("x-api-key", "abc"),
            ("x-service-key", "abc"),
            ("apikey", "abc"),
        ] {
            let headers = headers(&[(name, value)]);
            assert_eq!(given(&headers), Ok(Some("abc")), "{name}: {value}");
        }
        assert_eq!(given(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn each_line_counts_and_one_that_is_not_understood_is_none() {
        let mut two = headers(&[("authorization", "Bearer abc")]);
        two.append(AUTHORIZATION, HeaderValue::from_static("Bearer abd"));
        assert!(given(&two).is_err());
        let mut other = HeaderMap::new();
        other.insert(
            API_KEY,
            HeaderValue::from_bytes(b"k\xe9y").expect("opaque bytes"),
        );
        assert!(given(&other).is_err());
    }

    #[test]
    fn what_is_no_bearer_token_is_refused() {
        for value in ["Basic abc", "Bearer", "Bearer ", "abc", "Bearer a b"] {
            assert!(
                given(&headers(&[("authorization", value)])).is_err(),
                "{value}"
            );
        }
    }

    #[test]
    fn two_credentials_that_differ_are_refused_and_two_that_agree_are_one() {
        let two = |second| {
            given(&headers(&[
                ("authorization", "Bearer abc"),
                ("x-api-key", second),
            ]))
            .is_ok()
        };
        assert!(two("abc"));
        assert!(!two("abd"));
        // Clients of Supabase name their project in `apikey` and their user in `Authorization`.
        let supabase = headers(&[("authorization", "Bearer user"), ("apikey", "anon")]);
        assert_eq!(given(&supabase), Ok(Some("user")));
    }

    #[test]
    fn a_cookie_counts_where_nothing_is_changed_or_the_page_is_ours() {
        let ours = ["https://ouro.example".to_owned()];
        let at = |method: Method, origin: Option<&'static str>| {
            let mut headers = headers(&[("cookie", "a=b; ouro_access=abc; c=d")]);
            if let Some(origin) = origin {
                headers.insert("origin", HeaderValue::from_static(origin));
            }
            cookie(&method, &headers, &ours).is_some()
        };
        assert!(at(Method::GET, None));
        assert!(at(Method::GET, Some("https://evil.example")));
        assert!(at(Method::POST, Some("https://ouro.example")));
        assert!(!at(Method::POST, None));
        assert!(!at(Method::POST, Some("https://ouro.example.evil")));
        assert!(!at(Method::DELETE, Some("null")));
        assert_eq!(
            cookie(
                &Method::GET,
                &headers(&[("cookie", "xouro_access=abc; ouro_accessx=abc")]),
                &ours
            ),
            None
        );
    }
}
