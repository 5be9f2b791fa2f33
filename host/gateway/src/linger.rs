//! Closes a connection without losing the answer. Where the client is still sending when we close (an answer of 431, or a
//! handler that did not read its upload), the kernel would answer the unread bytes with a reset, and the client might
//! never see the response. RFC 9112 9.6: half-close, then read until the client closes.
//!
//! A client that takes nothing of its answer is given up: hyper waits for it as long as it likes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_util::task::TaskTracker;

/// How long unread bytes are thrown away.
const LINGER: Duration = Duration::from_secs(2);

/// A connection that lingers when it is dropped with bytes unread.
pub(crate) struct Lingering {
    io: Option<TokioIo<TcpStream>>,
    tasks: TaskTracker,
    write_timeout: Duration,
    /// Runs while the client takes nothing of what is written.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(crate) fn new(stream: TcpStream, tasks: TaskTracker, write_timeout: Duration) -> Self {
        Self {
            io: Some(TokioIo::new(stream)),
            tasks,
            write_timeout,
            stalled: None,
        }
    }

    /// `None` is never seen: the stream is taken by `drop` alone.
    fn io(&mut self) -> Option<Pin<&mut TokioIo<TcpStream>>> {
        self.io.as_mut().map(Pin::new)
    }

    /// An error where the client has taken nothing for too long.
    fn in_time(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let timeout = self.write_timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(timeout)));
        ready!(stalled.as_mut().poll(context));
        if let Some(io) = &self.io {
            // What the client does not take the kernel would go on offering. A failure leaves just that.
            let _ = io.inner().set_zero_linger();
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(stream) = self.io.take().map(TokioIo::into_inner) else {
            return;
        };
        // No system call where the socket is not known to be readable.
        if matches!(stream.try_read(&mut [0; 1]), Ok(1)) {
            self.tasks.spawn(linger(stream));
        }
    }
}

async fn linger(mut stream: TcpStream) {
    let discard = async {
        if stream.shutdown().await.is_err() {
            return;
        }
        let mut buffer = vec![0; 16 << 10];
        while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
    };
    // The time being over is as good an end as the client's own.
    let _ = tokio::time::timeout(LINGER, discard).await;
}

fn closed<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
}

impl Read for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.io()
            .map_or_else(closed, |io| io.poll_read(context, buffer))
    }
}

impl Write for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self
            .io()
            .map_or_else(closed, |io| io.poll_write(context, bytes));
        self.in_time(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io().map_or_else(closed, |io| io.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io()
            .map_or_else(closed, |io| io.poll_shutdown(context))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.as_ref().is_some_and(Write::is_write_vectored)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self
            .io()
            .map_or_else(closed, |io| io.poll_write_vectored(context, slices));
        self.in_time(context, written)
    }
}
