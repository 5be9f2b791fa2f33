//! Invocations over `wasi:http/incoming-handler@0.2`, for components that run on hosts other than Ouro. There is no `env`, and nobody
//! to tell about an error but the client, who gets status 500.

use std::cell::Cell;

use super::{field_lines, push_field_line, set_content_length};
use crate::bindings::exports::wasi::http::incoming_handler::Guest;
use crate::bindings::wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam, Scheme,
};
use crate::bindings::wasi::io::streams::{InputStream, OutputStream};
use crate::body::{InputBody, Source};
use crate::invocation;
use crate::js::Failure;

/// What `blocking-write-and-flush` takes at once, in bytes.
const WRITE_BYTES_MAX: usize = 4096;

thread_local! {
    /// Where the answer goes; empty once it went.
    static OUT: Cell<Option<ResponseOutparam>> = const { Cell::new(None) };
}

impl Guest for crate::Engine {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        OUT.set(Some(out));
        let method = method_name(request.method());
        let url = absolute_url(&request);
        let mut headers = Vec::new();
        for (name, value) in request.headers().entries() {
            push_field_line(&mut headers, &name, &value);
        }
        let body = if method == "GET" || method == "HEAD" {
            Source::Empty
        } else {
            request_body(&request)
        };
        invocation::serve(
            invocation::Request { method, url, body },
            headers,
            Vec::new(),
        );
    }
}

/// Other hosts decode nothing: workers see the bytes as they came.
pub const CODINGS: &[&str] = &[];

pub fn decode(encoded: InputStream, _coding: &str) -> InputStream {
    encoded
}

fn request_body(request: &IncomingRequest) -> Source {
    let Ok(body) = request.consume() else {
        return Source::Empty;
    };
    let Ok(stream) = body.stream() else {
        return Source::Empty;
    };
    Source::Stream(InputBody {
        stream,
        coding: None,
        _owner: Some(body),
    })
}

fn method_name(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.to_owned()
}

fn absolute_url(request: &IncomingRequest) -> String {
    let scheme = match request.scheme() {
        Some(Scheme::Https) => "https".to_owned(),
        Some(Scheme::Other(scheme)) => scheme,
        Some(Scheme::Http) | None => "http".to_owned(),
    };
    let authority = request
        .authority()
        .unwrap_or_else(|| "localhost".to_owned());
    let path = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    format!("{scheme}://{authority}{path}")
}

/// The rest of a streamed response. Dropping it before `finish` aborts the response.
pub struct BodyWriter(OutgoingBody);

impl BodyWriter {
    /// To be called once.
    pub fn stream(&self) -> Option<OutputStream> {
        self.0.write().ok()
    }

    /// Its stream must be gone.
    pub fn finish(self) {
        // An error says that the client is gone, or that the length is not the announced one: the host has noticed by itself.
        let _ = OutgoingBody::finish(self.0, None);
    }
}

/// Answers with a whole body. `headers` are field lines.
pub fn respond(status: u16, headers: &[u8], body: Option<&[u8]>) {
    let mut lines = headers.to_vec();
    if let Some(body) = body {
        set_content_length(&mut lines, body.len());
    }
    let Some(writer) = respond_streaming(status, &lines) else {
        return;
    };
    if let (Some(body), Some(stream)) = (body, writer.stream()) {
        for chunk in body.chunks(WRITE_BYTES_MAX) {
            if stream.blocking_write_and_flush(chunk).is_err() {
                return;
            }
        }
    }
    writer.finish();
}

/// Answers with the head; none where the host takes no body any more.
pub fn respond_streaming(status: u16, headers: &[u8]) -> Option<BodyWriter> {
    let out = OUT.take()?;
    let response = OutgoingResponse::new(fields(headers));
    // The status is in range: JavaScript's Response has checked it.
    let _ = response.set_status_code(status);
    let body = response.body().ok();
    ResponseOutparam::set(out, Ok(response));
    body.map(BodyWriter)
}

/// Fields that the host forbids, such as `connection`, are left out.
fn fields(raw: &[u8]) -> Fields {
    let fields = Fields::new();
    for (name, value) in field_lines(raw) {
        let _ = fields.append(&String::from_utf8_lossy(name), value);
    }
    fields
}

/// Place of the node and version of HTTP, which this interface does not tell.
pub fn connection() -> (String, String) {
    (String::new(), String::new())
}

pub fn fail(_failure: &Failure) {
    respond(
        500,
        b"content-type:text/plain;charset=UTF-8\n",
        Some(b"Internal Server Error"),
    );
}
