//! The task of one WebSocket: it moves messages between the connection and the guest's channel until both sides have closed.
//!
//! It goes on beside the guest, so that pings are answered while the guest computes, and ends on its own when the guest is gone.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Sink, Stream};
use ouro_runtime::{Connection, Held, Hold};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep, interval_at, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::Taken;
use super::channel::{Channel, MESSAGE_BYTES_MAX, Outgoing};
use super::metered::Metered;
use crate::generated::ouro::host::websocket::{Closing, Message};

const READ_BUFFER_BYTES: usize = 8 << 10;
const WRITE_BUFFER_BYTES: usize = 16 << 10;
/// A longer message leaves in frames of this size (RFC 6455 5.4), since the socket keeps a buffer as large as its largest frame.
const FRAME_BYTES: usize = 32 << 10;
/// Most that the socket holds of what is on its way out. The answers to a peer's pings are in it too.
const WRITE_BUFFER_BYTES_MAX: usize = WRITE_BUFFER_BYTES + 2 * FRAME_BYTES;

/// A message that arrives in parts is counted in steps of so much.
const PART_BYTES: u64 = 64 << 10;

/// Status codes of RFC 6455 7.4.1.
const NO_STATUS: u16 = 1005;
const LOST: u16 = 1006;
const GOING_AWAY: u16 = 1001;

/// How long the pump waits for others.
pub(super) struct Waits {
    /// A peer is asked for a sign of life so often, and is lost when it gave none, or read nothing, for two of them.
    ping: Duration,
    /// For the guest to read anything of what fills its channel.
    unread: Duration,
    /// For what the guest has sent to leave, once it has closed.
    leave: Duration,
    /// For the peer's part of the closing handshake.
    close: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(30),
            unread: Duration::from_secs(300),
            leave: Duration::from_secs(60),
            close: Duration::from_secs(10),
        }
    }
}

/// What an invocation's socket holds of the host.
pub(super) struct Holding {
    /// Keeps the wall clock of the invocation still; for the socket to its client alone.
    pub _clock: Option<Hold>,
    pub _taken: Taken,
}

pub(super) struct Pump {
    socket: WebSocketStream<Metered>,
    role: Role,
    channel: Channel,
    waits: Waits,
    going_away: Pin<Box<WaitForCancellationFutureOwned>>,
    is_leaving: bool,
    ping: Interval,
    /// When the peer last gave a sign of life.
    seen: Instant,
    /// Since when the guest has not made room for another message.
    unread: Option<Instant>,
    /// Bytes of the connection up to the last frame that was read, but for parts of a message.
    parsed: u64,
    /// The parts of a message that are there, and how many bytes of them are counted.
    part: Option<(Held, u64)>,
    /// What is left of the message that leaves.
    message: Option<Frames>,
    /// Comes next: the socket had no room for it.
    waiting: Option<Frame>,
    /// Something was handed to the socket that may not be on the network.
    unflushed: bool,
    /// Since when the network takes nothing.
    blocked: Option<Instant>,
    /// Runs once either side has closed.
    closing: Option<Pin<Box<Sleep>>>,
    /// Our close frame was handed to the socket.
    has_closed: bool,
    /// The peer's close frame.
    closed: Option<(u16, String)>,
    /// The peer closed before it had all that the guest sent, and may have stopped reading.
    cut_off: bool,
    _holding: Holding,
}

/// How it ended.
enum End {
    /// The peer's side of the connection is over.
    Over,
    /// Closing took too long.
    Cut,
    /// What one of the two sides did not do in time.
    TimedOut(&'static str),
    /// A message of the peer that the host cannot hold.
    Full(String),
    Failed(Error),
}

impl Pump {
    pub async fn new(
        connection: Box<dyn Connection>,
        role: Role,
        channel: Channel,
        going_away: CancellationToken,
        holding: Holding,
        waits: Waits,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let mut ping = interval_at(Instant::now() + waits.ping, waits.ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            socket: WebSocketStream::from_raw_socket(Metered::new(connection), role, Some(config))
                .await,
            role,
            channel,
            waits,
            going_away: Box::pin(going_away.cancelled_owned()),
            is_leaving: false,
            ping,
            seen: Instant::now(),
            unread: None,
            parsed: 0,
            part: None,
            message: None,
            waiting: None,
            unflushed: false,
            blocked: None,
            closing: None,
            has_closed: false,
            closed: None,
            cut_off: false,
            _holding: holding,
        }
    }

