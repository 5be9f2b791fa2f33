//! Other workers by the `service` binding. The stubs and the protocol that the messages speak are the prelude's (`sdk/js/src/rpc`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::fetch::{self, Destination};
use super::run_time_only;
use crate::bindings::ouro::host::service::{self, Channel, Error as ServiceError, Message, Target};
use crate::bindings::wasi::http::types::{FutureIncomingResponse, OutgoingRequest};
use crate::event_loop::{self, WaitId};
use crate::js::{
    Array, Bytes, Class, Ctx, Deferred, Error, Exception, FromJs, Func, JsString, Object, Promise,
    Result, Text, This, Value, bytes_value, native_class, throw_code,
};

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("service", Func::from(service))
}

/// Whom requests and calls are for.
pub struct Callee {
    name: String,
    /// The name is that of an entrypoint of this worker, not of a binding.
    own: bool,
}

impl Callee {
    fn target(&self) -> Target<'_> {
        if self.own {
            Target::OwnExport(&self.name)
        } else {
            Target::Binding(&self.name)
        }
    }

    pub fn fetch(
        &self,
        request: OutgoingRequest,
    ) -> std::result::Result<FutureIncomingResponse, String> {
        service::fetch(self.target(), request).map_err(|error| text(error).1)
    }
}

/// `NativeService` in `sdk/js/src/native.ts`.
pub struct NativeService(Rc<Callee>);

native_class!(NativeService, "NativeService", |prototype| {
    prototype.set("fetch", Func::from(fetch))?;
    prototype.set("connect", Func::from(connect))?;
});

type ThisService<'js> = This<Class<'js, NativeService>>;

fn service<'js>(ctx: Ctx<'js>, name: Text, own: bool) -> Result<Class<'js, NativeService>> {
    let callee = Callee { name: name.0, own };
    Class::instance(ctx, NativeService(Rc::new(callee)))
}

/// As the native `fetch`.
fn fetch<'js>(
    this: ThisService<'js>,
    ctx: Ctx<'js>,
    method: Text,
    url: Text,
    flat: Array<'js>,
    body: Value<'js>,
    streaming: bool,
) -> Result<Object<'js>> {
    let destination = Destination::Service(this.0.borrow().0.clone());
    fetch::exchange(ctx, destination, method, url, flat, body, streaming)
}

/// Throws what the worker that was called threw, or why it could not answer: `exception:`, class, `:` and message, or a text.
pub fn throw_told(ctx: &Ctx<'_>, told: &str) -> Error {
    let exception = told.strip_prefix("exception:");
    match exception.and_then(|exception| exception.split_once(':')) {
        Some((name, message)) => throw_named(ctx, name, message),
        None => Exception::throw_message(ctx, told),
    }
}

/// An error of the built-in class of that name, else an Error that is called so.
fn throw_named(ctx: &Ctx<'_>, name: &str, message: &str) -> Error {
    match name {
        "TypeError" => Exception::throw_type(ctx, message),
        "RangeError" => Exception::throw_range(ctx, message),
        "SyntaxError" => Exception::throw_syntax(ctx, message),
        "ReferenceError" => Exception::throw_reference(ctx, message),
        "Error" => Exception::throw_message(ctx, message),
        other => {
            let error = Exception::from_message(ctx.clone(), message);
            match error.and_then(|error| error.as_object().set("name", other).map(|()| error)) {
                Ok(error) => error.throw(),
                Err(error) => error,
            }
        }
    }
}

/// A conversation; empty once this side has ended it.
struct State {
    channel: RefCell<Option<Channel>>,
    wait: Cell<Option<WaitId>>,
}

/// `NativeChannel` in `sdk/js/src/native.ts`.
pub struct NativeChannel(Rc<State>);

native_class!(NativeChannel, "NativeChannel", |prototype| {
    prototype.set("send", Func::from(send))?;
    prototype.set("receive", Func::from(receive))?;
    prototype.set("close", Func::from(close))?;
});

type ThisChannel<'js> = This<Class<'js, NativeChannel>>;

