//! Bodies that go to the host: a streamed response, and the request body of an outbound fetch.
//!
//! Back-pressure is the host's: it says how many bytes it takes now, and a promise stays open until it took all of a chunk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[cfg(not(feature = "standalone"))]
use crate::bindings::wasi::http::types::IncomingBody;
use crate::bindings::wasi::http::types::OutgoingBody;
use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::{OutputStream, StreamError};
use crate::body::{self, InputBody, NativeBody, Source};
use crate::event_loop::{self, WaitId};
use crate::js::{
    Bytes, Class, Ctx, Deferred, Exception, Func, Promise, Result, This, Value, native_class,
};
use crate::{http, invocation};

const CLIENT_GONE: &str = "the other side takes no more of the body";

pub enum Target {
    Response(http::BodyWriter),
    /// The host moves a body that came from it; what that belongs to goes last.
    #[cfg(not(feature = "standalone"))]
    Forwarded(http::Forwarding, Option<IncomingBody>),
    Request(OutgoingBody),
    #[cfg(feature = "worker")]
    Cache(crate::native::cache::CacheBody),
}

impl Target {
    fn finish(self) {
        match self {
            Self::Response(writer) => writer.finish(),
            #[cfg(not(feature = "standalone"))]
            Self::Forwarded(..) => {}
            #[cfg(feature = "worker")]
            Self::Cache(body) => body.finish(),
            Self::Request(body) => {
                // An error is the same one that the response ends with.
                let _ = OutgoingBody::finish(body, None);
            }
        }
    }
}

/// The order of the fields is that in which the host lets them be dropped.
struct Output {
    /// None where the host moves the body by itself.
    stream: Option<OutputStream>,
    target: Target,
}

pub struct WriterState {
    output: RefCell<Option<Output>>,
    is_response: bool,
    wait: Cell<Option<WaitId>>,
}

/// Why a body could not be written on.
enum Stop {
    NotYet(Pollable),
    Failed(String),
}

impl From<StreamError> for Stop {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Closed => Self::Failed(CLIENT_GONE.to_owned()),
            StreamError::LastOperationFailed(error) => {
                Self::Failed(format!("{CLIENT_GONE}: {}", body::reason(&error)))
            }
        }
    }
}

impl WriterState {
    pub fn new(stream: OutputStream, target: Target) -> Rc<Self> {
        let is_response = matches!(target, Target::Response(_));
        if is_response {
            invocation::open_body();
        }
        Rc::new(Self {
            output: RefCell::new(Some(Output {
                stream: Some(stream),
                target,
            })),
            is_response,
            wait: Cell::new(None),
        })
    }

    fn with_stream<R>(
        &self,
        body: impl FnOnce(&OutputStream) -> std::result::Result<R, Stop>,
    ) -> std::result::Result<R, Stop> {
        let output = self.output.borrow();
        match output.as_ref().and_then(|output| output.stream.as_ref()) {
            Some(stream) => body(stream),
            None => Err(Stop::Failed("the body has ended".to_owned())),
        }
    }

    /// Writes from `*done` on, as much as the host takes.
    fn write(&self, bytes: &[u8], done: &mut usize) -> std::result::Result<(), Stop> {
        self.with_stream(|stream| {
            while *done < bytes.len() {
                let room = room(stream)?.min(bytes.len() - *done);
                stream.write(&bytes[*done..*done + room])?;
                *done += room;
            }
            Ok(())
        })
    }

    /// Moves the stream to its end, inside the host.
    fn splice(&self, body: &InputBody) -> std::result::Result<(), Stop> {
        self.with_stream(|stream| {
            loop {
                let room = room(stream)?;
                match stream.splice(&body.stream, room as u64) {
                    Ok(0) => return Err(Stop::NotYet(body.stream.subscribe())),
                    Ok(_) => {}
                    // Either side may be the closed one.
                    Err(StreamError::Closed) => {
                        return stream.check_write().map(|_| ()).map_err(Stop::from);
                    }
                    Err(StreamError::LastOperationFailed(error)) => {
                        return Err(Stop::Failed(cut_off(&body::reason(&error))));
                    }
                }
            }
        })
    }

