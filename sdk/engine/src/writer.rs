//! Bodies that go to the host: a streamed response, and the request body of an outbound fetch.
//!
//! Back-pressure is the host's: it says how many bytes it takes now, and a promise stays open until it took all of a chunk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

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
    Request(OutgoingBody),
    #[cfg(feature = "worker")]
    Cache(crate::native::cache::CacheBody),
}

impl Target {
    fn finish(self) {
        match self {
            Self::Response(writer) => writer.finish(),
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
    stream: OutputStream,
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
            output: RefCell::new(Some(Output { stream, target })),
            is_response,
            wait: Cell::new(None),
        })
    }

    fn with_stream<R>(
        &self,
        body: impl FnOnce(&OutputStream) -> std::result::Result<R, Stop>,
    ) -> std::result::Result<R, Stop> {
        match &*self.output.borrow() {
            Some(output) => body(&output.stream),
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
                        return Err(Stop::Failed(format!(
                            "the body was cut off: {}",
                            body::reason(&error)
                        )));
                    }
                }
            }
        })
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

fn write<'js>(this: ThisWriter<'js>, ctx: Ctx<'js>, chunk: Bytes<'js>) -> Result<Promise<'js>> {
    let (promise, deferred) = Deferred::new(&ctx)?;
    let state = this.0.borrow().0.clone();
    let mut done = 0;
    match state.write(chunk.as_slice(), &mut done) {
        Ok(()) => deferred.settle(&ctx, Ok(())),
        Err(Stop::NotYet(pollable)) => {
            // JavaScript may change its buffer while the rest waits.
            drop(pollable);
            write_all(
                &ctx,
                state,
                chunk.as_slice()[done..].to_vec(),
                Some(deferred),
            );
        }
        Err(Stop::Failed(message)) => {
            state.close(false);
            deferred.settle::<()>(&ctx, Err(Exception::throw_type(&ctx, &message)));
        }
    }
    Ok(promise)
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
