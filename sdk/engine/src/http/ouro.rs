//! Invocations over Ouro's private interfaces `guest` and `invocation` (`wit/engine.wit`).

use crate::bindings::exports::ouro::host::guest::{Guest, Request, RequestBody};
use crate::bindings::ouro::host::env::{Entry, Value};
pub use crate::bindings::ouro::host::invocation::Forwarding;
use crate::bindings::ouro::host::invocation::{self as host, ContentCoding, ResponseBody};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream};
use crate::body::{InputBody, Source};
use crate::invocation::{self, EnvEntry};
use crate::js::Failure;

impl Guest for crate::Engine {
    fn fetch(asked: Request, env: Vec<Entry>) {
        let (asked, headers) = request(asked);
        invocation::serve(asked, headers, env.into_iter().map(env_entry).collect());
    }
}

/// The request and its field lines.
pub fn request(request: Request) -> (invocation::Request, Vec<u8>) {
    let body = match request.body {
        RequestBody::None => Source::Empty,
        RequestBody::Bytes(bytes) => Source::Bytes(bytes),
        RequestBody::Stream(stream) => Source::Stream(InputBody {
            stream,
            coding: None,
            _owner: None,
        }),
    };
    let asked = invocation::Request {
        method: request.method,
        url: request.url,
        body,
    };
    (asked, request.headers)
}

pub fn env_entry(entry: Entry) -> EnvEntry {
    let (kind, value) = match entry.value {
        Value::Text(value) => ("text", value),
        Value::Json(value) => ("json", value),
        Value::Secret(value) => ("secret", value),
        Value::Binding(value) => ("binding", value),
    };
    (entry.name, kind, value)
}

/// Codings that `decode` takes, as `content-encoding` names them.
pub const CODINGS: &[&str] = &["gzip", "deflate", "br"];

/// The stream without its content coding.
pub fn decode(encoded: InputStream, coding: &str) -> InputStream {
    let coding = match coding {
        "gzip" => ContentCoding::Gzip,
        "deflate" => ContentCoding::Deflate,
        _ => ContentCoding::Brotli,
    };
    host::decode(encoded, coding)
}

/// The rest of a streamed response. Dropping it before `finish` aborts the response.
pub struct BodyWriter(host::BodyWriter);

impl BodyWriter {
    /// To be called once.
    pub fn stream(&self) -> Option<OutputStream> {
        Some(self.0.stream())
    }

    /// Has the host move the stream to its end, and finish. The writer's own stream must be gone.
    pub fn forward(self, source: InputStream) -> Forwarding {
        host::BodyWriter::forward(self.0, source)
    }

    /// Its stream must be gone.
    pub fn finish(self) {
        host::BodyWriter::finish(self.0);
    }
}

/// Answers with a whole body. `headers` are field lines.
pub fn respond(status: u16, headers: &[u8], body: Option<&[u8]>) {
    let body = body.map_or(ResponseBody::None, ResponseBody::Bytes);
    host::respond(status, headers, body);
}

/// Answers with the head; none where the host takes no body any more.
pub fn respond_streaming(status: u16, headers: &[u8]) -> Option<BodyWriter> {
    host::respond(status, headers, ResponseBody::Streamed).map(BodyWriter)
}

/// Place of the node and version of HTTP.
pub fn connection() -> (String, String) {
    let info = host::connection();
    (info.colo, info.http_protocol)
}

pub fn fail(failure: &Failure) {
    host::fail(host::Failure {
        name: &failure.name,
        message: &failure.message,
        stack: &failure.stack,
    });
}
