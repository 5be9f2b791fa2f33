//! Handlers that no HTTP request reaches, run by one nevertheless: what wrangler offers for development, at the same paths.
//!
//! - `/__scheduled?cron=…&time=…` and `/cdn-cgi/handler/scheduled`
//! - `POST /cdn-cgi/handler/queue?queue=…` with `{ "messages": [{ "id", "timestamp", "attempts", "body" }] }`
//! - `POST /cdn-cgi/handler/email?from=…&to=…` with the message (RFC 5322)
//! - `POST /cdn-cgi/handler/tail` with an array of trace items
//!
//! Answers are JSON with the outcome as the host gets it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use ouro_core::Trigger;
use ouro_core::id::ExecutionId;
use ouro_runtime::{
    Batch, Email, Event, EventInvocation, EventOutcome, LoadedWorker, MessageBody, QueueMessage,
    QueueOutcome, Ran, Scheduled,
};
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::body::GatewayBody;
use crate::service::log_unrecorded;

/// As large as an email that Cloudflare takes.
const BODY_BYTES_MAX: usize = 25 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handler {
    Scheduled,
    Queue,
    Email,
    Tail,
}

pub(crate) fn asked_for(path: &str) -> Option<Handler> {
    match path {
        "/__scheduled" | "/cdn-cgi/handler/scheduled" => Some(Handler::Scheduled),
        "/cdn-cgi/handler/queue" => Some(Handler::Queue),
        "/cdn-cgi/handler/email" => Some(Handler::Email),
        "/cdn-cgi/handler/tail" => Some(Handler::Tail),
        _ => None,
    }
}

pub(crate) async fn run(
    handler: Handler,
    worker: &Arc<LoadedWorker>,
    request: Request<Incoming>,
    id: ExecutionId,
    received: Instant,
) -> Response<GatewayBody> {
    let (head, body) = request.into_parts();
    let query = Query(head.uri.query().unwrap_or_default());
    let event = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => event(handler, &query, &body.to_bytes()),
        Err(error) => Err(error.to_string()),
    };
    let event = match event {
        Ok(event) => event,
        Err(text) => {
            return Answer::new(StatusCode::BAD_REQUEST, "bad_event", &text).response(id.as_str());
        }
    };
    let invocation = EventInvocation {
        event,
        id: id.clone(),
        trigger: match handler {
            Handler::Scheduled => Trigger::Cron,
            Handler::Queue => Trigger::Queue,
            Handler::Email => Trigger::Email,
            Handler::Tail => Trigger::Tail,
        },
        received,
    };
    match worker.run(invocation).await {
        Ok(ran) => outcome(worker, &id, ran),
        Err(error) => answer::failed(&error.into(), id.as_str()),
    }
}

struct Query<'a>(&'a str);

impl Query<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut pairs = url::form_urlencoded::parse(self.0.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

fn event(handler: Handler, query: &Query<'_>, body: &Bytes) -> Result<Event, String> {
    let text = || std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned());
    let needed = |name: &str| {
        let value = query.get(name).map(Cow::into_owned);
        value.ok_or_else(|| format!("the parameter `{name}` is missing"))
    };
    Ok(match handler {
        Handler::Scheduled => Event::Scheduled(Scheduled {
            time_ms: match query.get("time") {
                Some(time) => time
                    .parse()
                    .map_err(|_| format!("`time` is `{time}`: expected Unix milliseconds"))?,
                None => now_ms(),
            },
            cron: query.get("cron").map(Cow::into_owned).unwrap_or_default(),
        }),
        Handler::Queue => Event::Queue(Batch {
            queue: needed("queue")?,
            messages: messages(text()?)?,
        }),
        Handler::Email => Event::Email(Email {
            from: needed("from")?,
            to: needed("to")?,
            raw: body.to_vec(),
        }),
        Handler::Tail => Event::Tail(match serde_json::from_str(text()?) {
            Ok(Value::Array(items)) => Value::Array(items).to_string(),
            _ => return Err("expected a JSON array of trace items".to_owned()),
        }),
    })
}