    /// Has the host send a stream of its own; gives back what it does not send by itself.
    #[cfg(not(feature = "standalone"))]
    fn forward(&self, source: Source) -> std::result::Result<(), Source> {
        let Source::Stream(body) = source else {
            return Err(source);
        };
        match self.output.take() {
            Some(Output {
                stream,
                target: Target::Response(writer),
            }) => {
                drop(stream);
                let forwarding = writer.forward(body.stream);
                self.output.replace(Some(Output {
                    stream: None,
                    target: Target::Forwarded(forwarding, body._owner),
                }));
                Ok(())
            }
            output => {
                self.output.replace(output);
                Err(Source::Stream(body))
            }
        }
    }

    #[cfg(not(feature = "standalone"))]
    fn with_forwarding<R>(&self, ask: impl FnOnce(&http::Forwarding) -> R) -> Option<R> {
        match &*self.output.borrow() {
            Some(Output {
                target: Target::Forwarded(forwarding, _),
                ..
            }) => Some(ask(forwarding)),
            _ => None,
        }
    }

    /// Asks for everything to be on its way.
    fn flush(&self, asked: &mut bool) -> std::result::Result<(), Stop> {
        self.with_stream(|stream| {
            if !*asked {
                stream.flush()?;
                *asked = true;
            }
            room(stream).map(|_| ())
        })
    }

    fn close(&self, whole: bool) {
        let Some(Output { stream, target }) = self.output.take() else {
            return;
        };
        drop(stream);
        if whole {
            target.finish();
        } else {
            drop(target);
        }
        if self.is_response {
            invocation::close_body();
        }
    }
}

/// How many bytes the host takes now; stops where there are none.
fn room(stream: &OutputStream) -> std::result::Result<usize, Stop> {
    match stream.check_write()? {
        0 => Err(Stop::NotYet(stream.subscribe())),
        room => Ok(usize::try_from(room).unwrap_or(usize::MAX)),
    }
}

type Work = Box<dyn FnMut(&WriterState) -> std::result::Result<(), Stop>>;

/// Does `work` until it is done or failed, waiting where it must, then settles the promise, if there is one.
fn drive(ctx: &Ctx<'_>, state: Rc<WriterState>, deferred: Option<Deferred>, mut work: Work) {
    let result = match work(&state) {
        Ok(()) => Ok(()),
        Err(Stop::NotYet(pollable)) => {
            let waiting = state.clone();
            let id = event_loop::wait(pollable, move |ctx| {
                waiting.wait.set(None);
                drive(ctx, waiting, deferred, work);
            });
            return state.wait.set(Some(id));
        }
        Err(Stop::Failed(message)) => {
            state.close(false);
            Err(message)
        }
    };
    if let Some(deferred) = deferred {
        deferred.settle(
            ctx,
            result.map_err(|message| Exception::throw_type(ctx, &message)),
        );
    }
}

/// `NativeBodyWriter` in `sdk/js/src/native.ts`.
pub struct NativeBodyWriter(Rc<WriterState>);

native_class!(NativeBodyWriter, "NativeBodyWriter", |prototype| {
    prototype.set("write", Func::from(write))?;
    prototype.set("pipe", Func::from(pipe))?;
    prototype.set("finish", Func::from(finish))?;
    prototype.set("abort", Func::from(abort))?;
});

pub fn to_value<'js>(ctx: &Ctx<'js>, state: Rc<WriterState>) -> Result<Value<'js>> {
    Ok(Class::instance(ctx.clone(), NativeBodyWriter(state))?.into_value())
}

type ThisWriter<'js> = This<Class<'js, NativeBodyWriter>>;