    /// Runs to the end of the connection.
    pub async fn run(mut self) {
        let end = poll_fn(|cx| self.poll(cx)).await;
        if let Some(code) = complaint(&end) {
            self.complain(code).await;
        }
        let closing = self.closing(end);
        self.channel.end(closing);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.channel.register(cx);
        if !self.is_leaving && self.going_away.as_mut().poll(cx).is_ready() {
            self.is_leaving = true;
            self.channel.close(Some((GOING_AWAY, String::new())));
        }
        // Whether the peer reads or not: it must not keep what the guest has given up.
        if self.closing.is_none() && self.channel.is_closed() {
            self.closing = Some(Box::pin(sleep(self.waits.leave)));
        }
        if let Err(error) = self.poll_write(cx) {
            return Poll::Ready(End::Failed(error));
        }
        if let Poll::Ready(end) = self.poll_read(cx) {
            return Poll::Ready(end);
        }
        self.poll_clocks(cx)
    }

    /// Writes what the guest has sent, as far as the network takes it.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        while self.fill(cx)? && self.poll_flush(cx)? {}
        self.poll_flush(cx).map(drop)
    }

    /// Hands frames to the socket. True where one waits for room in it.
    fn fill(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        while self.is_ready(cx)? {
            let Some(frame) = self.next_frame() else {
                return Ok(false);
            };
            let is_close = matches!(frame, Frame::Close(_));
            // The socket takes a close frame once, and forgets one that it has no room for.
            if is_close && !self.poll_flush(cx)? {
                self.waiting = Some(frame);
                return Ok(true);
            }
            self.waiting = self.start_send(frame)?;
            if self.waiting.is_some() {
                return Ok(true);
            }
            if is_close {
                self.has_closed = true;
                self.closing = Some(Box::pin(sleep(self.waits.close)));
            }
        }
        Ok(false)
    }

    fn next_frame(&mut self) -> Option<Frame> {
        if let Some(frame) = self.waiting.take() {
            return Some(frame);
        }
        let message = match self.message.take() {
            Some(message) => message,
            None => match self.channel.next()? {
                Outgoing::Message(message) => message.into(),
                Outgoing::Close(reason) => return Some(Frame::Close(reason.map(close_frame))),
            },
        };
        let (frame, rest) = message.split();
        self.message = rest;
        Some(frame)
    }

    /// Whether the socket takes a frame. While the network takes nothing it does not.
    fn is_ready(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        if self.blocked.is_some() && !self.poll_flush(cx)? {
            return Ok(false);
        }
        let is_ready = Pin::new(&mut self.socket).poll_ready(cx)?.is_ready();
        if !is_ready {
            self.blocked.get_or_insert_with(Instant::now);
        }
        Ok(is_ready)
    }

    /// Gives the frame back where there is no room for it.
    fn start_send(&mut self, frame: Frame) -> Result<Option<Frame>, Error> {
        self.unflushed = true;
        match Pin::new(&mut self.socket).start_send(frame) {
            Err(Error::WriteBufferFull(frame)) => Ok(Some(*frame)),
            // The peer has closed meanwhile: nothing is sent after that.
            Err(_) if self.closed.is_some() => {
                self.cut_off = true;
                Ok(None)
            }
            sent => sent.map(|()| None),
        }
    }

