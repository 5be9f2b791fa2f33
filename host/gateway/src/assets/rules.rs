//! The rules of `_headers` and `_redirects`, as Cloudflare documents them. They hold for what the assets answer, never for the worker's
//! own responses.

use std::borrow::Cow;

use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ouro_core::path_pattern::Captures;
use ouro_core::version::{AssetsConfig, Redirect};

use super::{AssetResponse, empty, insert};

/// Fields that say how the answer is delimited: no rule may change them.
const FRAMING: [HeaderName; 4] = [CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, TRANSFER_ENCODING];

/// Where a path leads before anybody looks for a file.
pub enum Redirected {
    /// The client is sent elsewhere.
    Away(AssetResponse),
    /// The answer is what is at this path, not decoded.
    Inside(String),
}

pub fn redirect(assets: &AssetsConfig, path: &str, query: Option<&str>) -> Option<Redirected> {
    let redirects = &assets.redirects;
    let (redirect, captures) = match redirects.of_paths.get(path) {
        Some(redirect) => (redirect, Captures::default()),
        None => redirects
            .of_patterns
            .iter()
            .find_map(|redirect| Some((redirect, redirect.from.captures("", path)?)))?,
    };
    Some(follow(redirect, &captures, query))
}

fn follow(redirect: &Redirect, captures: &Captures<'_>, query: Option<&str>) -> Redirected {
    // A browser reads `\` as `/`: `/\host` would lead to another host.
    let to = captures.fill(&redirect.to, |value| value.replace('\\', "%5C"));
    let (to, fragment) = split_before(&to, '#');
    let (path, own_query) = split_before(to, '?');
    // So does `//host`, which a splat can bring about.
    let path = if path.starts_with('/') {
        with_single_slashes(path)
    } else {
        path.into()
    };
    if redirect.status == 200 {
        return Redirected::Inside(path.into_owned());
    }
    let mut location = path.into_owned();
    match query {
        Some(query) if own_query.is_empty() => location.extend(["?", query]),
        _ => location.push_str(own_query),
    }
    location.push_str(fragment);
    let status = StatusCode::from_u16(redirect.status).unwrap_or(StatusCode::FOUND);
    let mut response = empty(status);
    insert(response.headers_mut(), LOCATION, &location);
    Redirected::Away(response)
}

/// The second part begins with the character, or is empty.
fn split_before(text: &str, character: char) -> (&str, &str) {
    text.split_at(text.find(character).unwrap_or(text.len()))
}

fn with_single_slashes(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return path.into();
    }
    let mut last = None;
    let mut repeats = |c| last.replace(c) == Some('/') && c == '/';
    path.chars().filter(|c| !repeats(*c)).collect()
}

/// Applies all rules whose pattern matches. A field that two of them set has both values.
pub fn apply(assets: &AssetsConfig, host: &str, path: &str, fields: &mut HeaderMap) {
    let mut set_before: Vec<HeaderName> = Vec::new();
    for rule in &assets.headers {
        let Some(captures) = rule.path.captures(host, path) else {
            continue;
        };
        for name in rule.unset.iter().filter_map(|name| changeable(name)) {
            fields.remove(name);
        }
        for (name, value) in &rule.set {
            let value = HeaderValue::from_str(&captures.fill(value, str::to_owned));
            let (Some(name), Ok(value)) = (changeable(name), value) else {
                continue;
            };
            if set_before.contains(&name) {
                fields.append(name, value);
            } else {
                fields.insert(&name, value);
                set_before.push(name);
            }
        }
    }
}

fn changeable(name: &str) -> Option<HeaderName> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    (!FRAMING.contains(&name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use http::header::CACHE_CONTROL;
    use serde_json::json;

    use super::*;

    fn assets(config: serde_json::Value) -> AssetsConfig {
        serde_json::from_value(config).expect("a configuration")
    }

    /// `status location`, `inside path` or `-`.
    fn led(assets: &AssetsConfig, path: &str, query: Option<&str>) -> String {
        match redirect(assets, path, query) {
            None => "-".to_owned(),
            Some(Redirected::Inside(path)) => format!("inside {path}"),
            Some(Redirected::Away(response)) => {
                let location = response.headers()[LOCATION].to_str().expect("text");
                format!("{} {location}", response.status().as_u16())
            }
        }
    }

    #[test]
    fn redirects_carry_what_was_captured_and_the_query() {
        let assets = assets(json!({ "redirects": [
            { "from": "/old", "to": "/new#top", "status": 301 },
            { "from": "/search", "to": "/find?all=1", "status": 302 },
            { "from": "/blog/*", "to": "https://blog.example/:splat", "status": 308 },
            { "from": "/app/:page", "to": "/pages/:page", "status": 200 },
            { "from": "/go/*", "to": "/:splat", "status": 302 },
        ] }));
        for (path, query, expected) in [
            ("/old", None, "301 /new#top"),
            ("/old", Some("a=b"), "301 /new?a=b#top"),
            ("/search", Some("a=b"), "302 /find?all=1"),
            (
                "/blog/2026/a",
                Some("a"),
                "308 https://blog.example/2026/a?a",
            ),
            ("/app/home", None, "inside /pages/home"),
            ("/app", None, "-"),
            // Neither is another host.
            ("/go//evil.example", None, "302 /evil.example"),
            ("/go/\\evil.example", None, "302 /%5Cevil.example"),
        ] {
            assert_eq!(led(&assets, path, query), expected, "{path}");
        }
    }

    #[test]
    fn header_rules_take_away_then_set_and_a_second_value_is_added() {
        let assets = assets(json!({ "headers": [
            { "path": "/_app/*", "set": { "x-robots-tag": "noindex", "cache-control": "no-cache" } },
            { "path": "/_app/immutable/*", "unset": ["cache-control"], "set": { "cache-control": "immutable", "x-file": "at :splat" } },
            { "path": "/*", "set": { "x-robots-tag": "nofollow", "content-length": "1" } },
        ] }));
        let mut fields = HeaderMap::new();
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        apply(&assets, "", "/_app/immutable/a.js", &mut fields);
        assert_eq!(
            fields.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(),
            ["immutable"]
        );
        assert_eq!(fields["x-file"], "at a.js");
        let robots: Vec<_> = fields.get_all("x-robots-tag").iter().collect();
        assert_eq!(robots, ["noindex", "nofollow"]);
        assert!(!fields.contains_key(CONTENT_LENGTH));
    }

    #[test]
    fn a_rule_of_another_host_does_not_count() {
        let assets = assets(json!({ "headers": [
            { "path": "https://a.localhost/*", "set": { "x-a": "1" } },
        ] }));
        let mut fields = HeaderMap::new();
        apply(&assets, "b.localhost", "/", &mut fields);
        assert!(fields.is_empty());
        apply(&assets, "a.localhost", "/", &mut fields);
        assert_eq!(fields["x-a"], "1");
    }
}
