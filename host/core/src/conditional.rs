//! Preconditions and ranges of HTTP, for whoever answers from what is stored: `If-None-Match` (RFC 9110 13.1.2), `If-Range` (13.1.5) and single byte ranges (14.1.2).

use std::ops::Range;

use http::HeaderMap;
use http::header::{IF_NONE_MATCH, IF_RANGE, RANGE};

/// Does the client hold this representation already? Weak comparison, as RFC 9110 13.1.2 demands; `etag` is without the mark of a weak
/// one, and empty where there is none.
pub fn not_modified(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| {
            list.split(',').map(str::trim).any(|tag| {
                let is_ours = tag.strip_prefix("W/").unwrap_or(tag) == etag;
                tag == "*" || is_ours && !etag.is_empty()
            })
        })
}

/// What part of the file a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    Bytes(Range<u64>),
    /// 416: the range begins behind the end.
    Unsatisfiable,
}

/// Reads `Range` for a file of this size. What is malformed or of several ranges is ignored, as RFC 9110 14.2 allows.
pub fn part(headers: &HeaderMap, etag: &str, size: u64) -> Part {
    let Some(spec) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else {
        return Part::Whole;
    };
    // Strong comparison (RFC 9110 13.1.5): a weak tag, none, or a date never matches.
    let is_strong = etag.starts_with('"');
    if headers
        .get(IF_RANGE)
        .is_some_and(|value| !is_strong || value.as_bytes() != etag.as_bytes())
    {
        return Part::Whole;
    }
    parse(spec, size).unwrap_or(Part::Whole)
}

fn parse(spec: &str, size: u64) -> Option<Part> {
    let (unit, range) = spec.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let part = if first.is_empty() {
        let length = number(last)?.min(size);
        size - length..size
    } else {
        let first = number(first)?;
        let end = if last.is_empty() {
            size
        } else {
            number(last)?.checked_add(1)?
        };
        if end <= first && !last.is_empty() {
            return None;
        }
        first..end.min(size)
    };
    Some(if part.is_empty() {
        Part::Unsatisfiable
    } else {
        Part::Bytes(part)
    })
}

fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn range(spec: &'static str) -> Part {
        let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static(spec))]);
        part(&headers, "\"x\"", 10)
    }

    #[test]
    fn a_single_range_is_cut_to_the_file() {
        assert_eq!(range("bytes=0-0"), Part::Bytes(0..1));
        assert_eq!(range("bytes=2-"), Part::Bytes(2..10));
        assert_eq!(range("bytes=8-99"), Part::Bytes(8..10));
        assert_eq!(range("bytes=-3"), Part::Bytes(7..10));
        assert_eq!(range("bytes=-99"), Part::Bytes(0..10));
    }

    #[test]
    fn a_range_behind_the_end_cannot_be_satisfied() {
        assert_eq!(range("bytes=10-"), Part::Unsatisfiable);
        assert_eq!(range("bytes=-0"), Part::Unsatisfiable);
    }

    #[test]
    fn what_is_not_a_single_range_is_ignored() {
        for spec in [
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "lines=0-1",
            "bytes",
            "bytes=--1",
            "bytes=+1-2",
        ] {
            assert_eq!(range(spec), Part::Whole, "{spec}");
        }
    }

    #[test]
    fn if_range_with_another_tag_asks_for_the_whole() {
        let mut headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1"))]);
        headers.insert(IF_RANGE, HeaderValue::from_static("\"y\""));
        assert_eq!(part(&headers, "\"x\"", 10), Part::Whole);
        headers.insert(IF_RANGE, HeaderValue::from_static("\"x\""));
        assert_eq!(part(&headers, "\"x\"", 10), Part::Bytes(0..2));
        headers.insert(IF_RANGE, HeaderValue::from_static("W/\"x\""));
        assert_eq!(part(&headers, "W/\"x\"", 10), Part::Whole);
        headers.insert(IF_RANGE, HeaderValue::from_static(""));
        assert_eq!(part(&headers, "", 10), Part::Whole);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        for (value, expected) in [
            ("\"x\"", true),
            ("W/\"x\"", true),
            ("\"a\", \"x\"", true),
            ("*", true),
            ("\"a\"", false),
        ] {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))]);
            assert_eq!(not_modified(&headers, "\"x\""), expected, "{value}");
        }
        let none = HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(""))]);
        assert!(!not_modified(&none, ""), "there is no tag");
    }
}