    /// Whether all that the socket was given is on the network.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        if !self.unflushed {
            return Ok(true);
        }
        if Pin::new(&mut self.socket).poll_flush(cx)?.is_pending() {
            self.blocked.get_or_insert_with(Instant::now);
            return Ok(false);
        }
        (self.unflushed, self.blocked) = (false, None);
        if self.message.is_none() && self.waiting.is_none() && !self.cut_off {
            self.channel.written();
        }
        Ok(true)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            // A guest that has closed gets no message any more, so that the peer's close frame can always be reached.
            if self.closing.is_none() && !self.channel.has_room() {
                self.unread.get_or_insert_with(Instant::now);
                return Poll::Pending;
            }
            if self.unread.take().is_some() {
                // The peer could not be heard.
                self.seen = Instant::now();
            }
            let frame = match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => {
                    return match self.count_part() {
                        Ok(()) => Poll::Pending,
                        Err(text) => Poll::Ready(End::Full(text)),
                    };
                }
                Poll::Ready(None) => return Poll::Ready(End::Over),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(End::Failed(error)),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            self.seen = Instant::now();
            self.count_frame(&frame);
            let delivered = match frame {
                Frame::Text(text) => self
                    .channel
                    .deliver(Message::Text(text.as_str().to_owned())),
                Frame::Binary(bytes) => self.channel.deliver(Message::Binary(bytes.into())),
                Frame::Close(frame) => {
                    self.closed = Some(match frame {
                        Some(frame) => (frame.code.into(), frame.reason.as_str().to_owned()),
                        None => (NO_STATUS, String::new()),
                    });
                    if self.has_closed {
                        // Both have closed, and nothing more is owed.
                        return Poll::Ready(End::Over);
                    }
                    self.cut_off = self.channel.buffered() > 0;
                    self.closing = Some(Box::pin(sleep(self.waits.close)));
                    Ok(())
                }
                Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => Ok(()),
            };
            if let Err(text) = delivered {
                return Poll::Ready(End::Full(text));
            }
        }
    }

    /// A message is whole. Frames of control come between the parts of one (RFC 6455 5.4) and are short.
    fn count_frame(&mut self, frame: &Frame) {
        if frame.is_text() || frame.is_binary() {
            self.part = None;
            self.parsed = self.socket.get_ref().read();
        } else {
            let mask = if self.role == Role::Server { 4 } else { 0 };
            self.parsed += (frame.len() + 2 + mask) as u64;
        }
    }

    /// Counts what has come of a message against the request.
    fn count_part(&mut self) -> Result<(), String> {
        let bytes = self.socket.get_ref().read().saturating_sub(self.parsed);
        let counted = self.part.as_ref().map_or(0, |(_, bytes)| *bytes);
        if bytes >= counted + PART_BYTES {
            self.part = None;
            let held = self
                .channel
                .hold(usize::try_from(bytes).unwrap_or(usize::MAX))?;
            self.part = Some((held, bytes));
        }
        Ok(())
    }

    fn poll_clocks(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if let Some(closing) = &mut self.closing {
            return closing.as_mut().poll(cx).map(|()| End::Cut);
        }
        while self.ping.poll_tick(cx).is_ready() {
            if let Some(what) = self.overdue() {
                return Poll::Ready(End::TimedOut(what));
            }
            if let Ok(true) = self.is_ready(cx) {
                // One that finds no room is not missed: the bytes before it show as well whether the peer lives.
                let _ = self.start_send(Frame::Ping(Default::default()));
            }
            // What is wrong with the connection shows when it is used next.
            let _ = self.poll_flush(cx);
        }
        Poll::Pending
    }

    fn overdue(&self) -> Option<&'static str> {
        let silence = 2 * self.waits.ping;
        match (self.blocked, self.unread) {
            (Some(since), _) if since.elapsed() > silence => Some("the peer reads nothing"),
            (_, Some(since)) if since.elapsed() > self.waits.unread => {
                Some("the worker reads no messages")
            }
            (_, None) if self.seen.elapsed() > silence => Some("the peer gave no sign of life"),
            _ => None,
        }
    }

    /// Tells the peer why the connection ends, where it takes that without waiting.
    async fn complain(&mut self, code: CloseCode) {
        let frame = CloseFrame {
            code,
            reason: Default::default(),
        };
        if self.start_send(Frame::Close(Some(frame))).is_ok() {
            poll_fn(|cx| {
                let _ = self.poll_flush(cx);
                Poll::Ready(())
            })
            .await;
        }
    }

    fn closing(&mut self, end: End) -> Closing {
        if let Some((code, reason)) = self.closed.take() {
            return Closing {
                code,
                reason,
                was_clean: true,
                error: None,
            };
        }
        Closing {
            code: LOST,
            reason: String::new(),
            was_clean: false,
            error: match end {
                // The guest knows that it closes; that the peer said nothing is no failure.
                End::Cut => None,
                End::TimedOut(what) => Some(what.to_owned()),
                End::Over => Some("the connection was lost".to_owned()),
                End::Full(text) => Some(text),
                End::Failed(error) => Some(error.to_string()),
            },
        }
    }
}

