//! WebSockets over the host's interface `websocket`. States, checks and events are the prelude's.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::{headers, run_time_only};
use crate::bindings::ouro::host::websocket::{
    Closing, Connecting, Event, Message, Response, Socket,
};
use crate::event_loop::{self, WaitId};
use crate::js::{
    Array, Bytes, Class, Ctx, Deferred, Exception, FromJs, Func, Function, JsString, Object,
    Persistent, Promise, Result, Text, This, Utf8, Value, bytes_value, native_class,
};

/// Events that are handed to JavaScript before others get a turn.
const EVENTS_PER_TURN: usize = 64;

pub fn register(native: &Object<'_>) -> Result<()> {
    native.set("acceptSocket", Func::from(accept))?;
    native.set("connectSocket", Func::from(connect))
}

enum Waiting {
    Message(Message),
    Close(Option<u16>, String),
}

struct State {
    /// None once it has closed.
    socket: RefCell<Option<Socket>>,
    /// What the host has no room for yet.
    outbox: RefCell<VecDeque<Waiting>>,
    outbox_bytes: Cell<usize>,
    /// In a task, `buffered` only grows; the task, and what it says there.
    amount: Cell<(u64, u64)>,
    /// Bytes that were never sent, once it has closed.
    unsent: Cell<u64>,
    /// While the outbox waits for room.
    sending: Cell<Option<WaitId>>,
}

/// `NativeSocket` in `sdk/js/src/native.ts`.
struct NativeSocket(Rc<State>);

native_class!(NativeSocket, "NativeSocket", |prototype| {
    prototype.set("start", Func::from(start))?;
    prototype.set("next", Func::from(next))?;
    prototype.set("room", Func::from(room))?;
    prototype.set("send", Func::from(send))?;
    prototype.set("close", Func::from(close))?;
    prototype.set("buffered", Func::from(buffered))?;
});

type ThisSocket<'js> = This<Class<'js, NativeSocket>>;

fn socket_value<'js>(ctx: &Ctx<'js>, socket: Socket) -> Result<Value<'js>> {
    let state = State {
        socket: RefCell::new(Some(socket)),
        outbox: RefCell::default(),
        outbox_bytes: Cell::new(0),
        amount: Cell::new((0, 0)),
        unsent: Cell::new(0),
        sending: Cell::new(None),
    };
    Ok(Class::instance(ctx.clone(), NativeSocket(Rc::new(state)))?.into_value())
}

fn accept<'js>(ctx: Ctx<'js>, flat: Option<Array<'js>>) -> Result<Value<'js>> {
    let lines = flat.map_or(Ok(Vec::new()), |flat| headers::to_lines(&ctx, &flat))?;
    let socket = Socket::accept(&lines).map_err(|why| Exception::throw_type(&ctx, &why))?;
    crate::invocation::answer();
    socket_value(&ctx, socket)
}

fn connect<'js>(ctx: Ctx<'js>, url: Text, flat: Array<'js>) -> Result<Promise<'js>> {
    run_time_only(&ctx, "opening a WebSocket")?;
    let lines = headers::to_lines(&ctx, &flat)?;
    let (promise, deferred) = Deferred::new(&ctx)?;
    let connecting = Connecting::start(&url.0, &lines);
    let pollable = connecting.subscribe();
    event_loop::wait(pollable, move |ctx| {
        let answer = connecting
            .take()
            .map_err(|why| Exception::throw_type(ctx, &why));
        deferred.settle(
            ctx,
            answer.and_then(|response| response_value(ctx, response)),
        );
    });
    Ok(promise)
}

fn response_value<'js>(ctx: &Ctx<'js>, response: Response) -> Result<Object<'js>> {
    let answer = Object::new(ctx.clone())?;
    answer.set("status", response.status)?;
    answer.set("headers", headers::to_flat(ctx, &response.headers)?)?;
    answer.set("body", bytes_value(ctx, &response.body)?)?;
    answer.set(
        "socket",
        match response.socket {
            Some(socket) => socket_value(ctx, socket)?,
            None => Value::new_null(ctx.clone()),
        },
    )?;
    Ok(answer)
}

/// Begins to hand over events.
fn start<'js>(this: ThisSocket<'js>, ctx: Ctx<'js>, callback: Function<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    wait_for_events(state, Persistent::save(&ctx, callback));
    Ok(())
}

/// Hands over one event. The host takes no more of the network meanwhile than it has room for.
fn next<'js>(this: ThisSocket<'js>, ctx: Ctx<'js>, callback: Function<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    wait_for_event(state, Persistent::save(&ctx, callback));
    Ok(())
}

type Callback = Persistent<Function<'static>>;

fn wait_for_event(state: Rc<State>, callback: Callback) {
    let pollable = match &*state.socket.borrow() {
        Some(socket) => socket.subscribe(),
        None => return,
    };
    event_loop::wait(pollable, move |ctx| match take_event(&state) {
        Some(event) => hand_over(ctx, &callback, event),
        None => wait_for_event(state, callback),
    });
}

fn take_event(state: &State) -> Option<Event> {
    let event = state.socket.borrow().as_ref().and_then(Socket::receive)?;
    if let Event::Closed(_) = event {
        end(state);
    }
    Some(event)
}

fn wait_for_events(state: Rc<State>, callback: Callback) {
    let pollable = match &*state.socket.borrow() {
        Some(socket) => socket.subscribe(),
        None => return,
    };
    event_loop::wait(pollable, move |ctx| {
        for _ in 0..EVENTS_PER_TURN {
            let Some(event) = take_event(&state) else {
                break;
            };
            hand_over(ctx, &callback, event);
            event_loop::run_jobs(ctx);
        }
        wait_for_events(state, callback);
    });
}

