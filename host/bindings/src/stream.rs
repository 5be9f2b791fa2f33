//! Streams of artifacts to and from `wasi:io`.

use std::future::poll_fn;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use futures_util::stream;
use ouro_core::ports::artifacts::{ArtifactError, ByteStream};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynInputStream, InputStream, Pollable, StreamError, StreamResult};

const READ_BYTES: usize = 64 << 10;

/// An artifact as the guest reads it. It is read from the store only as far as the guest reads.
pub(crate) struct ArtifactInput {
    body: ByteStream,
    buffer: Bytes,
    end: Option<Result<(), ArtifactError>>,
}

impl ArtifactInput {
    pub fn new(body: ByteStream) -> Self {
        Self {
            body,
            buffer: Bytes::new(),
            end: None,
        }
    }

    pub fn whole(bytes: Bytes) -> Self {
        Self {
            buffer: bytes,
            ..Self::new(Box::pin(stream::empty()))
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.buffer.is_empty() && self.end.is_none() {
            match ready!(self.body.as_mut().poll_next(cx)) {
                Some(Ok(chunk)) => self.buffer = chunk,
                Some(Err(error)) => self.end = Some(Err(error)),
                None => self.end = Some(Ok(())),
            }
        }
        Poll::Ready(())
    }
}

#[async_trait]
impl InputStream for ArtifactInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let waiting = self
            .poll_fill(&mut Context::from_waker(Waker::noop()))
            .is_pending();
        if waiting {
            return Ok(Bytes::new());
        }
        if !self.buffer.is_empty() {
            return Ok(self.buffer.split_to(size.min(self.buffer.len())));
        }
        match self.end.replace(Ok(())) {
            Some(Err(error)) => Err(StreamError::LastOperationFailed(error.into())),
            _ => Err(StreamError::Closed),
        }
    }
}

#[async_trait]
impl Pollable for ArtifactInput {
    async fn ready(&mut self) {
        poll_fn(|cx| self.poll_fill(cx)).await;
    }
}

/// What the guest hands over, as the store takes it.
pub(crate) fn from_guest(input: DynInputStream) -> ByteStream {
    Box::pin(stream::unfold(Some(input), |input| async move {
        let mut input = input?;
        match next(&mut input).await {
            Ok(chunk) => Some((Ok(chunk), Some(input))),
            Err(StreamError::Closed) => None,
            Err(error) => Some((Err(ArtifactError::Truncated(reason(error))), None)),
        }
    }))
}

async fn next(input: &mut DynInputStream) -> StreamResult<Bytes> {
    loop {
        input.ready().await;
        let chunk = input.read(READ_BYTES)?;
        if !chunk.is_empty() {
            return Ok(chunk);
        }
    }
}

fn reason(error: StreamError) -> String {
    match error {
        StreamError::LastOperationFailed(error) => error.root_cause().to_string(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, TryStreamExt};

    use super::*;

    fn chunks(parts: Vec<Result<Bytes, ArtifactError>>) -> ByteStream {
        Box::pin(stream::iter(parts))
    }

    #[tokio::test]
    async fn bytes_go_to_the_guest_and_back() {
        let parts = vec![
            Ok(Bytes::from_static(b"ab")),
            Ok(Bytes::new()),
            Ok(Bytes::from_static(b"c")),
        ];
        let input: DynInputStream = Box::new(ArtifactInput::new(chunks(parts)));
        let back: Vec<Bytes> = from_guest(input).try_collect().await.expect("reads");
        assert_eq!(back.concat(), b"abc");
    }

    #[tokio::test]
    async fn a_failure_of_the_source_ends_the_stream_as_truncated() {
        let parts = vec![
            Ok(Bytes::from_static(b"ab")),
            Err(ArtifactError::Unavailable("gone".into())),
        ];
        let input: DynInputStream = Box::new(ArtifactInput::new(chunks(parts)));
        let back: Vec<_> = from_guest(input).collect().await;
        assert!(matches!(&back[1], Err(ArtifactError::Truncated(why)) if why.contains("gone")));
        assert_eq!(back.len(), 2);
    }
}
