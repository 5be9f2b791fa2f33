//! What waits between a guest and the task that speaks the protocol for it, in both directions and within bounds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::generated::ouro::host::websocket::{Closing, Event, Message};

/// Bytes of messages that wait for the guest, or for the network. One message more is taken while less than this waits.
pub(super) const QUEUE_BYTES: usize = 1 << 20;
/// Short messages must not make the host keep more bookkeeping than text.
const QUEUE_MESSAGES: usize = 1_024;

/// What the guest wants to be sent.
pub(super) enum Outgoing {
    Message(Message),
    /// Nothing follows it.
    Close(Option<(u16, String)>),
}

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    events_bytes: usize,
    outgoing: VecDeque<Outgoing>,
    outgoing_bytes: usize,
    /// Bytes that the protocol has taken and not written yet.
    writing_bytes: usize,
    /// The guest sends no more: it has closed, or is gone.
    closed: bool,
    /// No event follows.
    ended: bool,
    receiver: Option<Waker>,
    sender: Option<Waker>,
    pump: Option<Waker>,
}

impl State {
    fn fits(&self) -> bool {
        self.outgoing_bytes + self.writing_bytes < QUEUE_BYTES
            && self.outgoing.len() < QUEUE_MESSAGES
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
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn receive(&self) -> Option<Event> {
        let mut state = self.state();
        let event = state.events.pop_front()?;
        if let Event::Message(message) = &event {
            state.events_bytes -= length(message);
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

    /// False where it does not fit.
    pub fn send(&self, message: Message) -> bool {
        let mut state = self.state();
        if state.closed {
            return true;
        }
        if !state.fits() {
            return false;
        }
        state.outgoing_bytes += length(&message);
        state.outgoing.push_back(Outgoing::Message(message));
        wake(&mut state.pump);
        true
    }

    /// After the end, what was never sent.
    pub fn buffered(&self) -> usize {
        let state = self.state();
        state.outgoing_bytes + state.writing_bytes
    }

    /// Begins the closing handshake, unless it has begun.
    pub fn close(&self, reason: Option<(u16, String)>) {
        let mut state = self.state();
        if !state.closed {
            state.closed = true;
            state.outgoing.push_back(Outgoing::Close(reason));
            wake(&mut state.sender);
            wake(&mut state.pump);
        }
    }

    /// The guest is gone. What it sent before still goes out.
    pub fn abandon(&self, code: u16) {
        self.close(Some((code, String::new())));
        let mut state = self.state();
        state.events.clear();
        state.events_bytes = 0;
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
        state.writing_bytes = 0;
        if state.fits() {
            wake(&mut state.sender);
        }
    }

    /// Whether the guest takes another message now.
    pub fn has_room(&self) -> bool {
        let state = self.state();
        state.events_bytes < QUEUE_BYTES && state.events.len() < QUEUE_MESSAGES
    }

    /// For a guest that has closed there is no message any more (HTML's WebSockets, "when a message has been received").
    pub fn deliver(&self, message: Message) {
        let mut state = self.state();
        if !state.closed && !state.ended {
            state.events_bytes += length(&message);
            state.events.push_back(Event::Message(message));
            wake(&mut state.receiver);
        }
    }

    /// The last event.
    pub fn end(&self, closing: Closing) {
        let mut state = self.state();
        if !state.ended {
            state.ended = true;
            state.events.push_back(Event::Closed(closing));
        }
        state.closed = true;
        state.outgoing.clear();
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

    #[test]
    fn a_guest_that_does_not_read_stops_the_reader() {
        let channel = Channel::default();
        channel.deliver(text(QUEUE_BYTES - 1));
        assert!(channel.has_room());
        channel.deliver(text(1));
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
    fn nothing_follows_a_close() {
        let channel = Channel::default();
        assert!(channel.send(text(1)));
        channel.close(None);
        assert!(channel.send(text(1)), "it is dropped without a word");
        channel.deliver(text(1));
        channel.close(Some((4000, String::new())));
        assert!(matches!(channel.next(), Some(Outgoing::Message(_))));
        assert!(matches!(channel.next(), Some(Outgoing::Close(None))));
        assert!(channel.next().is_none());
        assert!(channel.receive().is_none());
    }

    #[test]
    fn the_end_is_told_once() {
        let channel = Channel::default();
        let closing = || Closing {
            code: 1000,
            reason: String::new(),
            was_clean: true,
            error: None,
        };
        channel.end(closing());
        channel.end(closing());
        assert!(matches!(channel.receive(), Some(Event::Closed(_))));
        assert!(channel.receive().is_none());
        assert!(channel.poll_receive(&mut context()).is_ready());
    }
}
