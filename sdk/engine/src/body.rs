//! Bytes that come from the host: the request's body, a fetched response's, an asset's.
//!
//! They stay in the host until JavaScript asks for them. `writer` moves a whole body onwards without JavaScript ever seeing it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::bindings::wasi;
use crate::bindings::wasi::http::types::IncomingBody;
use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::{InputStream, StreamError};
use crate::event_loop::{self, Completion, WaitId};
use crate::http;
use crate::js::{
    Accessor, Bytes, Class, Ctx, Deferred, Exception, FromJs, Func, IntoJs, Promise, Result, This,
    Utf8, Value, bytes_value, native_class,
};

/// The largest chunk that JavaScript gets at once, in bytes.
const CHUNK_BYTES_MAX: u64 = 64 * 1024;

/// A stream of the host. The order of the fields is that in which the host lets them be dropped.
pub struct InputBody {
    pub stream: InputStream,
    /// What its bytes are in, until they are decoded.
    pub coding: Option<&'static str>,
    /// Held only to be dropped after the stream.
    pub _owner: Option<IncomingBody>,
}

pub enum Source {
    Empty,
    Bytes(Vec<u8>),
    Stream(InputBody),
}

/// What one attempt to read gave.
enum Step {
    Chunk(Vec<u8>),
    End,
    NotYet(Pollable),
    Failed(String),
}

pub struct BodyState {
    pub source: RefCell<Source>,
    wait: Cell<Option<WaitId>>,
}

impl BodyState {
    fn coding(&self) -> Option<&'static str> {
        match &*self.source.borrow() {
            Source::Stream(body) => body.coding,
            _ => None,
        }
    }

    /// Has the host undo the content coding from now on.
    fn decode(&self) {
        let Some(coding) = self.coding() else { return };
        let source = self.source.replace(Source::Empty);
        if let Source::Stream(body) = source {
            self.source.replace(Source::Stream(InputBody {
                stream: http::decode(body.stream, coding),
                coding: None,
                _owner: body._owner,
            }));
        }
    }

    fn step(&self) -> Step {
        self.decode();
        let mut source = self.source.borrow_mut();
        let read = match &*source {
            Source::Empty => return Step::End,
            Source::Bytes(_) => {
                let Source::Bytes(bytes) = std::mem::replace(&mut *source, Source::Empty) else {
                    return Step::End;
                };
                return if bytes.is_empty() {
                    Step::End
                } else {
                    Step::Chunk(bytes)
                };
            }
            Source::Stream(body) => body.stream.read(CHUNK_BYTES_MAX),
        };
        match (read, &*source) {
            (Ok(chunk), _) if !chunk.is_empty() => Step::Chunk(chunk),
            (Ok(_), Source::Stream(body)) => Step::NotYet(body.stream.subscribe()),
            (Err(StreamError::LastOperationFailed(error)), _) => {
                *source = Source::Empty;
                Step::Failed(reason(&error))
            }
            _ => {
                *source = Source::Empty;
                Step::End
            }
        }
    }

    /// Takes the whole body away, to hand it to the host.
    pub fn take(&self) -> Source {
        self.stop_waiting();
        self.source.replace(Source::Empty)
    }

    fn stop_waiting(&self) -> Option<Completion> {
        self.wait.take().and_then(event_loop::interrupt)
    }
}

/// `NativeBody` in `sdk/js/src/native.ts`.
pub struct NativeBody(pub Rc<BodyState>);

native_class!(NativeBody, "NativeBody", |prototype| {
    prototype.prop("coding", Accessor::new_get(coding))?;
    let decode = |this: ThisBody<'_>| this.0.borrow().0.decode();
    prototype.set("decode", Func::from(decode))?;
    prototype.set("read", Func::from(read))?;
    prototype.set("readAll", Func::from(read_all))?;
    prototype.set("cancel", Func::from(cancel))?;
});

pub fn to_value<'js>(ctx: &Ctx<'js>, source: Source) -> Result<Value<'js>> {
    let state = BodyState {
        source: RefCell::new(source),
        wait: Cell::new(None),
    };
    Ok(Class::instance(ctx.clone(), NativeBody(Rc::new(state)))?.into_value())
}

