//! `redirect.py`: a redirect as the query describes it, counted under a token.

use std::time::Duration;

use http::Response;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{add, allow_origin, reply};
use crate::server::asked::{Asked, escape};
use crate::server::{Body, Site};

pub async fn redirect(site: &Site, asked: &Asked) -> Response<Body> {
    let token = asked.text("token");
    let stashed = token
        .as_deref()
        .and_then(|token| site.stash.take(asked.path(), token));
    let count = stashed
        .as_ref()
        .and_then(|value| value["count"].as_u64())
        .unwrap_or(0)
        + 1;
    let mut response = reply(
        asked.number("redirect_status", 302) as u16,
        &[
            ("content-type", b"text/plain"),
            ("cache-control", b"no-cache"),
            ("pragma", b"no-cache"),
        ],
        "",
    );
    allow_origin(&mut response, asked);
    if let Some(location) = asked.first("location") {
        add(&mut response, "location", &target(asked, location, count));
    }
    if let Some(policy) = asked.first("redirect_referrerpolicy") {
        add(&mut response, "referrer-policy", policy);
    }
    sleep(Duration::from_millis(asked.number("delay", 0))).await;
    if let Some(token) = token {
        site.stash.put(
            asked.path(),
            &token,
            json!({ "count": count, "preflight": Value::from("0") }),
        );
        if asked.has("max_count") && count > asked.number("max_count", 0) {
            // The last is no redirection.
            return reply(200, &[], (count - 1).to_string());
        }
    }
    response
}

/// The location goes on with the parameters of this request, and changes in a loop.
fn target(asked: &Asked, location: &[u8], count: u64) -> Vec<u8> {
    let mut target = location.to_vec();
    let scheme_end = location.iter().position(|byte| *byte == b':');
    let scheme = scheme_end.map(|end| &location[..end]).filter(|scheme| {
        let letters = scheme.first().is_some_and(u8::is_ascii_alphabetic);
        letters
            && scheme
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
    });
    if asked.has("simple") || !matches!(scheme, None | Some(b"http" | b"https")) {
        return target;
    }
    target.push(if location.contains(&b'?') { b'&' } else { b'?' });
    for (name, value) in asked.pairs() {
        target.extend(format!("{}={}&", escape(name), escape(value)).bytes());
    }
    target.extend(format!("count={count}").bytes());
    target
}
