//! `eventsource/resources`: streams of events as the request asks for them.

use std::time::Duration;

use http::{HeaderValue, Response};

use super::super::Body;
use super::super::asked::Asked;
use super::reply;

const EVENT_STREAM: &[u8] = b"text/event-stream";

/// None for a path that is none of theirs.
pub async fn answer(asked: &Asked) -> Option<Response<Body>> {
    Some(
        match asked.path().strip_prefix("/eventsource/resources/")? {
            "message.py" => message(asked).await,
            "last-event-id.py" => last_event_id(asked),
            "last-event-id2.py" => last_event_id2(asked),
            "accept.event_stream" => echo(asked, "accept"),
            "cache-control.event_stream" => echo(asked, "cache-control"),
            "cors.py" => cors(asked).await?,
            _ => return None,
        },
    )
}

fn events(text: impl Into<Vec<u8>>) -> Response<Body> {
    reply(200, &[("content-type", EVENT_STREAM)], text.into())
}

async fn message(asked: &Asked) -> Response<Body> {
    let mut body = asked.first("message").unwrap_or(b"data: data").to_vec();
    if asked.first("newline") != Some(b"none") {
        body.extend_from_slice(b"\n\n");
    }
    body.push(b'\n');
    tokio::time::sleep(Duration::from_millis(asked.number("sleep", 0))).await;
    let kind = asked.first("mime").unwrap_or(EVENT_STREAM);
    reply(200, &[("content-type", kind)], body)
}

fn last_event_id(asked: &Asked) -> Response<Body> {
    let id = asked
        .headers
        .get("last-event-id")
        .map(HeaderValue::as_bytes);
    events(match id {
        Some(id) if !id.is_empty() => [b"data: ", id, b"\n\n"].concat(),
        _ => {
            let id = asked.first("idvalue").unwrap_or("…".as_bytes());
            [b"id: ", id, b"\nretry: 200\ndata: hello\n\n"].concat()
        }
    })
}

fn last_event_id2(asked: &Asked) -> Response<Body> {
    events(match asked.number("type", 1) {
        1 => "id: 1\ndata: 1\n\ndata: 2\n\nid: 2\ndata:3\n\ndata:4\n\n",
        2 => "id: 1\ndata: 1\n\nid:\ndata:2\n\ndata:3\n\n",
        3 => "id: 1\ndata: 1\n\nid\ndata:2\n\ndata:3\n\n",
        _ => "data: invalid_test\n\n",
    })
}

/// What wptserve's pipe `sub` makes of these files.
fn echo(asked: &Asked, name: &str) -> Response<Body> {
    let value = asked.headers.get(name).map(HeaderValue::as_bytes);
    events([b"data: ", value.unwrap_or_default(), b"\n\n"].concat())
}

async fn cors(asked: &Asked) -> Option<Response<Body>> {
    match asked.first("run")? {
        b"message" => Some(message(asked).await),
        b"cache-control" => Some(echo(asked, "cache-control")),
        _ => None,
    }
}