/// What is left of a message, as frames (RFC 6455 5.4).
struct Frames {
    /// Of the next frame.
    kind: Data,
    rest: Bytes,
}

impl From<Message> for Frames {
    fn from(message: Message) -> Self {
        let (kind, rest) = match message {
            Message::Text(text) => (Data::Text, text.into()),
            Message::Binary(bytes) => (Data::Binary, bytes.into()),
        };
        Self { kind, rest }
    }
}

impl Frames {
    /// The next frame, and what follows it.
    fn split(mut self) -> (Frame, Option<Self>) {
        let part = self.rest.split_to(self.rest.len().min(FRAME_BYTES));
        let kind = mem::replace(&mut self.kind, Data::Continue);
        let is_last = self.rest.is_empty();
        let frame = RawFrame::message(part, OpCode::Data(kind), is_last);
        (Frame::Frame(frame), (!is_last).then_some(self))
    }
}

fn close_frame((code, reason): (u16, String)) -> CloseFrame {
    CloseFrame {
        code: code.into(),
        reason: reason.into(),
    }
}

/// What the peer is told about an end that is its own fault (RFC 6455 7.4.1).
fn complaint(end: &End) -> Option<CloseCode> {
    match end {
        End::Full(_) | End::Failed(Error::Capacity(_)) => Some(CloseCode::Size),
        End::Failed(Error::Utf8(_)) => Some(CloseCode::Invalid),
        End::Failed(Error::Protocol(_)) => Some(CloseCode::Protocol),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::StreamExt;
    use ouro_runtime::Chain;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;
    use crate::generated::ouro::host::websocket::Event;

    const LONG: Duration = Duration::from_secs(20);

    fn waits() -> Waits {
        Waits {
            ping: LONG,
            unread: LONG,
            leave: LONG,
            close: LONG,
        }
    }

    /// A pump that serves the other end of the connection, which takes a kilobyte without being read.
    async fn start(channel: &Channel, waits: Waits) -> (DuplexStream, JoinHandle<()>) {
        let (ours, theirs) = duplex(1 << 10);
        let holding = Holding {
            _clock: None,
            _taken: Taken::default(),
        };
        let (connection, token) = (Box::new(ours), CancellationToken::new());
        let pump = Pump::new(
            connection,
            Role::Server,
            channel.clone(),
            token,
            holding,
            waits,
        );
        (theirs, tokio::spawn(pump.await.run()))
    }

    async fn ends(pump: JoinHandle<()>) {
        let ended = timeout(LONG / 2, pump).await;
        ended.expect("in time").expect("no panic");
    }

    fn error_of(channel: &Channel) -> Option<String> {
        loop {
            match channel.receive().expect("an end") {
                Event::Message(_) => {}
                Event::Closed(closing) => return closing.error,
            }
        }
    }

    /// A masked frame of the client, with a mask of zeros.
    fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let length = 0x80 | u8::try_from(payload.len()).expect("short");
        [&[0x80 | opcode, length, 0, 0, 0, 0], payload].concat()
    }

    #[tokio::test]
    async fn a_peer_that_pings_and_does_not_read_is_answered_within_bounds() {
        let channel = Channel::default();
        let (mut peer, pump) = start(&channel, waits()).await;
        for _ in 0..10_000 {
            peer.write_all(&masked(9, &[7; 100])).await.expect("taken");
        }
        peer.write_all(&masked(8, &[])).await.expect("taken");
        let mut answers = Vec::new();
        peer.read_to_end(&mut answers).await.expect("an end");
        assert!(answers.len() > 1 << 10, "{}", answers.len());
        assert!(
            answers.len() < 2 * WRITE_BUFFER_BYTES_MAX,
            "{}",
            answers.len()
        );
        ends(pump).await;
    }

    #[tokio::test]
    async fn a_long_message_leaves_in_frames_and_arrives_whole() {
        let channel = Channel::default();
        let (peer, pump) = start(&channel, waits()).await;
        let long: String = ('a'..='z').cycle().take(300_000).collect();
        assert!(channel.send(Message::Text(long.clone())));
        assert!(channel.send(Message::Binary(vec![])));
        channel.close(Some((4000, "done".into())));
        let mut peer = WebSocketStream::from_raw_socket(peer, Role::Client, None).await;
        let mut next = async || peer.next().await.expect("more").expect("a frame");
        assert_eq!(next().await, Frame::text(long));
        assert_eq!(next().await, Frame::binary(vec![]));
        assert!(matches!(next().await, Frame::Close(Some(frame)) if frame.reason == "done"));
        assert!(peer.next().await.is_none());
        ends(pump).await;
    }

    #[tokio::test]
    async fn the_parts_of_a_message_count_before_it_is_whole() {
        let chain = Arc::<Chain>::default();
        let others = chain.held((64 << 20) - 200_000).expect("fits");
        let channel = Channel::new(chain.clone());
        let (mut peer, pump) = start(&channel, waits()).await;
        // Pings do not count, however many there are.
        for _ in 0..3_000 {
            peer.write_all(&masked(9, &[7; 100])).await.expect("taken");
        }
        let mut header = vec![0x82, 0xff];
        header.extend_from_slice(&(1_u64 << 20).to_be_bytes());
        header.extend_from_slice(&[0; 4]);
        peer.write_all(&header).await.expect("taken");
        for _ in 0..1_000 {
            if peer.write_all(&[0; 1_000]).await.is_err() {
                break;
            }
        }
        ends(pump).await;
        let error = error_of(&channel).expect("says why");
        assert!(error.contains("67108864 bytes"), "{error}");
        drop(others);
        chain.hold(64 << 20).expect("all is released");
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_cut_when_the_guest_is_gone() {
        let channel = Channel::default();
        let leave = Duration::from_millis(50);
        let (_peer, pump) = start(&channel, Waits { leave, ..waits() }).await;
        assert!(channel.send(Message::Text("x".repeat(100_000))));
        channel.abandon(1011);
        ends(pump).await;
    }

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_lost_although_it_talks() {
        let channel = Channel::default();
        let ping = Duration::from_millis(20);
        let (peer, pump) = start(&channel, Waits { ping, ..waits() }).await;
        assert!(channel.send(Message::Text("x".repeat(100_000))));
        let (_unread, mut writes) = tokio::io::split(peer);
        let talk = async { while writes.write_all(&masked(10, &[])).await.is_ok() {} };
        tokio::join!(talk, ends(pump));
        assert_eq!(
            error_of(&channel).as_deref(),
            Some("the peer reads nothing")
        );
    }

    #[tokio::test]
    async fn a_guest_that_never_reads_does_not_keep_its_socket_for_ever() {
        let channel = Channel::default();
        let waits = Waits {
            ping: Duration::from_millis(20),
            unread: Duration::from_millis(60),
            ..waits()
        };
        let (peer, pump) = start(&channel, waits).await;
        let (mut reads, mut writes) = tokio::io::split(peer);
        let talk = async { while writes.write_all(&masked(1, b"x")).await.is_ok() {} };
        let mut all = Vec::new();
        let (_, _, ()) = tokio::join!(talk, reads.read_to_end(&mut all), ends(pump));
        assert_eq!(
            error_of(&channel).as_deref(),
            Some("the worker reads no messages")
        );
    }
}
