//! Handlers behind the tests of caches: they answer conditional requests and remember which ones came.

use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

use super::{add, reply};
use crate::server::asked::Asked;
use crate::server::{Body, Site};

/// `cache.py`: a resource with an entity tag or a date, as the query says; `querystate` asks which requests came.
pub fn cache(site: &Site, asked: &Asked) -> Response<Body> {
    let token = asked.text("token").unwrap_or_default();
    let state = site.stash.take(asked.path(), &token);
    if asked.has("querystate") {
        let state = state.unwrap_or(Value::Null).to_string();
        return reply(200, &[("content-type", b"text/plain")], state);
    }
    let mut seen = state
        .as_ref()
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    seen.push(observed(asked));
    site.stash.put(asked.path(), &token, Value::Array(seen));
    let content = asked.first("content").unwrap_or_default().to_vec();
    let mut response = reply(200, &[("content-type", b"text/plain")], content);
    let tag = asked.first("tag").map(|tag| [b"\"", tag, b"\""].concat());
    let date = asked.first("date").map(<[u8]>::to_vec);
    for (name, value) in [
        ("etag", tag.as_deref()),
        ("last-modified", date.as_deref().filter(|_| tag.is_none())),
        ("expires", asked.first("expires")),
        ("vary", asked.first("vary")),
        ("cache-control", asked.first("cache_control")),
        ("access-control-allow-origin", Some(&b"*"[..])),
    ] {
        if let Some(value) = value {
            add(&mut response, name, value);
        }
    }
    let sent = |name: &str| asked.header(name);
    if let Some(location) = asked.first("redirect") {
        add(&mut response, "location", location);
        *response.status_mut() = StatusCode::FOUND;
    } else if sent("if-none-match").is_some_and(|value| Some(value) == tag)
        || sent("if-modified-since").is_some_and(|value| Some(value) == date)
    {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = reply(304, &[], "").into_body();
    }
    response
}

/// The conditional and cache fields of the request.
fn observed(asked: &Asked) -> Value {
    let mut fields = Map::new();
    if !asked.has("ignore") {
        for name in [
            "If-None-Match",
            "If-Modified-Since",
            "Pragma",
            "Cache-Control",
        ] {
            if let Some(value) = asked.header(name) {
                let value = String::from_utf8_lossy(&value).into_owned();
                fields.insert(name.into(), value.into());
            }
        }
    }
    Value::Object(fields)
}

/// `vary.py`: a response with the `vary` that the query names, or a cookie.
pub fn vary(asked: &Asked) -> Response<Body> {
    const COOKIE: &str = "vary-value-override";
    if asked.has("clear-vary-value-override-cookie") {
        let cookie = format!("{COOKIE}=; Max-Age=0");
        return reply(
            200,
            &[("set-cookie", cookie.as_bytes())],
            "vary cookie cleared",
        );
    }
    if let Some(value) = asked.text("set-vary-value-override-cookie") {
        let cookie = format!("{COOKIE}={value}");
        return reply(200, &[("set-cookie", cookie.as_bytes())], "vary cookie set");
    }
    let cookies = asked.header("cookie").unwrap_or_default();
    let cookies = String::from_utf8_lossy(&cookies).into_owned();
    let mut cookies = cookies
        .split("; ")
        .filter_map(|cookie| cookie.split_once('='));
    let value = cookies
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.as_bytes().to_vec());
    let value = value.or_else(|| asked.first("vary").map(<[u8]>::to_vec));
    let mut response = reply(200, &[], "vary response");
    if let Some(Ok(value)) = value.map(|value| HeaderValue::from_bytes(&value)) {
        response.headers_mut().insert("vary", value);
    }
    response
}