pub fn channel_value<'js>(ctx: &Ctx<'js>, channel: Channel) -> Result<Value<'js>> {
    let state = State {
        channel: RefCell::new(Some(channel)),
        wait: Cell::new(None),
    };
    Ok(Class::instance(ctx.clone(), NativeChannel(Rc::new(state)))?.into_value())
}

pub fn throw(ctx: &Ctx<'_>, error: ServiceError) -> Error {
    let (code, message) = text(error);
    throw_code(ctx, code, &message)
}

fn text(error: ServiceError) -> (&'static str, String) {
    match error {
        ServiceError::NotGranted(message) => ("not-granted", message),
        ServiceError::Unavailable(message) => ("unavailable", message),
        ServiceError::Limit(message) => ("limit", message),
        ServiceError::Invalid(message) => ("invalid", message),
        ServiceError::Closed(message) => ("closed", message),
    }
}

fn connect<'js>(this: ThisService<'js>, ctx: Ctx<'js>) -> Result<Value<'js>> {
    run_time_only(&ctx, "calling another worker")?;
    let this = this.0.borrow();
    let channel = Channel::connect(this.0.target()).map_err(|error| throw(&ctx, error))?;
    channel_value(&ctx, channel)
}

fn send<'js>(
    this: ThisChannel<'js>,
    ctx: Ctx<'js>,
    text: Text,
    blobs: Vec<Value<'js>>,
) -> Result<()> {
    let blobs = blobs
        .into_iter()
        .map(|blob| Ok(Bytes::from_js(&ctx, blob)?.as_slice().to_vec()))
        .collect::<Result<_>>()?;
    let this = this.0.borrow();
    let channel = this.0.channel.borrow();
    let channel = channel.as_ref().ok_or_else(|| closed(&ctx))?;
    let message = Message {
        text: text.0,
        blobs,
    };
    channel.send(&message).map_err(|error| throw(&ctx, error))
}

fn closed(ctx: &Ctx<'_>) -> Error {
    throw_code(ctx, "closed", "this side has ended the conversation")
}

/// The next message as [text, bytes, …]; rejects at the end.
fn receive<'js>(this: ThisChannel<'js>, ctx: Ctx<'js>) -> Result<Promise<'js>> {
    let (promise, deferred) = Deferred::new(&ctx)?;
    let state = this.0.borrow().0.clone();
    wait(&ctx, state, deferred);
    Ok(promise)
}

fn wait(ctx: &Ctx<'_>, state: Rc<State>, deferred: Deferred) {
    let received = match state.channel.borrow().as_ref() {
        None => Err(ServiceError::Closed(String::new())),
        Some(channel) => channel.receive().map(|message| match message {
            Some(message) => Ok(message),
            None => Err(channel.subscribe()),
        }),
    };
    match received {
        Ok(Ok(message)) => deferred.settle(ctx, message_value(ctx, message)),
        Ok(Err(pollable)) => {
            let waiting = state.clone();
            let id = event_loop::wait(pollable, move |ctx| {
                waiting.wait.set(None);
                wait(ctx, waiting, deferred);
            });
            state.wait.set(Some(id));
        }
        Err(error) => deferred.settle::<()>(ctx, Err(throw(ctx, error))),
    }
}

fn message_value<'js>(ctx: &Ctx<'js>, message: Message) -> Result<Array<'js>> {
    let parts = Array::new(ctx.clone())?;
    parts.set(0, JsString::from_str(ctx.clone(), &message.text)?)?;
    for (index, blob) in message.blobs.iter().enumerate() {
        parts.set(index + 1, bytes_value(ctx, blob)?)?;
    }
    Ok(parts)
}

/// Whoever waits for a message gets the end.
fn close<'js>(this: ThisChannel<'js>, ctx: Ctx<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    let waiting = state.wait.take().and_then(event_loop::interrupt);
    drop(state.channel.take());
    if let Some(waiting) = waiting {
        waiting(&ctx);
    }
    Ok(())
}
