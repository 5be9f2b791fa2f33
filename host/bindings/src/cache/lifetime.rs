//! What may be stored, and how long it is fresh: RFC 9111 for a shared cache, with Cloudflare's defaults where the response says nothing.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, SET_COOKIE, VARY};

/// Longer is no use in memory: a year.
const SECONDS_MAX: u64 = 31_536_000;

/// The lifetime of a response; `None` where its headers keep it out of caches. What must not be stored of it is taken out of the headers.
///
/// # Errors
/// What the Cache API refuses, with Cloudflare's text.
pub fn of(
    status: u16,
    headers: &mut HeaderMap,
    now_ms: u64,
) -> Result<Option<Duration>, &'static str> {
    if status == 206 {
        return Err("Cannot cache response to a range request (206 Partial Content).");
    }
    let varies = headers.get_all(VARY).iter();
    if varies
        .into_iter()
        .any(|value| value.as_bytes().contains(&b'*'))
    {
        return Err("Cannot cache response with 'Vary: *' header.");
    }
    // An answer to a condition is not the resource.
    if status == 304 {
        return Ok(None);
    }
    let directives = directives(headers);
    let find = |name: &str| {
        let found = directives.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    match find("private") {
        Some(fields) if fields.eq_ignore_ascii_case("set-cookie") => {
            headers.remove(SET_COOKIE);
        }
        Some(_) => return Ok(None),
        None => {}
    }
    if headers.contains_key(SET_COOKIE) || find("no-store").is_some() || find("no-cache").is_some()
    {
        return Ok(None);
    }
    let seconds = find("s-maxage").or_else(|| find("max-age"));
    let lifetime = match seconds {
        // RFC 9111 4.2.1: what is not a number is stale.
        Some(seconds) => Duration::from_secs(seconds.parse().unwrap_or(0).min(SECONDS_MAX)),
        None => expires(headers, now_ms).unwrap_or_else(|| default(status)),
    };
    // RFC 9111 4.2: another cache has used a part of it.
    let left = lifetime.saturating_sub(Duration::from_secs(age(headers)));
    Ok((!left.is_zero()).then_some(left))
}

/// How old the response was when it came, in seconds (RFC 9111 5.1).
pub fn age(headers: &HeaderMap) -> u64 {
    let value = headers.get(AGE).and_then(|value| value.to_str().ok());
    value.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The directives of `Cache-Control` with their arguments, in lower case and without quotes.
fn directives(headers: &HeaderMap) -> Vec<(String, String)> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts
        .flat_map(|text| text.split(','))
        .map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"');
            (name.trim().to_ascii_lowercase(), value.to_owned())
        })
        .collect()
}

/// RFC 9111 5.3: an invalid date is in the past.
fn expires(headers: &HeaderMap, now_ms: u64) -> Option<Duration> {
    let at = headers.get(EXPIRES)?.to_str().ok();
    let Some(at) = at.and_then(|text| httpdate::parse_http_date(text).ok()) else {
        return Some(Duration::ZERO);
    };
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let begin = date
        .and_then(|text| httpdate::parse_http_date(text).ok())
        .unwrap_or(UNIX_EPOCH + Duration::from_millis(now_ms));
    let lifetime = at.duration_since(begin).unwrap_or_default();
    Some(lifetime.min(Duration::from_secs(SECONDS_MAX)))
}

/// What Cloudflare's edge takes where a response says nothing of its age.
fn default(status: u16) -> Duration {
    Duration::from_secs(match status {
        200 | 301 => 7_200,
        302 | 303 => 1_200,
        404 | 410 => 180,
        403 => 60,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// Sat, 21 Nov 2026 00:00:00 GMT.
    const NOW_MS: u64 = 1_795_219_200_000;

    fn lifetime(status: u16, fields: &[(&'static str, &'static str)]) -> Option<u64> {
        let fields = fields.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value);
        }
        let lifetime = of(status, &mut headers, NOW_MS).expect("not refused");
        lifetime.map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn the_response_says_how_long_it_is_fresh() {
        assert_eq!(lifetime(200, &[("cache-control", "max-age=60")]), Some(60));
        let shared = [("cache-control", "public, max-age=60, S-MaxAge=\"10\"")];
        assert_eq!(lifetime(200, &shared), Some(10));
        let expires = [("expires", "Sat, 21 Nov 2026 00:01:00 GMT")];
        assert_eq!(lifetime(200, &expires), Some(60));
        let both = [
            ("expires", "Sat, 21 Nov 2026 00:01:00 GMT"),
            ("cache-control", "max-age=5"),
        ];
        assert_eq!(lifetime(200, &both), Some(5));
        assert_eq!(lifetime(500, &[("cache-control", "max-age=60")]), Some(60));
    }

    #[test]
    fn the_age_of_a_response_is_a_part_of_its_lifetime() {
        let aged = |age| lifetime(200, &[("cache-control", "max-age=60"), ("age", age)]);
        assert_eq!(aged("40"), Some(20));
        assert_eq!(aged("60"), None);
        assert_eq!(aged("x"), Some(60));
    }

    #[test]
    fn without_a_word_the_status_decides() {
        assert_eq!(lifetime(200, &[]), Some(7_200));
        assert_eq!(lifetime(404, &[]), Some(180));
        assert_eq!(lifetime(500, &[]), None);
    }

    #[test]
    fn what_is_private_or_stale_is_not_stored() {
        for directive in [
            "no-store",
            "private",
            "no-cache",
            "max-age=0",
            "max-age=x",
            "private=\"x-a\"",
        ] {
            assert_eq!(
                lifetime(200, &[("cache-control", directive)]),
                None,
                "{directive}"
            );
        }
        assert_eq!(lifetime(200, &[("expires", "0")]), None);
        assert_eq!(lifetime(200, &[("set-cookie", "a=b")]), None);
        assert_eq!(lifetime(304, &[]), None);
    }

    #[test]
    fn cookies_are_left_out_where_the_response_allows_it() {
        let mut headers = HeaderMap::new();
        headers.insert(SET_COOKIE, HeaderValue::from_static("a=b"));
        let control = HeaderValue::from_static("private=Set-Cookie, max-age=9");
        headers.insert(CACHE_CONTROL, control);
        assert_eq!(
            of(200, &mut headers, NOW_MS),
            Ok(Some(Duration::from_secs(9)))
        );
        assert!(!headers.contains_key(SET_COOKIE));
    }

    #[test]
    fn parts_and_what_varies_by_everything_are_refused() {
        assert!(of(206, &mut HeaderMap::new(), NOW_MS).is_err());
        let vary = HeaderValue::from_static("*");
        assert!(of(200, &mut HeaderMap::from_iter([(VARY, vary)]), NOW_MS).is_err());
    }
}
