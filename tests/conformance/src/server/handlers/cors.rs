//! `preflight.py`: a resource of another origin, which asks for a preflight first.

use http::Response;
use serde_json::{Value, json};

use super::{add, reply};
use crate::server::asked::Asked;
use crate::server::{Body, Site};

pub fn preflight(site: &Site, asked: &Asked) -> Response<Body> {
    let token = asked.text("token");
    if asked.has("clear-stash") {
        let found = site
            .stash
            .take(asked.path(), &token.unwrap_or_default())
            .is_some();
        return with_origins(asked, reply(200, &[], if found { "1" } else { "0" }));
    }
    if asked.method == "OPTIONS" {
        return asked_before(site, asked, token.as_deref());
    }
    let stashed = token
        .as_deref()
        .and_then(|token| site.stash.take(asked.path(), token));
    let stashed =
        stashed.unwrap_or_else(|| json!({ "headers": "", "preflight": "0", "referrer": "" }));
    let text = |name: &str| {
        stashed[name]
            .as_str()
            .unwrap_or_default()
            .as_bytes()
            .to_vec()
    };
    let mut response = with_origins(asked, reply(200, &[("content-type", b"text/plain")], ""));
    add(&mut response, "x-did-preflight", &text("preflight"));
    if stashed["headers"].is_string() {
        add(&mut response, "x-control-request-headers", &text("headers"));
    }
    add(&mut response, "x-preflight-referrer", &text("referrer"));
    for (name, sent) in [("x-referrer", "referer"), ("x-origin", "origin")] {
        add(&mut response, name, &asked.header(sent).unwrap_or_default());
    }
    if let Some(token) = token {
        site.stash.put(asked.path(), &token, stashed);
    }
    response
}

fn asked_before(site: &Site, asked: &Asked, token: Option<&str>) -> Response<Body> {
    if asked.header("access-control-request-method").is_none() {
        return reply(400, &[], "No Access-Control-Request-Method header");
    }
    let status = asked.number("preflight_status", 200) as u16;
    let mut response = with_origins(asked, reply(status, &[("content-type", b"text/plain")], ""));
    for (parameter, name) in [
        ("max_age", "access-control-max-age"),
        ("allow_headers", "access-control-allow-headers"),
        ("allow_methods", "access-control-allow-methods"),
    ] {
        if let Some(value) = asked.first(parameter) {
            add(&mut response, name, value);
        }
    }
    let text = |name: &str| {
        let value = asked.header(name).unwrap_or_default();
        Value::from(String::from_utf8_lossy(&value).into_owned())
    };
    if let Some(token) = token {
        let seen = json!({
            "headers": text("access-control-request-headers"),
            "preflight": "1",
            "referrer": text("referer"),
        });
        site.stash.put(asked.path(), token, seen);
    }
    response
}

fn with_origins(asked: &Asked, mut response: Response<Body>) -> Response<Body> {
    let origins = asked.text("origin").unwrap_or_else(|| "*".into());
    for origin in origins.split(", ") {
        add(
            &mut response,
            "access-control-allow-origin",
            origin.as_bytes(),
        );
    }
    if asked.has("credentials") {
        add(&mut response, "access-control-allow-credentials", b"true");
    }
    response
}
