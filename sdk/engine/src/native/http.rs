//! The invocation: the request's headers, the answer, and what it must outlive.

use std::cell::Cell;

use super::headers;
use crate::js::{
    Array, Bytes, Ctx, Exception, Failure, FromJs, Func, Function, Object, Result, Text, Utf8,
    Value,
};
use crate::writer::{self, Target, WriterState};
use crate::{http, invocation};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("requestHeaders", Func::from(request_headers))?;
    native.set("respond", Func::from(respond))?;
    native.set("respondStreaming", Func::from(respond_streaming))?;
    native.set("fail", Func::from(fail))?;
    native.set("complete", Func::from(complete))?;
    native.set("connection", Func::from(connection))?;
    native.set("holdInvocation", Func::from(hold_invocation))
}

fn request_headers(ctx: Ctx<'_>) -> Result<Array<'_>> {
    invocation::with_headers(|raw| headers::to_flat(&ctx, raw))
}

fn respond<'js>(
    ctx: Ctx<'js>,
    status: u16,
    headers: Option<Array<'js>>,
    body: Value<'js>,
) -> Result<()> {
    let lines = field_lines(&ctx, headers)?;
    if let Some(text) = body.as_string() {
        return send(
            &ctx,
            status,
            &lines,
            Some(Utf8::of(text)?.text().as_bytes()),
        );
    }
    if body.is_null() || body.is_undefined() {
        return send(&ctx, status, &lines, None);
    }
    send(
        &ctx,
        status,
        &lines,
        Some(Bytes::from_js(&ctx, body)?.as_slice()),
    )
}

fn send(ctx: &Ctx<'_>, status: u16, lines: &[u8], body: Option<&[u8]>) -> Result<()> {
    answer(ctx)?;
    http::respond(status, lines, body);
    Ok(())
}

fn respond_streaming<'js>(
    ctx: Ctx<'js>,
    status: u16,
    headers: Option<Array<'js>>,
) -> Result<Value<'js>> {
    let lines = field_lines(&ctx, headers)?;
    answer(&ctx)?;
    let writer = http::respond_streaming(status, &lines);
    match writer.and_then(|writer| Some((writer.stream()?, writer))) {
        Some((stream, writer)) => {
            writer::to_value(&ctx, WriterState::new(stream, Target::Response(writer)))
        }
        None => Err(Exception::throw_message(
            &ctx,
            "the host takes no body for this response",
        )),
    }
}

fn field_lines<'js>(ctx: &Ctx<'js>, headers: Option<Array<'js>>) -> Result<Vec<u8>> {
    headers.map_or(Ok(Vec::new()), |headers| headers::to_lines(ctx, &headers))
}

fn answer(ctx: &Ctx<'_>) -> Result<()> {
    if invocation::answer() {
        return Ok(());
    }
    Err(Exception::throw_message(
        ctx,
        "the request was answered before",
    ))
}

fn fail(name: Text, message: Text, stack: Text) {
    invocation::fail(&Failure {
        name: name.0,
        message: message.0,
        stack: stack.0,
    });
}

/// What is not a request has been handled, or is served from now on only as long as something holds the invocation.
fn complete() {
    invocation::answer();
}

fn connection() -> Vec<String> {
    let (colo, http_protocol) = http::connection();
    vec![colo, http_protocol]
}

/// The answer releases the hold; once, however often it is called.
fn hold_invocation(ctx: Ctx<'_>) -> Result<Function<'_>> {
    invocation::hold();
    let held = Cell::new(true);
    Function::new(ctx, move || {
        if held.replace(false) {
            invocation::release();
        }
    })
}
