//! Handlers that tell what they were asked.

use http::Response;

use super::{add, allow_origin, reply};
use crate::server::Body;
use crate::server::asked::Asked;

/// `?headers=a|b`: each named field that came goes back as `x-request-…`.
pub fn inspect_headers(asked: &Asked) -> Response<Body> {
    let mut response = reply(200, &[("content-type", b"text/plain")], "");
    let names = asked.text("headers").unwrap_or_default();
    for name in names.split('|') {
        if let Some(value) = asked.header(name) {
            add(&mut response, &format!("x-request-{name}"), &value);
        }
    }
    if asked.has("cors") {
        allow_origin(&mut response, asked);
        let exposed: Vec<String> = names
            .split('|')
            .map(|name| format!("x-request-{name}"))
            .collect();
        add(
            &mut response,
            "access-control-expose-headers",
            exposed.join(", ").as_bytes(),
        );
    }
    response
}

pub fn method(asked: &Asked) -> Response<Body> {
    let mut response = reply(200, &[], asked.body.clone());
    add(
        &mut response,
        "x-request-method",
        asked.method.as_str().as_bytes(),
    );
    for name in [
        "content-type",
        "content-length",
        "content-encoding",
        "content-language",
        "content-location",
    ] {
        let value = asked.header(name).unwrap_or_else(|| b"NO".to_vec());
        add(&mut response, &format!("x-request-{name}"), &value);
    }
    response
}

pub fn content(asked: &Asked) -> Response<Body> {
    let mut response = reply(200, &[("content-type", b"text/plain")], asked.body.clone());
    add(
        &mut response,
        "x-request-method",
        asked.method.as_str().as_bytes(),
    );
    for name in ["content-type", "content-length"] {
        let value = asked.header(name).unwrap_or_else(|| b"NO".to_vec());
        add(&mut response, &format!("x-request-{name}"), &value);
    }
    response
}

pub fn authorization(asked: &Asked) -> Response<Body> {
    let value = asked
        .header("authorization")
        .unwrap_or_else(|| b"none".to_vec());
    let mut response = reply(200, &[("content-type", b"text/html")], value);
    allow_origin(&mut response, asked);
    response
}

pub fn headers(asked: &Asked) -> Response<Body> {
    let lines = asked
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    reply(
        200,
        &[("content-type", b"text/plain")],
        lines.collect::<String>(),
    )
}