/// Undefined where the host took all of it at once: most chunks then take no promise.
fn write<'js>(
    this: ThisWriter<'js>,
    ctx: Ctx<'js>,
    chunk: Bytes<'js>,
) -> Result<Option<Promise<'js>>> {
    let state = this.0.borrow().0.clone();
    let mut done = 0;
    let stop = match state.write(chunk.as_slice(), &mut done) {
        Ok(()) => return Ok(None),
        Err(stop) => stop,
    };
    let (promise, deferred) = Deferred::new(&ctx)?;
    match stop {
        Stop::NotYet(pollable) => {
            // JavaScript may change its buffer while the rest waits.
            drop(pollable);
            let rest = chunk.as_slice()[done..].to_vec();
            write_all(&ctx, state, rest, Some(deferred));
        }
        Stop::Failed(message) => {
            state.close(false);
            deferred.settle::<()>(&ctx, Err(Exception::throw_type(&ctx, &message)));
        }
    }
    Ok(Some(promise))
}

fn write_all(ctx: &Ctx<'_>, state: Rc<WriterState>, bytes: Vec<u8>, deferred: Option<Deferred>) {
    let mut done = 0;
    drive(
        ctx,
        state,
        deferred,
        Box::new(move |state| state.write(&bytes, &mut done)),
    );
}

fn pipe<'js>(
    this: ThisWriter<'js>,
    ctx: Ctx<'js>,
    body: Class<'js, NativeBody>,
) -> Result<Promise<'js>> {
    let (promise, deferred) = Deferred::new(&ctx)?;
    let source = body.borrow().0.take();
    send(&ctx, this.0.borrow().0.clone(), source, Some(deferred));
    Ok(promise)
}

/// Writes the whole body and finishes.
pub fn send(ctx: &Ctx<'_>, state: Rc<WriterState>, source: Source, deferred: Option<Deferred>) {
    #[cfg(not(feature = "standalone"))]
    let source = match state.forward(source) {
        Ok(()) => return drive(ctx, state, deferred, Box::new(forwarded())),
        Err(source) => source,
    };
    let (mut done, mut moved, mut flushed) = (0, false, false);
    let mut source = Some(source);
    let work = move |state: &WriterState| {
        if !moved {
            match &source {
                Some(Source::Bytes(bytes)) => state.write(bytes, &mut done)?,
                Some(Source::Stream(body)) => state.splice(body)?,
                Some(Source::Empty) | None => {}
            }
            moved = true;
            source = None;
        }
        state.flush(&mut flushed)?;
        state.close(true);
        Ok(())
    };
    drive(ctx, state, deferred, Box::new(work));
}

/// Waits for the host to have moved a body. A client that goes away is no failure.
#[cfg(not(feature = "standalone"))]
fn forwarded() -> impl FnMut(&WriterState) -> std::result::Result<(), Stop> {
    let mut waited = false;
    move |state| {
        if !std::mem::replace(&mut waited, true)
            && let Some(end) = state.with_forwarding(http::Forwarding::subscribe)
        {
            return Err(Stop::NotYet(end));
        }
        let end = state.with_forwarding(http::Forwarding::end);
        if let Some(Err(Some(why))) = end {
            return Err(Stop::Failed(cut_off(&why)));
        }
        state.close(true);
        Ok(())
    }
}

fn cut_off(why: &str) -> String {
    format!("the body was cut off: {why}")
}

fn finish<'js>(this: ThisWriter<'js>, ctx: Ctx<'js>) -> Result<()> {
    send(&ctx, this.0.borrow().0.clone(), Source::Empty, None);
    Ok(())
}

/// What is being written is rejected.
fn abort<'js>(this: ThisWriter<'js>, ctx: Ctx<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    let waiting = state.wait.take().and_then(event_loop::interrupt);
    state.close(false);
    if let Some(waiting) = waiting {
        waiting(&ctx);
    }
    Ok(())
}
