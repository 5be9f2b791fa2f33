//! Bodies on their way: requests to the guest, responses from it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi_http::WasiBody;

use crate::exceeded::Exceeded;
use crate::meter::Shared;
use crate::pipe::PipeReader;

/// A request body up to this size enters the guest with the head, where it has arrived with it. A response body up to this
/// size leaves in one piece.
const INLINE_BYTES_MAX: usize = 64 << 10;

/// The response body ended early.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BodyError {
    #[error("the worker ended before its response body was complete")]
    Aborted,
    #[error("response body: {0}")]
    Failed(String),
    #[error("{0}")]
    Exceeded(Exceeded),
}

enum Rest {
    Done,
    Streamed(Streamed),
    /// It ended before it was whole.
    Broken(BodyError),
}

/// A body that is not whole yet.
struct Streamed {
    source: Source,
    limit: u64,
    left: u64,
    /// The invocation itself may hold the response.
    shared: Weak<Shared>,
}

enum Source {
    Pipe(PipeReader),
    Outgoing(WasiBody),
}

/// What a worker answers with: complete, or streamed with back-pressure.
pub struct ResponseBody {
    /// What was there when the head was handed over.
    start: Bytes,
    rest: Rest,
}

impl ResponseBody {
    pub(crate) fn empty() -> Self {
        Self::full(Bytes::new())
    }

    pub(crate) fn full(start: Bytes) -> Self {
        Self {
            start,
            rest: Rest::Done,
        }
    }

    pub(crate) fn piped(reader: PipeReader, shared: &Arc<Shared>) -> Self {
        Self::streamed(Source::Pipe(reader), shared)
    }

    pub(crate) fn outgoing(body: WasiBody, shared: &Arc<Shared>) -> Self {
        Self::streamed(Source::Outgoing(body), shared)
    }

    fn streamed(source: Source, shared: &Arc<Shared>) -> Self {
        Self {
            start: Bytes::new(),
            rest: Rest::Streamed(Streamed {
                source,
                limit: shared.limits.response_body_bytes,
                left: shared.limits.response_body_bytes,
                shared: Arc::downgrade(shared),
            }),
        }
    }

    /// True when the whole body is here.
    pub fn is_complete(&self) -> bool {
        matches!(self.rest, Rest::Done)
    }

    /// What is here is less than one piece, and not all of it.
    pub(crate) fn has_room(&self) -> bool {
        !self.is_complete() && self.start.len() < INLINE_BYTES_MAX
    }

    pub(crate) fn is_aborted(&self) -> bool {
        match &self.rest {
            Rest::Done => false,
            Rest::Streamed(body) => body.source.is_aborted(),
            Rest::Broken(_) => true,
        }
    }

    /// Takes what the guest has written so far, up to the size of one piece. True where anything came.
    pub(crate) fn gather(&mut self, cx: &mut Context<'_>) -> bool {
        let mut more: Option<BytesMut> = None;
        let before = self.start.len();
        while before + more.as_ref().map_or(0, BytesMut::len) < INLINE_BYTES_MAX {
            match self.rest.poll_chunk(cx) {
                Poll::Ready(Some(Ok(chunk))) if self.start.is_empty() && more.is_none() => {
                    self.start = chunk
                }
                Poll::Ready(Some(Ok(chunk))) => more
                    .get_or_insert_with(|| BytesMut::from(self.start.as_ref()))
                    .extend_from_slice(&chunk),
                Poll::Ready(None) => {
                    self.rest = Rest::Done;
                    break;
                }
                // A source tells its failure once.
                Poll::Ready(Some(Err(error))) => {
                    self.rest = Rest::Broken(error);
                    break;
                }
                Poll::Pending => break,
            }
        }
        if let Some(more) = more {
            self.start = more.freeze();
        }
        self.start.len() > before
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("start_bytes", &self.start.len())
            .field("is_complete", &self.is_complete())
            .finish_non_exhaustive()
    }
}

impl Rest {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let body = match self {
            Self::Done => return Poll::Ready(None),
            Self::Broken(error) => return Poll::Ready(Some(Err(error.clone()))),
            Self::Streamed(body) => body,
        };
        let chunk = ready!(body.source.poll_chunk(cx));
        if let Some(Ok(chunk)) = &chunk
            && let Err(exceeded) = body.count(chunk.len())
        {
            // With its source, so that the guest sees a client that is gone.
            let error = BodyError::Exceeded(exceeded);
            *self = Self::Broken(error.clone());
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Ready(chunk)
    }
}

impl Streamed {
    fn count(&mut self, bytes: usize) -> Result<(), Exceeded> {
        if let Some(left) = self.left.checked_sub(bytes as u64) {
            self.left = left;
            return Ok(());
        }
        let exceeded = Exceeded::response_body(self.limit);
        if let Some(shared) = self.shared.upgrade() {
            shared.exceed(exceeded);
        }
        Err(exceeded)
    }
}

impl Source {
    fn is_aborted(&self) -> bool {
        matches!(self, Self::Pipe(reader) if reader.is_aborted())
    }

