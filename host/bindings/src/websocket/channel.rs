//! What waits between a guest and the task that speaks the protocol for it, in both directions and within bounds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use ouro_runtime::{Chain, Held};

use crate::generated::ouro::host::websocket::{Closing, Event, Message};

/// Largest message in either direction, in bytes. A larger one from the network closes the socket with status 1009.
pub(super) const MESSAGE_BYTES_MAX: usize = 32 << 20;
/// Bytes of messages that wait for the guest, or for the network. One message more is taken while less than this waits.
pub(super) const QUEUE_BYTES: usize = 1 << 20;
/// Short messages must not make the host keep more bookkeeping than text.
const QUEUE_MESSAGES: usize = 1_024;
/// What the peer is told where a message cannot be taken from the guest (RFC 6455 7.4.1).
const UNEXPECTED: u16 = 1011;

/// What the guest wants to be sent.
pub(super) enum Outgoing {
    Message(Message),
    /// Nothing follows it.
    Close(Option<(u16, String)>),
}

#[derive(Default)]
struct State {
    /// All that waits counts against the request that the guest works for.
    chain: Arc<Chain>,
    events: VecDeque<Event>,
    events_bytes: usize,
    outgoing: VecDeque<Outgoing>,
    outgoing_bytes: usize,
    /// Bytes that the protocol has taken and not written yet.
    writing_bytes: usize,
    /// What had not been written at the end.
    unsent: usize,
    /// The guest sends no more: it has closed, or is gone.
    closed: bool,
    /// No event follows.
    ended: bool,
    /// Why a message could not be taken from the guest.
    full: Option<String>,
    receiver: Option<Waker>,
    sender: Option<Waker>,
    pump: Option<Waker>,
}

impl State {
    fn fits(&self) -> bool {
        self.outgoing_bytes + self.writing_bytes < QUEUE_BYTES
            && self.outgoing.len() < QUEUE_MESSAGES
    }

    fn close(&mut self, reason: Option<(u16, String)>) {
        if !self.closed {
            self.closed = true;
            self.outgoing.push_back(Outgoing::Close(reason));
            wake(&mut self.sender);
            wake(&mut self.pump);
        }
    }

    fn release_events(&mut self) {
        self.chain.release(std::mem::take(&mut self.events_bytes));
    }

    fn release_outgoing(&mut self) {
        let bytes = std::mem::take(&mut self.outgoing_bytes);
        self.chain
            .release(bytes + std::mem::take(&mut self.writing_bytes));
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.release_events();
        self.release_outgoing();
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) => bytes.len(),
    }
}

/// Shared by the guest's resource and the task.
#[derive(Clone, Default)]
pub(super) struct Channel(Arc<Mutex<State>>);

/// The guest's side.
impl Channel {
    pub fn new(chain: Arc<Chain>) -> Self {
        let channel = Self::default();
        channel.state().chain = chain;
        channel
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn receive(&self) -> Option<Event> {
        let mut state = self.state();
        let event = state.events.pop_front()?;
        if let Event::Message(message) = &event {
            state.events_bytes -= length(message);
            state.chain.release(length(message));
        }
        // Half empty is early enough, and saves waking the task for each message.
        if state.events_bytes <= QUEUE_BYTES / 2 && state.events.len() <= QUEUE_MESSAGES / 2 {
            wake(&mut state.pump);
        }
        Some(event)
    }

    pub fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if !state.events.is_empty() || state.ended {
            return Poll::Ready(());
        }
        state.receiver = Some(cx.waker().clone());
        Poll::Pending
    }

    pub fn fits(&self) -> bool {
        let state = self.state();
        state.closed || state.fits()
    }

    pub fn poll_fits(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.closed || state.fits() {
            return Poll::Ready(());
        }
        state.sender = Some(cx.waker().clone());
        Poll::Pending
    }

    /// False where it does not fit. One that is too large, or too much together with what the host holds already, closes the
    /// socket as full (HTML's WebSockets, "send").
    pub fn send(&self, message: Message) -> bool {
        let mut state = self.state();
        if state.closed {
            return true;
        }
        if !state.fits() {
            return false;
        }
        let bytes = length(&message);
        let held = match bytes {
            0..=MESSAGE_BYTES_MAX => state.chain.hold(bytes),
            _ => Err(format!(
                "a message of {bytes} bytes is over the limit of {MESSAGE_BYTES_MAX} bytes"
            )),
        };
        match held {
            Ok(()) => {
                state.outgoing_bytes += bytes;
                state.outgoing.push_back(Outgoing::Message(message));
                wake(&mut state.pump);
            }
            Err(text) => {
                state.full = Some(text);
                state.close(Some((UNEXPECTED, String::new())));
            }
        }
        true
    }

    /// After the end, what was never sent.
    pub fn buffered(&self) -> usize {
        let state = self.state();
        state.outgoing_bytes + state.writing_bytes + state.unsent
    }

    /// Begins the closing handshake, unless it has begun.
    pub fn close(&self, reason: Option<(u16, String)>) {
        self.state().close(reason);
    }

    /// The guest is gone. What it sent before still goes out.
    pub fn abandon(&self, code: u16) {
        let mut state = self.state();
        state.close(Some((code, String::new())));
        state.events.clear();
        state.release_events();
        state.ended = true;
        wake(&mut state.pump);
    }
}

/// The task's side.
impl Channel {
    pub fn register(&self, cx: &Context<'_>) {
        self.state().pump = Some(cx.waker().clone());
    }

    pub fn next(&self) -> Option<Outgoing> {
        let mut state = self.state();
        let next = state.outgoing.pop_front()?;
        if let Outgoing::Message(message) = &next {
            state.outgoing_bytes -= length(message);
            state.writing_bytes += length(message);
        }
        Some(next)
    }

