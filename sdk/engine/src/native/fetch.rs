//! Outbound HTTP by `wasi:http/outgoing-handler`. Redirects, bodies of other kinds and the Fetch classes are the prelude's.

use std::cell::Cell;
use std::rc::Rc;

use super::{headers, run_time_only};
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, Scheme,
};
use crate::body::{self, InputBody, Source};
use crate::event_loop::{self, WaitId};
use crate::http::{self, field_lines};
use crate::js::{
    Array, Ctx, Deferred, Error, Exception, Func, Function, Object, Result, Text, Value,
    byte_string,
};
use crate::url::Url;
use crate::writer::{self, Target, WriterState};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("fetch", Func::from(fetch))
}

/// Who answers a request: the network, or another worker.
pub enum Destination {
    Network,
    #[cfg(feature = "worker")]
    Service(Rc<super::service::Callee>),
}

impl Destination {
    fn handle(
        &self,
        url: &str,
        request: OutgoingRequest,
    ) -> std::result::Result<FutureIncomingResponse, String> {
        match self {
            Self::Network => {
                outgoing_handler::handle(request, None).map_err(|error| failed(url, &error))
            }
            #[cfg(feature = "worker")]
            Self::Service(callee) => callee.fetch(request),
        }
    }

    /// The error that an exchange ended with.
    fn throw(&self, ctx: &Ctx<'_>, url: &str, error: &ErrorCode) -> Error {
        match (self, error) {
            #[cfg(feature = "worker")]
            (Self::Service(_), ErrorCode::InternalError(Some(text))) => {
                super::service::throw_told(ctx, text)
            }
            _ => Exception::throw_type(ctx, &failed(url, error)),
        }
    }
}

/// Answers with a `NativeFetch` (`sdk/js/src/native.ts`).
fn fetch<'js>(
    ctx: Ctx<'js>,
    method: Text,
    url: Text,
    flat: Array<'js>,
    body: Value<'js>,
    streaming: bool,
) -> Result<Object<'js>> {
    exchange(
        ctx,
        Destination::Network,
        method,
        url,
        flat,
        body,
        streaming,
    )
}

pub fn exchange<'js>(
    ctx: Ctx<'js>,
    destination: Destination,
    method: Text,
    url: Text,
    flat: Array<'js>,
    body: Value<'js>,
    streaming: bool,
) -> Result<Object<'js>> {
    run_time_only(&ctx, "fetch()")?;
    let mut lines = headers::to_lines(&ctx, &flat)?;
    add_defaults(&mut lines);
    let source = body::from_value(&ctx, body)?;
    if let Source::Bytes(bytes) = &source {
        http::set_content_length(&mut lines, bytes.len());
    }
    let has_body = streaming || !matches!(source, Source::Empty);
    let (promise, deferred) = Deferred::new(&ctx)?;
    let answer = Object::new(ctx.clone())?;
    let abort: Rc<Cell<Option<WaitId>>> = Rc::default();
    let mut writer = Value::new_null(ctx.clone());
    match send(&destination, &method.0, &url.0, &lines, has_body) {
        Ok((response, request_body)) => {
            let state = request_body
                .and_then(|body| Some(WriterState::new(body.write().ok()?, Target::Request(body))));
            let destination = Rc::new(destination);
            wait_for_response(&ctx, destination, url.0, response, deferred, abort.clone());
            match state {
                Some(state) if streaming => writer = writer::to_value(&ctx, state)?,
                Some(state) => writer::send(&ctx, state, source, None),
                None => {}
            }
        }
        Err(message) => deferred.settle::<()>(&ctx, Err(Exception::throw_type(&ctx, &message))),
    }
    answer.set("response", promise)?;
    answer.set("writer", writer)?;
    answer.set(
        "abort",
        Function::new(ctx, move |ctx: Ctx<'_>| interrupt(&ctx, &abort))?,
    )?;
    Ok(answer)
}

/// What every request says unless the worker says otherwise (Fetch 4.1, main fetch, step 13; 4.6, step 8).
fn add_defaults(lines: &mut Vec<u8>) {
    let codings = http::CODINGS.join(", ");
    let defaults = [
        ("accept", "*/*"),
        ("accept-language", "*"),
        ("accept-encoding", codings.as_str()),
        ("user-agent", "Ouro"),
    ];
    for (name, value) in defaults {
        if !value.is_empty() && !field_lines(lines).any(|(given, _)| given == name.as_bytes()) {
            http::push_field_line(lines, name, value.as_bytes());
        }
    }
}

/// Sends the head. The error is the text of a TypeError.
fn send(
    destination: &Destination,
    method: &str,
    url: &str,
    lines: &[u8],
    has_body: bool,
) -> std::result::Result<(FutureIncomingResponse, Option<OutgoingBody>), String> {
    let parsed = Url::parse(url, None).ok_or_else(|| format!("`{url}` is not a valid URL"))?;
    let scheme = match parsed.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => {
            return Err(format!(
                "cannot fetch `{other}:` URLs, only `http:` and `https:`"
            ));
        }
    };
    let request = OutgoingRequest::new(fields(lines));
    let query = parsed.query().map(|query| format!("?{query}"));
    let path = format!("{}{}", parsed.path(), query.unwrap_or_default());
    let accepted = request
        .set_method(&method_of(method))
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(&parsed.host())))
        .and_then(|()| request.set_path_with_query(Some(&path)));
    accepted.map_err(|()| format!("the host does not accept the request {method} `{url}`"))?;
    // A body that was never asked for is no body, where one that is ended at once would be an empty one.
    let body = if has_body { request.body().ok() } else { None };
    let response = destination.handle(url, request)?;
    Ok((response, body))
}

