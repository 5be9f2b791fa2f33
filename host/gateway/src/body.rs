//! The one body type that hyper sends: the gateway's own text, a file, or what a worker streams.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use ouro_core::ports::artifacts::ByteStream;
use ouro_runtime::ResponseBody;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub enum GatewayBody {
    Empty,
    /// Taken when it is sent.
    Full(Option<Bytes>),
    /// Polled only as fast as the client reads: back-pressure reaches the store.
    File {
        stream: ByteStream,
        left: u64,
    },
    Worker(ResponseBody),
}

impl GatewayBody {
    pub fn full(bytes: Bytes) -> Self {
        Self::Full(Some(bytes))
    }
}

impl Body for GatewayBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::File { stream, left } => {
                let chunk = match ready!(stream.as_mut().poll_next(context)) {
                    Some(Ok(chunk)) => chunk,
                    Some(Err(error)) => {
                        tracing::error!(%error, "an asset could not be read to its end");
                        return Poll::Ready(Some(Err(error.into())));
                    }
                    None => return Poll::Ready(None),
                };
                *left = left.saturating_sub(chunk.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
            Self::Worker(body) => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(bytes) => bytes.is_none(),
            Self::File { left, .. } => *left == 0,
            Self::Worker(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::File { left, .. } => SizeHint::with_exact(*left),
            Self::Worker(body) => body.size_hint(),
        }
    }
}