    fn is_finished(&self) -> bool {
        match self {
            Self::Pipe(reader) => reader.is_finished(),
            Self::Outgoing(body) => body.is_end_stream(),
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        match self {
            Self::Pipe(reader) => reader
                .poll_chunk(cx)
                .map(|chunk| chunk.map(|chunk| chunk.map_err(|_| BodyError::Aborted))),
            Self::Outgoing(body) => loop {
                match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                    None => return Poll::Ready(None),
                    Some(Err(error)) => {
                        return Poll::Ready(Some(Err(BodyError::Failed(error.to_string()))));
                    }
                    // Trailers are dropped.
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Poll::Ready(Some(Ok(data)));
                        }
                    }
                }
            },
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start);
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        self.rest
            .poll_chunk(cx)
            .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.start.is_empty()
            && match &self.rest {
                Rest::Done => true,
                Rest::Streamed(body) => body.source.is_finished(),
                Rest::Broken(_) => false,
            }
    }

    fn size_hint(&self) -> SizeHint {
        match self.rest {
            Rest::Done => SizeHint::with_exact(self.start.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// A request body, as far as it was looked at.
pub(crate) enum RequestBody {
    None,
    Whole(Bytes),
    Stream(RequestStream),
}

impl RequestBody {
    /// Takes what arrived with the head. It waits for nothing but one turn of the connection, which hands over what it has read.
    pub(crate) async fn look(mut body: WasiBody) -> Self {
        if body.is_end_stream() {
            return Self::None;
        }
        let small = body
            .size_hint()
            .upper()
            .is_none_or(|upper| upper <= INLINE_BYTES_MAX as u64);
        let mut start = BytesMut::new();
        let mut yielded = false;
        while small && start.len() <= INLINE_BYTES_MAX {
            match poll_fn(|cx| Poll::Ready(poll_data(&mut body, cx))).await {
                Poll::Ready(None) if start.is_empty() => return Self::None,
                Poll::Ready(None) => return Self::Whole(start.freeze()),
                Poll::Ready(Some(Ok(data))) => start.extend_from_slice(&data),
                Poll::Ready(Some(Err(error))) => {
                    return Self::Stream(RequestStream::new(body, start, Some(error)));
                }
                Poll::Pending if yielded => break,
                Poll::Pending => {
                    yielded = true;
                    turn().await;
                }
            }
        }
        Self::Stream(RequestStream::new(body, start, None))
    }
}

/// Lets the connection that polls this run once. Unlike tokio's `yield_now` it does not wait for other events first.
async fn turn() {
    let mut turned = false;
    poll_fn(|cx| {
        if turned {
            return Poll::Ready(());
        }
        turned = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

type Failed = wasmtime_wasi_http::Error;

fn poll_data(body: &mut WasiBody, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failed>>> {
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if !data.is_empty() => return Poll::Ready(Some(Ok(data))),
                _ => {}
            },
        }
    }
}

/// A request body as a `wasi:io` input stream. It is read from the connection only as the guest reads it.
pub(crate) struct RequestStream {
    body: WasiBody,
    buffer: Bytes,
    end: Option<Result<(), Failed>>,
}

impl RequestStream {
    fn new(body: WasiBody, buffer: BytesMut, error: Option<Failed>) -> Self {
        Self {
            body,
            buffer: buffer.freeze(),
            end: error.map(Err),
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.buffer.is_empty() && self.end.is_none() {
            match ready!(poll_data(&mut self.body, cx)) {
                Some(Ok(data)) => self.buffer = data,
                Some(Err(error)) => self.end = Some(Err(error)),
                None => self.end = Some(Ok(())),
            }
        }
        Poll::Ready(())
    }
}

#[async_trait]
impl InputStream for RequestStream {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        let _ = self.poll_fill(&mut Context::from_waker(Waker::noop()));
        if !self.buffer.is_empty() {
            return Ok(self.buffer.split_to(size.min(self.buffer.len())));
        }
        match self.end.replace(Ok(())) {
            Some(Ok(())) => Err(StreamError::Closed),
            Some(Err(error)) => Err(StreamError::LastOperationFailed(told(error))),
            None => {
                self.end = None;
                Ok(Bytes::new())
            }
        }
    }
}

#[async_trait]
impl Pollable for RequestStream {
    async fn ready(&mut self) {
        poll_fn(|cx| self.poll_fill(cx)).await;
    }
}

/// What a read says of the failure.
fn told(error: Failed) -> wasmtime::Error {
    match error {
        Failed::HttpRequestBodySize(Some(limit)) => {
            wasmtime::format_err!("{}", Exceeded::request_body(limit))
        }
        error => error.into(),
    }
}

/// Any body as the one type that the bindings know. Errors of the connection become `wasi:http` errors. A body that does not say that it
/// keeps within the limit is counted.
pub(crate) fn boxed<B>(body: B, shared: &Arc<Shared>) -> WasiBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: fmt::Display,
{
    let limit = shared.limits.request_body_bytes;
    let is_within = body.size_hint().upper().is_some_and(|most| most <= limit);
    let body = body
        .map_err(|error| Failed::InternalError(Some(format!("request body: {error}"))))
        .boxed_unsync();
    if is_within {
        return body;
    }
    let counted = Counted {
        body,
        left: limit,
        shared: shared.clone(),
    };
    counted.boxed_unsync()
}

/// A request body that fails where it grows over its limit.
struct Counted {
    body: WasiBody,
    left: u64,
    shared: Arc<Shared>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Failed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            match self.left.checked_sub(data.len() as u64) {
                Some(left) => self.left = left,
                None => {
                    let limit = self.shared.limits.request_body_bytes;
                    self.shared.exceed(Exceeded::request_body(limit));
                    return Poll::Ready(Some(Err(Failed::HttpRequestBodySize(Some(limit)))));
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