/// Takes a body out of JavaScript: a string, bytes, a whole `NativeBody`, decoded, or null.
pub fn from_value<'js>(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Source> {
    if value.is_null() || value.is_undefined() {
        return Ok(Source::Empty);
    }
    if let Some(text) = value.as_string() {
        return Ok(Source::Bytes(Utf8::of(text)?.text().as_bytes().to_vec()));
    }
    if let Ok(native) = Class::<NativeBody>::from_js(ctx, value.clone()) {
        let state = native.borrow().0.clone();
        state.decode();
        return Ok(state.take());
    }
    // The question has left an exception behind.
    ctx.catch();
    Ok(Source::Bytes(
        Bytes::from_js(ctx, value)?.as_slice().to_vec(),
    ))
}

type ThisBody<'js> = This<Class<'js, NativeBody>>;

fn coding<'js>(this: ThisBody<'js>, ctx: Ctx<'js>) -> Result<Value<'js>> {
    match this.0.borrow().0.coding() {
        Some(coding) => coding.into_js(&ctx),
        None => Ok(Value::new_null(ctx)),
    }
}

fn read<'js>(this: ThisBody<'js>, ctx: Ctx<'js>) -> Result<Promise<'js>> {
    let (promise, deferred) = Deferred::new(&ctx)?;
    let state = this.0.borrow().0.clone();
    read_chunk(&ctx, state, deferred);
    Ok(promise)
}

fn read_chunk(ctx: &Ctx<'_>, state: Rc<BodyState>, deferred: Deferred) {
    match state.step() {
        Step::Chunk(chunk) => deferred.settle(ctx, bytes_value(ctx, &chunk)),
        Step::End => deferred.settle(ctx, Ok(Value::new_null(ctx.clone()))),
        Step::Failed(message) => {
            deferred.settle::<()>(ctx, Err(Exception::throw_type(ctx, &lost(&message))))
        }
        Step::NotYet(pollable) => {
            let waiting = state.clone();
            let id = event_loop::wait(pollable, move |ctx| {
                waiting.wait.set(None);
                read_chunk(ctx, waiting, deferred);
            });
            state.wait.set(Some(id));
        }
    }
}

fn read_all<'js>(this: ThisBody<'js>, ctx: Ctx<'js>) -> Result<Promise<'js>> {
    let (promise, deferred) = Deferred::new(&ctx)?;
    let state = this.0.borrow().0.clone();
    collect(&ctx, state, Vec::new(), deferred);
    Ok(promise)
}

fn collect(ctx: &Ctx<'_>, state: Rc<BodyState>, mut all: Vec<u8>, deferred: Deferred) {
    loop {
        match state.step() {
            Step::Chunk(chunk) if all.is_empty() => all = chunk,
            Step::Chunk(chunk) => all.extend_from_slice(&chunk),
            Step::End => return deferred.settle(ctx, bytes_value(ctx, &all)),
            Step::Failed(message) => {
                return deferred
                    .settle::<()>(ctx, Err(Exception::throw_type(ctx, &lost(&message))));
            }
            Step::NotYet(pollable) => {
                let waiting = state.clone();
                let id = event_loop::wait(pollable, move |ctx| {
                    waiting.wait.set(None);
                    collect(ctx, waiting, all, deferred);
                });
                return state.wait.set(Some(id));
            }
        }
    }
}

/// A read that is under way gets the end.
fn cancel<'js>(this: ThisBody<'js>, ctx: Ctx<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    let reader = state.stop_waiting();
    state.source.replace(Source::Empty);
    if let Some(reader) = reader {
        reader(&ctx);
    }
    Ok(())
}

/// What the host says of a failed stream. Behind the first line stands what is for its operator.
pub fn reason(error: &wasi::io::error::Error) -> String {
    let text = error.to_debug_string();
    text.lines().next().unwrap_or_default().to_owned()
}

fn lost(message: &str) -> String {
    format!("the body was cut off: {message}")
}

/// The body of a response as JavaScript has it: null where there is none.
pub fn optional_value<'js>(ctx: &Ctx<'js>, body: Option<InputBody>) -> Result<Value<'js>> {
    match body {
        Some(body) => to_value(ctx, Source::Stream(body)),
        None => Ok(Value::new_null(ctx.clone())),
    }
}
