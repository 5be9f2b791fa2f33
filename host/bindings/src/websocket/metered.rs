//! A connection that counts what comes in: the protocol holds a message until it is whole, and does not tell how much of it is there.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ouro_runtime::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(super) struct Metered {
    connection: Box<dyn Connection>,
    /// Bytes so far.
    read: u64,
}

impl Metered {
    pub fn new(connection: Box<dyn Connection>) -> Self {
        Self {
            connection,
            read: 0,
        }
    }

    pub fn read(&self) -> u64 {
        self.read
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.connection).poll_read(cx, buffer))?;
        self.read += (buffer.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}
