//! Closes a connection without losing the answer. Where the client is still sending when we close (an answer of 431, or a
//! handler that did not read its upload), the kernel would answer the unread bytes with a reset, and the client might
//! never see the response. RFC 9112 9.6: half-close, then read until the client closes.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

/// How long unread bytes are thrown away.
const LINGER: Duration = Duration::from_secs(2);

/// A connection that lingers when it is dropped with bytes unread.
pub(crate) struct Lingering {
    io: Option<TokioIo<TcpStream>>,
    tasks: TaskTracker,
}

impl Lingering {
    pub(crate) fn new(stream: TcpStream, tasks: TaskTracker) -> Self {
        Self {
            io: Some(TokioIo::new(stream)),
            tasks,
        }
    }

    /// `None` is never seen: the stream is taken by `drop` alone.
    fn io(&mut self) -> Option<Pin<&mut TokioIo<TcpStream>>> {
        self.io.as_mut().map(Pin::new)
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

fn closed<T>() -> Poll<std::io::Result<T>> {
    Poll::Ready(Err(std::io::ErrorKind::NotConnected.into()))
}

impl Read for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io()
            .map_or_else(closed, |io| io.poll_read(context, buffer))
    }
}

impl Write for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.io()
            .map_or_else(closed, |io| io.poll_write(context, bytes))
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io().map_or_else(closed, |io| io.poll_flush(context))
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.io()
            .map_or_else(closed, |io| io.poll_shutdown(context))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.as_ref().is_some_and(Write::is_write_vectored)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.io()
            .map_or_else(closed, |io| io.poll_write_vectored(context, slices))
    }
}
