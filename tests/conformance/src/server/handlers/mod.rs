//! WPT's Python handlers in Rust, one file for what belongs together. They answer as the originals do for the `.any.js` tests.

mod cache;
mod cors;
mod echo;
mod event_source;
mod redirect;
mod slow;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::ext::ReasonPhrase;
use serde_json::Value;
use tokio::sync::mpsc;

use super::asked::Asked;
use super::{Body, Site, full};

/// None where no handler has this path.
pub async fn answer(site: &Arc<Site>, asked: &Asked) -> Option<Response<Body>> {
    Some(match asked.path() {
        "/fetch/api/resources/inspect-headers.py" => echo::inspect_headers(asked),
        "/fetch/api/resources/method.py" => echo::method(asked),
        "/fetch/api/resources/echo-content.py" => echo::content(asked),
        "/fetch/api/resources/dump-authorization-header.py" => echo::authorization(asked),
        "/xhr/resources/echo-headers.py" => echo::headers(asked),
        "/fetch/api/resources/status.py" => status(asked),
        "/fetch/api/resources/authentication.py" => authentication(asked),
        "/fetch/api/resources/redirect.py" => redirect::redirect(site, asked).await,
        "/fetch/api/resources/redirect-empty-location.py" => reply(302, &[("location", b"")], ""),
        "/fetch/api/resources/preflight.py" => cors::preflight(site, asked),
        "/fetch/api/resources/clean-stash.py" => clean_stash(site, asked),
        "/fetch/api/resources/stash-put.py" => stash_put(site, asked),
        "/fetch/api/resources/stash-take.py" => stash_take(site, asked),
        "/fetch/api/resources/trickle.py" => slow::trickle(asked).await,
        "/fetch/api/resources/infinite-slow-response.py" => slow::infinite(site, asked),
        "/fetch/api/resources/huge-response.py" => slow::huge(),
        "/fetch/api/request/resources/cache.py" => cache::cache(site, asked),
        "/fetch/content-encoding/gzip/resources/bad-gzip-body.py" => {
            reply(200, &[("content-encoding", b"gzip")], "not actually gzip")
        }
        "/fetch/connection-pool/resources/network-partition-key.py" => times(site, asked),
        "/service-workers/cache-storage/resources/vary.py" => cache::vary(asked),
        "/service-workers/cache-storage/resources/fetch-status.py" => {
            reply(asked.number("status", 200) as u16, &[], "")
        }
        _ => return event_source::answer(asked).await,
    })
}

/// A response with these fields; what cannot be a field is left out.
pub fn reply(status: u16, headers: &[(&str, &[u8])], body: impl Into<Bytes>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = full(status, body);
    for (name, value) in headers {
        add(&mut response, name, value);
    }
    response
}

pub fn add(response: &mut Response<Body>, name: &str, value: &[u8]) {
    let name = HeaderName::from_bytes(name.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
        response.headers_mut().append(name, value);
    }
}

/// The response may be read from another origin. Only browsers ask.
pub fn allow_origin(response: &mut Response<Body>, asked: &Asked) {
    match asked.header("origin") {
        Some(origin) => {
            add(response, "access-control-allow-origin", &origin);
            add(response, "access-control-allow-credentials", b"true");
        }
        None => add(response, "access-control-allow-origin", b"*"),
    }
}

/// A body that `write` sends piece by piece. A receiver that is gone ends the sending.
pub fn chunked<F: Future<Output = ()> + Send + 'static>(
    write: impl FnOnce(mpsc::Sender<std::io::Result<Bytes>>) -> F,
) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(write(sender));
    let frames = stream::unfold(receiver, |mut receiver| async {
        let chunk = receiver.recv().await?;
        Some((chunk.map(Frame::data), receiver))
    });
    BodyExt::boxed(StreamBody::new(frames))
}

fn status(asked: &Asked) -> Response<Body> {
    let headers = [
        ("content-type", asked.first("type").unwrap_or_default()),
        ("x-request-method", asked.method.as_str().as_bytes()),
    ];
    let content = asked.first("content").unwrap_or_default().to_vec();
    let mut response = reply(asked.number("code", 200) as u16, &headers, content);
    let text = asked.first("text").unwrap_or(b"OMG");
    if let Ok(reason) = ReasonPhrase::try_from(text) {
        response.extensions_mut().insert(reason);
    }
    response
}

fn authentication(asked: &Asked) -> Response<Body> {
    // `user:password`
    if asked.header("authorization").as_deref() == Some(b"Basic dXNlcjpwYXNzd29yZA==") {
        return reply(200, &[], "Authentication done");
    }
    let realm = asked.text("realm").unwrap_or_else(|| "test".into());
    let challenge = format!("Basic realm=\"{realm}\"");
    let text = "Please login with credentials 'user' and 'password'";
    reply(401, &[("www-authenticate", challenge.as_bytes())], text)
}

/// How often this was asked for, each time on a connection of its own, which is all that is asked of `network-partition-key.py` here.
fn times(site: &Site, asked: &Asked) -> Response<Body> {
    let token = asked.text("uuid").unwrap_or_default();
    let before = site.stash.take(asked.path(), &token);
    let times = before.as_ref().and_then(Value::as_u64).unwrap_or(0) + 1;
    site.stash.put(asked.path(), &token, Value::from(times));
    let text = format!("ok. Request was sent {times} times. {times} connections were created.");
    reply(asked.number("status", 200) as u16, &[], text)
}

fn clean_stash(site: &Site, asked: &Asked) -> Response<Body> {
    let token = asked.text("token").unwrap_or_default();
    let found = site.stash.take(asked.path(), &token).is_some();
    reply(200, &[], if found { "1" } else { "0" })
}

fn stash_put(site: &Site, asked: &Asked) -> Response<Body> {
    let (key, value) = (asked.text("key"), asked.text("value"));
    if let (Some(key), Some(value)) = (key, value) {
        site.stash.put(asked.folder(), &key, Value::String(value));
    }
    reply(200, &[("access-control-allow-origin", b"*")], "done")
}

fn stash_take(site: &Site, asked: &Asked) -> Response<Body> {
    let key = asked.text("key").unwrap_or_default();
    let value = site.stash.take(asked.folder(), &key).unwrap_or(Value::Null);
    let headers: [(&str, &[u8]); 2] = [
        ("access-control-allow-origin", b"*"),
        ("content-type", b"application/json"),
    ];
    reply(200, &headers, value.to_string())
}