    /// All that was taken by `next` is on the network.
    pub fn written(&self) {
        let mut state = self.state();
        let bytes = std::mem::take(&mut state.writing_bytes);
        state.chain.release(bytes);
        if state.fits() {
            wake(&mut state.sender);
        }
    }

    /// Whether the guest takes another message now.
    pub fn has_room(&self) -> bool {
        let state = self.state();
        state.events_bytes < QUEUE_BYTES && state.events.len() < QUEUE_MESSAGES
    }

    /// Whether the guest has closed, or is gone.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// For a guest that has closed there is no message any more (HTML's WebSockets, "when a message has been received").
    ///
    /// # Errors
    /// The host would hold too much.
    pub fn deliver(&self, message: Message) -> Result<(), String> {
        let mut state = self.state();
        if !state.closed && !state.ended {
            state.chain.hold(length(&message))?;
            state.events_bytes += length(&message);
            state.events.push_back(Event::Message(message));
            wake(&mut state.receiver);
        }
        Ok(())
    }

    /// Counts a message that is not whole yet.
    ///
    /// # Errors
    /// The host would hold too much.
    pub fn hold(&self, bytes: usize) -> Result<Held, String> {
        let chain = self.state().chain.clone();
        chain.held(bytes)
    }

    /// The last event.
    pub fn end(&self, mut closing: Closing) {
        let mut state = self.state();
        if let Some(text) = state.full.take() {
            closing.was_clean = false;
            closing.error = Some(text);
        }
        if !state.ended {
            state.ended = true;
            state.events.push_back(Event::Closed(closing));
        }
        state.closed = true;
        state.outgoing.clear();
        state.unsent = state.outgoing_bytes + state.writing_bytes;
        state.release_outgoing();
        wake(&mut state.receiver);
        wake(&mut state.sender);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(length: usize) -> Message {
        Message::Text("x".repeat(length))
    }

    fn context() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    fn closing() -> Closing {
        Closing {
            code: 1000,
            reason: String::new(),
            was_clean: true,
            error: None,
        }
    }

    #[test]
    fn a_guest_that_does_not_read_stops_the_reader() {
        let channel = Channel::default();
        channel.deliver(text(QUEUE_BYTES - 1)).expect("fits");
        assert!(channel.has_room());
        channel.deliver(text(1)).expect("fits");
        assert!(!channel.has_room());
        assert!(matches!(channel.receive(), Some(Event::Message(_))));
        assert!(channel.has_room());
    }

    #[test]
    fn short_messages_count_by_their_number() {
        let channel = Channel::default();
        for _ in 0..QUEUE_MESSAGES {
            assert!(channel.send(text(0)));
        }
        assert!(!channel.send(text(0)));
        assert!(channel.poll_fits(&mut context()).is_pending());
    }

    #[test]
    fn bytes_count_until_they_are_written() {
        let channel = Channel::default();
        assert!(channel.send(text(QUEUE_BYTES)));
        assert!(channel.next().is_some());
        assert!(!channel.fits(), "it was taken but not written");
        assert_eq!(channel.buffered(), QUEUE_BYTES);
        channel.written();
        assert!(channel.fits());
        assert_eq!(channel.buffered(), 0);
    }

    #[test]
    fn a_message_over_the_limit_closes_the_socket_as_full() {
        let channel = Channel::default();
        assert!(channel.send(text(MESSAGE_BYTES_MAX + 1)));
        assert!(channel.is_closed());
        assert_eq!(channel.buffered(), 0);
        assert!(matches!(
            channel.next(),
            Some(Outgoing::Close(Some((1011, _))))
        ));
        channel.end(closing());
        let Some(Event::Closed(closing)) = channel.receive() else {
            panic!("the end");
        };
        let error = closing.error.expect("says why");
        assert!(error.contains("33554432 bytes"), "{error}");
        assert!(!closing.was_clean);
    }

    #[test]
    fn what_waits_is_bounded_over_all_sockets_of_a_request() {
        let chain = Arc::<Chain>::default();
        let new = || Channel::new(chain.clone());
        let (first, second, third) = (new(), new(), new());
        assert!(first.send(text(MESSAGE_BYTES_MAX)));
        second.deliver(text(MESSAGE_BYTES_MAX)).expect("fits");
        assert!(third.deliver(text(1)).is_err());
        assert!(third.send(text(1)));
        assert!(third.is_closed(), "there is no room for it");
        // Each way out gives its bytes back.
        assert!(first.next().is_some());
        first.written();
        second.receive().expect("a message");
        first.deliver(text(MESSAGE_BYTES_MAX)).expect("room again");
        assert!(second.send(text(MESSAGE_BYTES_MAX)));
        first.abandon(1011);
        second.end(closing());
        chain.hold(2 * MESSAGE_BYTES_MAX).expect("all is released");
    }

    #[test]
    fn nothing_follows_a_close() {
        let channel = Channel::default();
        assert!(channel.send(text(1)));
        channel.close(None);
        assert!(channel.send(text(1)), "it is dropped without a word");
        channel.deliver(text(1)).expect("it is dropped");
        channel.close(Some((4000, String::new())));
        assert!(matches!(channel.next(), Some(Outgoing::Message(_))));
        assert!(matches!(channel.next(), Some(Outgoing::Close(None))));
        assert!(channel.next().is_none());
        assert!(channel.receive().is_none());
    }

    #[test]
    fn the_end_is_told_once() {
        let channel = Channel::default();
        channel.end(closing());
        channel.end(closing());
        assert!(matches!(channel.receive(), Some(Event::Closed(_))));
        assert!(channel.receive().is_none());
        assert!(channel.poll_receive(&mut context()).is_ready());
    }
}