/// Fields that the host forbids, such as `connection`, are left out, as Fetch does with forbidden header names.
fn fields(raw: &[u8]) -> Fields {
    let fields = Fields::new();
    for (name, value) in field_lines(raw) {
        let _ = fields.append(&String::from_utf8_lossy(name), value);
    }
    fields
}

fn method_of(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

/// What a developer can act upon; the host's own words where there are some.
fn failed(url: &str, error: &ErrorCode) -> String {
    let host = Url::parse(url, None).map_or_else(|| url.to_owned(), |url| url.host());
    let why = match error {
        ErrorCode::DnsTimeout => "its name was not resolved in time".into(),
        ErrorCode::DnsError(_) => "its name cannot be resolved".into(),
        ErrorCode::DestinationIpProhibited => {
            "its address is not allowed: beyond public ones, the server's `outbound.allow` opens them"
                .into()
        }
        ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable => "there is no way to its address".into(),
        ErrorCode::ConnectionRefused => "the connection was refused".into(),
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            "network connection lost".into()
        }
        ErrorCode::ConnectionTimeout => "no connection within the time limit".into(),
        ErrorCode::ConnectionReadTimeout | ErrorCode::HttpResponseTimeout => {
            "no answer within the time limit".into()
        }
        ErrorCode::ConnectionWriteTimeout => "the request was not taken in time".into(),
        ErrorCode::ConnectionLimitReached => "too many connections".into(),
        ErrorCode::TlsProtocolError => "the TLS handshake failed".into(),
        ErrorCode::TlsCertificateError => "its TLS certificate is not valid".into(),
        ErrorCode::TlsAlertReceived(alert) => format!(
            "it ended the TLS handshake: {}",
            alert.alert_message.as_deref().unwrap_or("no reason given")
        ),
        ErrorCode::HttpRequestDenied => {
            "it is not allowed by the worker's `allow_net`".into()
        }
        ErrorCode::HttpRequestBodySize(_) => {
            "the body is not as long as `content-length` says".into()
        }
        ErrorCode::HttpProtocolError => "it does not speak HTTP".into(),
        ErrorCode::InternalError(Some(message)) => message.clone(),
        other => format!("{other:?}"),
    };
    format!("fetch failed: `{host}`: {why}")
}

fn wait_for_response(
    ctx: &Ctx<'_>,
    destination: Rc<Destination>,
    url: String,
    future: FutureIncomingResponse,
    deferred: Deferred,
    abort: Rc<Cell<Option<WaitId>>>,
) {
    match future.get() {
        Some(Ok(Ok(response))) => deferred.settle(ctx, response_value(ctx, response)),
        Some(Ok(Err(error))) => {
            deferred.settle::<()>(ctx, Err(destination.throw(ctx, &url, &error)))
        }
        Some(Err(())) => {
            deferred.settle::<()>(ctx, Err(Exception::throw_type(ctx, "fetch failed")))
        }
        None => {
            let pollable = future.subscribe();
            let aborted = abort.clone();
            let id = event_loop::wait(pollable, move |ctx| {
                // `interrupt` has emptied it, the loop has not.
                if abort.take().is_some() {
                    wait_for_response(ctx, destination, url, future, deferred, abort);
                } else {
                    drop(future);
                    deferred.settle::<()>(
                        ctx,
                        Err(Exception::throw_type(ctx, "fetch failed: it was aborted")),
                    );
                }
            });
            aborted.set(Some(id));
        }
    }
}

fn interrupt(ctx: &Ctx<'_>, abort: &Cell<Option<WaitId>>) {
    if let Some(then) = abort.take().and_then(event_loop::interrupt) {
        then(ctx);
    }
}

fn response_value<'js>(ctx: &Ctx<'js>, response: IncomingResponse) -> Result<Object<'js>> {
    let flat = Array::new(ctx.clone())?;
    let mut coding = None;
    for (index, (name, value)) in response.headers().entries().into_iter().enumerate() {
        let name = name.to_ascii_lowercase();
        if name == "content-encoding" {
            coding = http::coding_of(&value);
        }
        flat.set(2 * index, byte_string(ctx, name.as_bytes())?)?;
        flat.set(2 * index + 1, byte_string(ctx, &value)?)?;
    }
    let answer = Object::new(ctx.clone())?;
    answer.set("status", response.status())?;
    answer.set("statusText", http::reason(response.status()))?;
    answer.set("headers", flat)?;
    let body = response.consume().ok().and_then(|body| {
        Some(InputBody {
            stream: body.stream().ok()?,
            coding,
            _owner: Some(body),
        })
    });
    answer.set("body", body::optional_value(ctx, body)?)?;
    Ok(answer)
}