/// What is thrown comes from this prelude alone: its listeners' exceptions are reported where they are called.
fn hand_over(ctx: &Ctx<'_>, callback: &Callback, event: Event) {
    let called = callback
        .clone()
        .restore(ctx)
        .and_then(|callback| match event {
            Event::Message(Message::Text(text)) => {
                callback.call::<_, ()>((JsString::from_str(ctx.clone(), &text)?,))
            }
            Event::Message(Message::Binary(bytes)) => callback.call((bytes_value(ctx, &bytes)?,)),
            Event::Closed(closing) => callback.call((closing_value(ctx, closing)?,)),
        });
    if called.is_err() {
        ctx.catch();
    }
}

fn closing_value<'js>(ctx: &Ctx<'js>, closing: Closing) -> Result<Object<'js>> {
    let value = Object::new(ctx.clone())?;
    value.set("code", closing.code)?;
    value.set("reason", closing.reason)?;
    value.set("wasClean", closing.was_clean)?;
    value.set("error", closing.error)?;
    Ok(value)
}

fn end(state: &State) {
    if let Some(sending) = state.sending.take() {
        drop(event_loop::interrupt(sending));
    }
    state.unsent.set(pending(state));
    state.amount.set((event_loop::task(), state.unsent.get()));
    state.socket.take();
    state.outbox.take();
    state.outbox_bytes.set(0);
}

/// Bytes that the network has not taken.
fn pending(state: &State) -> u64 {
    match &*state.socket.borrow() {
        Some(socket) => state.outbox_bytes.get() as u64 + socket.buffered(),
        None => state.unsent.get(),
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
    }
}

fn send<'js>(this: ThisSocket<'js>, ctx: Ctx<'js>, data: Value<'js>) -> Result<()> {
    let state = this.0.borrow().0.clone();
    let message = match data.as_string() {
        Some(text) => Message::Text(Utf8::of(text)?.text().into_owned()),
        None => Message::Binary(Bytes::from_js(&ctx, data)?.as_slice().to_vec()),
    };
    let amount = amount(&state) + length(&message) as u64;
    state.amount.set((event_loop::task(), amount));
    let is_free = state.outbox.borrow().is_empty();
    match &*state.socket.borrow() {
        Some(socket) if is_free && socket.check_send() => {
            socket.send(&message);
            return Ok(());
        }
        Some(_) => {}
        None => return Ok(()),
    }
    state
        .outbox_bytes
        .set(state.outbox_bytes.get() + length(&message));
    keep(state, Waiting::Message(message));
    Ok(())
}

fn keep(state: Rc<State>, waiting: Waiting) {
    state.outbox.borrow_mut().push_back(waiting);
    // Somebody waits for room already, where there was something before.
    if state.sending.get().is_none() {
        send_on(state);
    }
}

/// Sends what waits, as far as the host has room.
fn send_on(state: Rc<State>) {
    let pollable = {
        let socket = state.socket.borrow();
        let Some(socket) = socket.as_ref() else {
            return;
        };
        let mut outbox = state.outbox.borrow_mut();
        while socket.check_send()
            && let Some(waiting) = outbox.pop_front()
        {
            match waiting {
                Waiting::Message(message) => {
                    state
                        .outbox_bytes
                        .set(state.outbox_bytes.get() - length(&message));
                    socket.send(&message);
                }
                Waiting::Close(code, reason) => socket.close(code, &reason),
            }
        }
        if outbox.is_empty() {
            return;
        }
        socket.subscribe_send()
    };
    let waiting = state.clone();
    let id = event_loop::wait(pollable, move |_| {
        waiting.sending.set(None);
        send_on(waiting);
    });
    state.sending.set(Some(id));
}

/// Calls back once the host has taken all that was sent, and has room for more.
fn room<'js>(this: ThisSocket<'js>, ctx: Ctx<'js>, callback: Function<'js>) -> Result<()> {
    wait_for_room(this.0.borrow().0.clone(), Persistent::save(&ctx, callback));
    Ok(())
}

fn wait_for_room(state: Rc<State>, callback: Callback) {
    let pollable = match &*state.socket.borrow() {
        Some(socket) => socket.subscribe_send(),
        None => return,
    };
    event_loop::wait(pollable, move |ctx| {
        if state.socket.borrow().is_none() {
            return;
        }
        if !state.outbox.borrow().is_empty() {
            return wait_for_room(state, callback);
        }
        // It only settles a promise.
        let called = callback.restore(ctx).and_then(|it| it.call::<_, ()>(()));
        if called.is_err() {
            ctx.catch();
        }
    });
}

fn close<'js>(this: ThisSocket<'js>, code: Option<u16>, reason: Text) -> Result<()> {
    let state = this.0.borrow().0.clone();
    if !state.outbox.borrow().is_empty() {
        keep(state, Waiting::Close(code, reason.0));
    } else if let Some(socket) = &*state.socket.borrow() {
        socket.close(code, &reason.0);
    }
    Ok(())
}

/// Bytes that the network had not taken when this task began, and those that were sent since (WebSockets Standard 3.1, `bufferedAmount`).
fn buffered<'js>(this: ThisSocket<'js>) -> f64 {
    let state = this.0.borrow().0.clone();
    amount(&state) as f64
}

fn amount(state: &State) -> u64 {
    let task = event_loop::task();
    let (of, known) = state.amount.get();
    if of == task {
        return known;
    }
    let amount = pending(state);
    state.amount.set((task, amount));
    amount
}
