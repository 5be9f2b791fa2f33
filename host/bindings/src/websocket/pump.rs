//! The task of one WebSocket: it moves messages between the connection and the guest's channel until both sides have closed.
//!
//! It goes on beside the guest, so that pings are answered while the guest computes, and ends on its own when the guest is gone.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, Stream};
use ouro_runtime::{Connection, Hold};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep, interval_at, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::channel::{Channel, Outgoing};
use crate::generated::ouro::host::websocket::{Closing, Message};

/// Largest message from the network, in bytes. A larger one closes the socket with status 1009.
pub(super) const MESSAGE_BYTES_MAX: usize = 32 << 20;
const READ_BUFFER_BYTES: usize = 8 << 10;
const WRITE_BUFFER_BYTES: usize = 16 << 10;
/// A peer is asked for a sign of life so often, and is lost when it gave none for two of them.
const PING_EVERY: Duration = Duration::from_secs(30);
/// How long the peer has for its part of the closing handshake.
const CLOSE_WAIT: Duration = Duration::from_secs(10);

/// Status codes of RFC 6455 7.4.1.
const NO_STATUS: u16 = 1005;
const LOST: u16 = 1006;
const GOING_AWAY: u16 = 1001;

/// What an invocation's socket holds of the host.
pub(super) struct Holding {
    /// Keeps the wall clock of the invocation still; for the socket to its client alone.
    pub _clock: Option<Hold>,
    pub _place: OwnedSemaphorePermit,
}

pub(super) struct Pump {
    socket: WebSocketStream<Box<dyn Connection>>,
    channel: Channel,
    going_away: Pin<Box<WaitForCancellationFutureOwned>>,
    is_leaving: bool,
    ping: Interval,
    /// When the peer last gave a sign of life.
    seen: Instant,
    /// Something was handed to the socket that may not be on the network.
    unflushed: bool,
    /// Runs once our close frame was handed to the socket.
    closing: Option<Pin<Box<Sleep>>>,
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
    TimedOut,
    Failed(Error),
}

impl Pump {
    pub async fn new(
        connection: Box<dyn Connection>,
        role: Role,
        channel: Channel,
        going_away: CancellationToken,
        holding: Holding,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            socket: WebSocketStream::from_raw_socket(connection, role, Some(config)).await,
            channel,
            going_away: Box::pin(going_away.cancelled_owned()),
            is_leaving: false,
            ping,
            seen: Instant::now(),
            unflushed: false,
            closing: None,
            closed: None,
            cut_off: false,
            _holding: holding,
        }
    }

    /// Runs to the end of the connection.
    pub async fn run(mut self) {
        let end = poll_fn(|cx| self.poll(cx)).await;
        if let End::Failed(error) = &end
            && let Some(code) = complaint(error)
        {
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
        while self.socket_is_ready(cx)? {
            match self.channel.next() {
                Some(Outgoing::Message(message)) => self.start_send(frame(message))?,
                Some(Outgoing::Close(reason)) => {
                    self.start_send(Frame::Close(reason.map(close_frame)))?;
                    self.closing = Some(Box::pin(sleep(CLOSE_WAIT)));
                }
                None => break,
            }
        }
        if self.unflushed && Pin::new(&mut self.socket).poll_flush(cx)?.is_ready() {
            self.unflushed = false;
            if !self.cut_off {
                self.channel.written();
            }
        }
        Ok(())
    }

    fn socket_is_ready(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        Ok(Pin::new(&mut self.socket).poll_ready(cx)?.is_ready())
    }

    fn start_send(&mut self, frame: Frame) -> Result<(), Error> {
        self.unflushed = true;
        match Pin::new(&mut self.socket).start_send(frame) {
            // The peer has closed meanwhile: nothing is sent after that.
            Err(_) if self.closed.is_some() => {
                self.cut_off = true;
                Ok(())
            }
            sent => sent,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            // A guest that has closed gets no message any more, so that the peer's close frame can always be reached.
            if self.closing.is_none() && !self.channel.has_room() {
                self.seen = Instant::now();
                return Poll::Pending;
            }
            let frame = match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(End::Over),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(End::Failed(error)),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            self.seen = Instant::now();
            match frame {
                Frame::Text(text) => self
                    .channel
                    .deliver(Message::Text(text.as_str().to_owned())),
                Frame::Binary(bytes) => self.channel.deliver(Message::Binary(bytes.into())),
                Frame::Close(frame) => {
                    self.closed = Some(match frame {
                        Some(frame) => (frame.code.into(), frame.reason.as_str().to_owned()),
                        None => (NO_STATUS, String::new()),
                    });
                    if self.closing.is_none() {
                        self.cut_off = self.channel.buffered() > 0;
                        self.closing = Some(Box::pin(sleep(CLOSE_WAIT)));
                    } else {
                        // Both have closed, and nothing more is owed.
                        return Poll::Ready(End::Over);
                    }
                }
                Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_) => {}
            }
        }
    }

    fn poll_clocks(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if let Some(closing) = &mut self.closing {
            return closing.as_mut().poll(cx).map(|()| End::TimedOut);
        }
        while self.ping.poll_tick(cx).is_ready() {
            if self.seen.elapsed() > 2 * PING_EVERY {
                return Poll::Ready(End::TimedOut);
            }
            if let Ok(true) = self.socket_is_ready(cx) {
                // What is wrong with the connection shows when it is read.
                let _ = self.start_send(Frame::Ping(Default::default()));
                let _ = Pin::new(&mut self.socket).poll_flush(cx);
            }
        }
        Poll::Pending
    }

    /// Tells the peer why the connection ends, where it takes that without waiting.
    async fn complain(&mut self, code: CloseCode) {
        let frame = CloseFrame {
            code,
            reason: Default::default(),
        };
        if self.start_send(Frame::Close(Some(frame))).is_ok() {
            poll_fn(|cx| {
                let _ = Pin::new(&mut self.socket).poll_flush(cx);
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
                End::TimedOut if self.closing.is_some() => None,
                End::TimedOut => Some("the peer gave no sign of life".to_owned()),
                End::Over => Some("the connection was lost".to_owned()),
                End::Failed(error) => Some(error.to_string()),
            },
        }
    }
}

fn frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text.into()),
        Message::Binary(bytes) => Frame::Binary(bytes.into()),
    }
}

fn close_frame((code, reason): (u16, String)) -> CloseFrame {
    CloseFrame {
        code: code.into(),
        reason: reason.into(),
    }
}

/// What the peer is told about a failure that is its own (RFC 6455 7.4.1).
fn complaint(error: &Error) -> Option<CloseCode> {
    match error {
        Error::Capacity(_) => Some(CloseCode::Size),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}
