//! Patterns over the paths of requests, in the two forms that Cloudflare's static assets have.
//!
//! A [`PathPattern`], of `_headers` and `_redirects`, has placeholders (`:name`, something inside of one segment) and at most one splat
//! (`*`, anything). A segment holds one of them at most, so that there is one way to match and it takes linear time: a customer writes
//! the pattern, anyone the path. A glob, of `run_worker_first`, has any number of `*` and captures nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name under which a splat's text is captured.
const SPLAT: &str = "splat";

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    #[error("`{0}` has more than one `*`")]
    Splats(String),
    #[error("`{0}` has more than one of `:name` and `*` in one segment")]
    Segment(String),
    #[error("`{0}` begins neither with `/` nor with `https://`")]
    Begin(String),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern(String);

/// What placeholders and the splat stand for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Captures<'a>(Vec<(&'a str, &'a str)>);

impl PathPattern {
    /// # Errors
    /// See [`InvalidPattern`].
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidPattern> {
        let text = text.into();
        if !text.starts_with('/') && !text.starts_with("https://") {
            return Err(InvalidPattern::Begin(text));
        }
        if text.matches('*').count() > 1 {
            return Err(InvalidPattern::Splats(text));
        }
        let variables = |segment: &str| placeholders(segment) + usize::from(segment.contains('*'));
        if text.split('/').any(|segment| variables(segment) > 1) {
            return Err(InvalidPattern::Segment(text));
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does it match itself alone?
    pub fn is_literal(&self) -> bool {
        !self.0.contains('*') && self.0.split('/').all(|segment| placeholders(segment) == 0)
    }

    /// Matches a path, or `https://`, host and path where the pattern begins so.
    pub fn captures<'a>(&'a self, host: &str, path: &'a str) -> Option<Captures<'a>> {
        let mut captures = Captures::default();
        let pattern = match self.0.strip_prefix("https://") {
            None => self.0.as_str(),
            Some(rest) => {
                let (own_host, own_path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                if own_host != host {
                    return None;
                }
                own_path
            }
        };
        let matched = match pattern.split_once('*') {
            None => captures.segments(pattern, path),
            Some((before, after)) => captures.around_splat(before, after, path),
        };
        matched.then_some(captures)
    }
}

impl<'a> Captures<'a> {
    /// The text with what was captured in place of `:name`; `encode` says how that is written.
    pub fn fill(&self, text: &str, encode: impl Fn(&str) -> String) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next_placeholder(rest) {
            filled.push_str(before);
            match self.0.iter().find(|(other, _)| *other == name) {
                Some((_, value)) => filled.push_str(&encode(value)),
                None => {
                    filled.push(':');
                    filled.push_str(name);
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Pattern and path have the same number of segments, and each matches.
    fn segments(&mut self, pattern: &'a str, path: &'a str) -> bool {
        let mut path = path.split('/');
        let all = pattern
            .split('/')
            .all(|pattern| path.next().is_some_and(|text| self.segment(pattern, text)));
        all && path.next().is_none()
    }

    fn segment(&mut self, pattern: &'a str, text: &'a str) -> bool {
        let Some((before, name, after)) = next_placeholder(pattern) else {
            return pattern == text;
        };
        let value = text
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .filter(|value| !value.is_empty());
        self.0.extend(value.map(|value| (name, value)));
        value.is_some()
    }

    /// What stands before the splat matches the beginning, what stands after it the end. Both may end in a part of a segment, which
    /// has no placeholder.
    fn around_splat(&mut self, before: &'a str, after: &'a str, path: &'a str) -> bool {
        let (folders, begin) = before.rsplit_once('/').unwrap_or(("", before));
        let (end, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
        // Where a number of slashes ends the leading part, and where as many begin the last one.
        let slash = path.match_indices('/').nth(folders.matches('/').count());
        let Some((first, _)) = slash else {
            return false;
        };
        let last = match rest.matches('/').count() {
            0 => path.len(),
            count => match path.rmatch_indices('/').nth(count - 1) {
                Some((last, _)) => last,
                None => return false,
            },
        };
        let Some(middle) = path.get(first + 1..last) else {
            return false;
        };
        let splat = middle
            .strip_prefix(begin)
            .and_then(|middle| middle.strip_suffix(end));
        let Some(splat) = splat else {
            return false;
        };
        self.0.push((SPLAT, splat));
        self.segments(folders, &path[..first]) && self.segments(rest, &path[last..])
    }
}

/// Text before the first `:name`, the name, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut begin = 0;
    while let Some(colon) = text[begin..].find(':') {
        let colon = begin + colon;
        let rest = &text[colon + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some((&text[..colon], &rest[..length], &rest[length..]));
        }
        begin = colon + 1;
    }
    None
}

fn placeholders(mut segment: &str) -> usize {
    let mut count = 0;
    while let Some((_, _, after)) = next_placeholder(segment) {
        count += 1;
        segment = after;
    }
    count
}

/// Does a pattern with any number of `*` match the whole path? In the worst case it takes the product of both lengths.
pub fn glob_matches(pattern: &str, path: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(mut path) = path.strip_prefix(begin) else {
        return false;
    };
    // The first place where the text between two stars fits leaves most for what follows.
    let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in between.split('*') {
        match path.find(part) {
            Some(at) => path = &path[at + part.len()..],
            None => return false,
        }
    }
    path.ends_with(end)
}

impl TryFrom<String> for PathPattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, InvalidPattern> {
        Self::new(text)
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Captures as `name=value` with spaces between; `-` where nothing matches.
    fn captured(pattern: &str, path: &str) -> String {
        let pattern = PathPattern::new(pattern).expect("a pattern");
        match pattern.captures("shop.localhost", path) {
            None => "-".to_owned(),
            Some(captures) => {
                let pairs = captures
                    .0
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"));
                pairs.collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn a_placeholder_stands_for_one_segment_or_a_part_of_it() {
        for (pattern, path, expected) in [
            ("/a", "/a", ""),
            ("/a", "/a/", "-"),
            ("/blog/:slug", "/blog/one", "slug=one"),
            ("/blog/:slug", "/blog/", "-"),
            ("/blog/:slug", "/blog/one/two", "-"),
            ("/:year/:name.html", "/2026/a.html", "year=2026 name=a"),
            ("/v:major/x", "/v2/x", "major=2"),
            ("/at/10:30", "/at/10:30", ""),
        ] {
            assert_eq!(captured(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_splat_stands_for_anything() {
        for (pattern, path, expected) in [
            ("/*", "/", "splat="),
            ("/*", "/a/b", "splat=a/b"),
            ("/_app/*", "/_app", "-"),
            (
                "/_app/immutable/*",
                "/_app/immutable/a/b.js",
                "splat=a/b.js",
            ),
            ("/a*", "/abc/d", "splat=bc/d"),
            ("/*.js", "/a/b.js", "splat=a/b"),
            ("/*.js", "/a/b.css", "-"),
            ("/a/*/z", "/a/b/c/z", "splat=b/c"),
            ("/a/*/z", "/a/z", "-"),
            (
                "/:lang/*/:page",
                "/de/x/y/home",
                "splat=x/y lang=de page=home",
            ),
            ("/ab*ba", "/aba", "-"),
        ] {
            assert_eq!(captured(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_host_has_to_be_the_same() {
        assert_eq!(captured("https://shop.localhost/*", "/a"), "splat=a");
        assert_eq!(captured("https://other.localhost/*", "/a"), "-");
    }

    #[test]
    fn what_has_more_than_one_way_to_match_is_refused() {
        for pattern in ["/*/*", "/:a-:b", "/:a*", "blog/:slug", "http://a/b"] {
            assert!(PathPattern::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn captures_fill_a_text() {
        let pattern = PathPattern::new("/:year/*").expect("a pattern");
        let captures = pattern.captures("", "/2026/a/b").expect("a match");
        let filled = captures.fill("https://x:8080/:splat?y=:year&z=:other", str::to_owned);
        assert_eq!(filled, "https://x:8080/a/b?y=2026&z=:other");
    }

    #[test]
    fn a_glob_has_any_number_of_stars() {
        for (pattern, path, expected) in [
            ("/api/*", "/api/users", true),
            ("/api/*", "/api", false),
            ("/a", "/a", true),
            ("/*/edit/*", "/x/y/edit/z", true),
            ("/*/edit/*", "/edit/z", false),
            ("/a*b*c", "/a-b-b-c", true),
            ("/a*b*c", "/a-c-b", false),
            ("/ab*b", "/ab", false),
        ] {
            assert_eq!(glob_matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