fn messages(text: &str) -> Result<Vec<QueueMessage>, String> {
    let batch: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let messages = batch["messages"].as_array();
    let messages = messages.ok_or("expected `{ \"messages\": [ … ] }`")?;
    let message = |(index, message): (usize, &Value)| QueueMessage {
        id: match message["id"].as_str() {
            Some(id) => id.to_owned(),
            None => format!("message-{index}"),
        },
        timestamp_ms: message["timestamp"].as_u64().unwrap_or_else(now_ms),
        attempts: message["attempts"]
            .as_u64()
            .and_then(|attempts| u32::try_from(attempts).ok())
            .unwrap_or(1),
        body: MessageBody::Json(message["body"].to_string()),
    };
    Ok(messages.iter().enumerate().map(message).collect())
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

fn outcome(worker: &LoadedWorker, id: &ExecutionId, ran: Ran) -> Response<GatewayBody> {
    let mut body = ran.outcome.map_or_else(|| json!({}), describe);
    let status = match ran.error {
        Some(error) => {
            log_unrecorded(worker, id, &error);
            body["outcome"] = json!("exception");
            body["error"] = json!(error.to_string());
            error.status_code()
        }
        None => {
            body["outcome"] = json!("ok");
            200
        }
    };
    let mut response = Response::new(GatewayBody::full(Bytes::from(body.to_string())));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// With Cloudflare's names.
fn describe(outcome: EventOutcome) -> Value {
    match outcome {
        EventOutcome::Scheduled(scheduled) => json!({ "noRetry": scheduled.no_retry }),
        EventOutcome::Queue(queue) => describe_queue(&queue),
        EventOutcome::Email(email) => json!({
            "reject": email.reject,
            "forwards": email.forwards.iter().map(|forward| json!({
                "to": forward.to, "headers": String::from_utf8_lossy(&forward.headers),
            })).collect::<Vec<_>>(),
            "replies": email.replies.iter().map(|reply| json!({
                "from": reply.from, "to": reply.to, "raw": String::from_utf8_lossy(&reply.raw),
            })).collect::<Vec<_>>(),
        }),
        EventOutcome::Tail => json!({}),
    }
}

fn describe_queue(queue: &QueueOutcome) -> Value {
    let retries = queue
        .retries
        .iter()
        .map(|retry| json!({ "message": retry.message, "delaySeconds": retry.delay_seconds }));
    json!({
        "ackAll": queue.ack_all,
        "retryBatch": { "retry": queue.retry_all, "delaySeconds": queue.retry_all_delay_seconds },
        "explicitAcks": queue.acks,
        "retryMessages": retries.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_with_what_is_given() {
        let text = r#"{"messages": [{"id": "a", "attempts": 3, "body": {"x": 1}}, {"body": "b"}]}"#;
        let read = messages(text).expect("valid");
        assert_eq!((read[0].id.as_str(), read[0].attempts), ("a", 3));
        assert!(matches!(&read[0].body, MessageBody::Json(json) if json == "{\"x\":1}"));
        assert_eq!((read[1].id.as_str(), read[1].attempts), ("message-1", 1));
        assert!(messages("[]").is_err());
    }

    #[test]
    fn parameters_that_an_event_needs_are_named() {
        let missing = event(Handler::Email, &Query("from=a"), &Bytes::new());
        assert!(missing.expect_err("no `to`").contains("`to`"));
        let Ok(Event::Scheduled(scheduled)) = event(
            Handler::Scheduled,
            &Query("cron=*+*&time=12"),
            &Bytes::new(),
        ) else {
            panic!("a scheduled event");
        };
        assert_eq!((scheduled.cron.as_str(), scheduled.time_ms), ("* *", 12));
    }
}
