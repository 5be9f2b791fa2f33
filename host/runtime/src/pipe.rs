//! The bounded pipe between a guest that writes a response body and the connection that sends it.
//!
//! The guest's side is a `wasi:io` output stream; the other side is an HTTP body. A full pipe makes the guest wait, a reader
//! that is gone closes the guest's stream, and a writer that is gone before `finish` fails the body, so that the client
//! sees it is incomplete.
//!
//! A body that the guest only hands on does not pass through it: the guest forwards an input stream, which the client's side
//! then reads by itself, as fast as the client does.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{DynInputStream, OutputStream, Pollable, StreamError, StreamResult};

use crate::exceeded::Exceeded;
use crate::meter::{Shared, thread_cpu_ns};

/// Bytes that wait for the client: a guest that is woken writes several chunks before it waits again.
const CAPACITY_BYTES: usize = 256 << 10;
/// A guest that writes byte by byte must not make the host keep more bookkeeping than bytes.
const CHUNKS_MAX: usize = 64;
/// Of a stream that is forwarded, at a time.
const FORWARDED_BYTES: usize = 256 << 10;

#[derive(Clone, Copy, PartialEq)]
enum End {
    Open,
    Finished,
    Aborted,
}

struct State {
    chunks: VecDeque<Bytes>,
    buffered: usize,
    end: End,
    /// Writes are accepted and thrown away: the response has no body (RFC 9110 6.4.1).
    discards: bool,
    reader_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    limit: Option<Limit>,
    /// Until the reader takes it over.
    forwarded: Option<DynInputStream>,
    /// Why what was forwarded ended early.
    failure: Option<String>,
}

/// How much may be written. The reader cuts the body; but a guest can have written all and ended before it comes to that.
struct Limit {
    bytes: u64,
    left: u64,
    shared: Weak<Shared>,
}

impl Limit {
    fn count(&mut self, bytes: usize) {
        match self.left.checked_sub(bytes as u64) {
            Some(left) => self.left = left,
            None => {
                if let Some(shared) = self.shared.upgrade() {
                    shared.exceed(Exceeded::response_body(self.bytes));
                }
            }
        }
    }
}

impl State {
    fn room(&self) -> usize {
        if self.discards {
            CAPACITY_BYTES
        } else if self.chunks.len() >= CHUNKS_MAX {
            0
        } else {
            CAPACITY_BYTES.saturating_sub(self.buffered)
        }
    }

    fn is_closed(&self) -> bool {
        self.reader_gone || self.end != End::Open
    }
}

fn wake(waiting: &mut Option<Waker>) {
    if let Some(waker) = waiting.take() {
        waker.wake();
    }
}

#[derive(Clone)]
struct Pipe(Arc<Mutex<State>>);

impl Pipe {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, end: End) {
        let mut state = self.state();
        if state.end == End::Open {
            state.end = end;
            wake(&mut state.reader);
            wake(&mut state.writer);
        }
    }
}

/// The resource `body-writer`. Dropping it aborts the body.
pub struct BodyWriter(Pipe);

/// The output stream of a `body-writer`.
pub(crate) struct PipeWriter(Pipe);

/// The client's side.
pub(crate) struct PipeReader {
    pipe: Pipe,
    forwarded: Option<Forwarded>,
}

/// The resource `forwarding`. Dropping it before the end aborts the body.
pub struct Forwarding(BodyWriter);

pub(crate) fn pipe(discards: bool) -> (BodyWriter, PipeReader) {
    let pipe = Pipe(Arc::new(Mutex::new(State {
        chunks: VecDeque::new(),
        buffered: 0,
        end: End::Open,
        discards,
        reader_gone: false,
        reader: None,
        writer: None,
        limit: None,
        forwarded: None,
        failure: None,
    })));
    let reader = PipeReader {
        pipe: pipe.clone(),
        forwarded: None,
    };
    (BodyWriter(pipe), reader)
}

impl BodyWriter {
    /// What is written beyond is on the invocation's record.
    pub(crate) fn limited(self, shared: &Arc<Shared>) -> Self {
        let bytes = shared.limits.response_body_bytes;
        self.0.state().limit = Some(Limit {
            bytes,
            left: bytes,
            shared: Arc::downgrade(shared),
        });
        self
    }

    pub(crate) fn stream(&self) -> PipeWriter {
        PipeWriter(self.0.clone())
    }

    pub(crate) fn finish(self) {
        self.0.end(End::Finished);
    }

    /// The rest of the body is what the stream has, and ends with it.
    pub(crate) fn forward(self, stream: DynInputStream) -> Forwarding {
        let mut state = self.0.state();
        if state.discards {
            state.end = End::Finished;
        } else if !state.is_closed() {
            state.forwarded = Some(stream);
            wake(&mut state.reader);
        }
        drop(state);
        Forwarding(self)
    }
}

impl Forwarding {
    /// How it ended: why the stream failed, or `None` where nobody takes the body any more.
    pub(crate) fn end(&self) -> Result<(), Option<String>> {
        let state = self.0.0.state();
        match state.end {
            End::Finished => Ok(()),
            End::Open | End::Aborted => Err(state.failure.clone()),
        }
    }
}

#[async_trait]
impl Pollable for Forwarding {
    async fn ready(&mut self) {
        poll_fn(|cx| {
            let mut state = self.0.0.state();
            if state.is_closed() {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Drop for BodyWriter {
    fn drop(&mut self) {
        self.0.end(End::Aborted);
    }
}

#[async_trait]
impl OutputStream for PipeWriter {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut state = self.0.state();
        if state.is_closed() {
            return Err(StreamError::Closed);
        }
        if bytes.len() > state.room() {
            return Err(StreamError::trap("wrote more than `check-write` permits"));
        }
        if !state.discards && !bytes.is_empty() {
            if let Some(limit) = &mut state.limit {
                limit.count(bytes.len());
            }
            state.buffered += bytes.len();
            state.chunks.push_back(bytes);
            wake(&mut state.reader);
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        let state = self.0.state();
        if state.is_closed() {
            return Err(StreamError::Closed);
        }
        Ok(state.room())
    }
}

#[async_trait]
impl Pollable for PipeWriter {
    async fn ready(&mut self) {
        poll_fn(|cx| {
            let mut state = self.0.state();
            if state.is_closed() || state.room() > 0 {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// The writer was dropped before the body was finished.
pub(crate) struct Aborted;

impl PipeReader {
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Aborted>>> {
        {
            let mut state = self.pipe.state();
            if let Some(chunk) = state.chunks.pop_front() {
                state.buffered -= chunk.len();
                // Half empty is early enough, and saves waking the guest for each chunk.
                if state.buffered <= CAPACITY_BYTES / 2 {
                    wake(&mut state.writer);
                }
                return Poll::Ready(Some(Ok(chunk)));
            }
            match state.end {
                End::Finished => return Poll::Ready(None),
                End::Aborted => return Poll::Ready(Some(Err(Aborted))),
                End::Open => state.reader = Some(cx.waker().clone()),
            }
            if let Some(stream) = state.forwarded.take() {
                let limit = state.limit.as_ref();
                self.forwarded = Some(Forwarded {
                    stream: Some(stream),
                    ready: None,
                    shared: limit.map_or_else(Weak::new, |limit| limit.shared.clone()),
                });
            }
        }
        self.poll_forwarded(cx)
    }

    fn poll_forwarded(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Aborted>>> {
        let Some(forwarded) = &mut self.forwarded else {
            return Poll::Pending;
        };
        let read = ready!(forwarded.poll_metered(cx));
        let (end, answer) = match read {
            Ok(chunk) => return Poll::Ready(Some(Ok(chunk))),
            Err(StreamError::Closed) => (End::Finished, None),
            Err(error) => {
                self.pipe.state().failure = Some(reason(error));
                (End::Aborted, Some(Err(Aborted)))
            }
        };
        self.forwarded = None;
        self.pipe.end(end);
        Poll::Ready(answer)
    }

    /// Nothing is left, and the end was regular.
    pub(crate) fn is_finished(&self) -> bool {
        let state = self.pipe.state();
        state.chunks.is_empty() && state.end == End::Finished
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.pipe.state().end == End::Aborted
    }
}

/// What the guest is told of a failed read: behind the first line stands what is for the operator.
fn reason(error: StreamError) -> String {
    let text = match error {
        StreamError::LastOperationFailed(error) | StreamError::Trap(error) => error.to_string(),
        StreamError::Closed => String::new(),
    };
    text.lines().next().unwrap_or_default().to_owned()
}

/// A stream that the guest has handed on. What reading it computes, such as undoing a content coding, is on the guest's account.
struct Forwarded {
    stream: Option<DynInputStream>,
    /// The stream, when there is something to read again.
    ready: Option<Pin<Box<dyn Future<Output = DynInputStream> + Send>>>,
    shared: Weak<Shared>,
}

impl Forwarded {
    fn poll_metered(&mut self, cx: &mut Context<'_>) -> Poll<StreamResult<Bytes>> {
        let Some(shared) = self.shared.upgrade() else {
            return Poll::Ready(Err(StreamError::trap("the invocation has ended")));
        };
        if shared.cpu_is_used_up() {
            let error = wasmtime::format_err!("the worker used more CPU time than its limit");
            return Poll::Ready(Err(StreamError::LastOperationFailed(error)));
        }
        let began = thread_cpu_ns();
        let read = self.poll_read(cx);
        shared.charge(Duration::from_nanos(thread_cpu_ns().saturating_sub(began)));
        read
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<StreamResult<Bytes>> {
        if let Some(ready) = &mut self.ready {
            self.stream = Some(ready!(ready.as_mut().poll(cx)));
            self.ready = None;
        }
        let Some(mut stream) = self.stream.take() else {
            return Poll::Ready(Err(StreamError::trap("it was read after it had failed")));
        };
        let read = stream.read(FORWARDED_BYTES)?;
        if !read.is_empty() {
            self.stream = Some(stream);
            return Poll::Ready(Ok(read));
        }
        let ready = self.ready.insert(Box::pin(async move {
            stream.ready().await;
            stream
        }));
        self.stream = Some(ready!(ready.as_mut().poll(cx)));
        self.ready = None;
        // The next poll reads.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        let mut state = self.pipe.state();
        state.reader_gone = !state.discards;
        state.chunks.clear();
        state.buffered = 0;
        let forwarded = state.forwarded.take();
        wake(&mut state.writer);
        drop(state);
        drop(forwarded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(reader: &mut PipeReader) -> Poll<Option<Result<Bytes, Aborted>>> {
        reader.poll_chunk(&mut Context::from_waker(Waker::noop()))
    }

    fn is_pending(writer: &mut PipeWriter) -> bool {
        let mut ready = writer.ready();
        ready
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    }

    #[test]
    fn a_full_pipe_makes_the_writer_wait_until_it_is_read() {
        let (body, mut reader) = pipe(false);
        let mut writer = body.stream();
        writer.write(vec![0; CAPACITY_BYTES].into()).expect("room");
        assert_eq!(writer.check_write().expect("open"), 0);
        assert!(is_pending(&mut writer));
        assert!(
            matches!(poll(&mut reader), Poll::Ready(Some(Ok(chunk))) if chunk.len() == CAPACITY_BYTES)
        );
        assert!(!is_pending(&mut writer));
    }

    #[test]
    fn single_bytes_fill_the_pipe_by_their_number() {
        let (body, _reader) = pipe(false);
        let mut writer = body.stream();
        for _ in 0..CHUNKS_MAX {
            writer.write(Bytes::from_static(b"x")).expect("room");
        }
        assert_eq!(writer.check_write().expect("open"), 0);
    }

    #[test]
    fn finish_ends_the_body_and_drop_aborts_it() {
        let (body, mut reader) = pipe(false);
        body.finish();
        assert!(matches!(poll(&mut reader), Poll::Ready(None)));
        let (body, mut reader) = pipe(false);
        drop(body);
        assert!(matches!(poll(&mut reader), Poll::Ready(Some(Err(Aborted)))));
    }

    #[test]
    fn a_response_without_a_body_takes_what_is_written() {
        let (body, reader) = pipe(true);
        drop(reader);
        let mut writer = body.stream();
        for _ in 0..3 {
            writer
                .write(vec![0; CAPACITY_BYTES].into())
                .expect("is thrown away");
        }
    }

    #[test]
    fn a_reader_that_is_gone_closes_the_stream() {
        let (body, reader) = pipe(false);
        drop(reader);
        assert!(matches!(
            body.stream().check_write(),
            Err(StreamError::Closed)
        ));
    }

    /// Gives what it is told, one after the other.
    struct Script(VecDeque<StreamResult<Bytes>>);

    #[async_trait]
    impl wasmtime_wasi::p2::InputStream for Script {
        fn read(&mut self, _: usize) -> StreamResult<Bytes> {
            self.0.pop_front().unwrap_or(Err(StreamError::Closed))
        }
    }

    #[async_trait]
    impl Pollable for Script {
        async fn ready(&mut self) {}
    }

    fn shared() -> Arc<Shared> {
        let (now, limits) = (std::time::Instant::now(), Default::default());
        Arc::new(Shared::new(now, limits, false, Default::default(), None))
    }

    fn forwarded(body: BodyWriter, script: Vec<StreamResult<Bytes>>) -> Forwarding {
        body.forward(Box::new(Script(script.into())))
    }

    fn is_over(forwarding: &mut Forwarding) -> bool {
        let mut ready = forwarding.ready();
        let mut cx = Context::from_waker(Waker::noop());
        ready.as_mut().poll(&mut cx).is_ready()
    }

    #[test]
    fn a_stream_that_is_forwarded_follows_what_was_written() {
        let shared = shared();
        let (body, mut reader) = pipe(false);
        let body = body.limited(&shared);
        body.stream().write(Bytes::from_static(b"a")).expect("room");
        let script = ["b", "", "c"].map(|text| Ok(Bytes::from(text)));
        let mut forwarding = forwarded(body, script.into());
        let mut read = Vec::new();
        loop {
            match poll(&mut reader) {
                Poll::Ready(Some(Ok(chunk))) => read.extend_from_slice(&chunk),
                Poll::Ready(end) => break assert!(end.is_none()),
                // The stream had nothing for a moment.
                Poll::Pending => assert!(!is_over(&mut forwarding)),
            }
        }
        assert_eq!(read, b"abc");
        assert!(reader.is_finished() && is_over(&mut forwarding));
        assert_eq!(forwarding.end(), Ok(()));
    }

    #[test]
    fn a_stream_that_fails_aborts_the_body_and_says_why() {
        let shared = shared();
        let (body, mut reader) = pipe(false);
        let error = wasmtime::format_err!("lost\nfor the operator");
        let script = vec![Err(StreamError::LastOperationFailed(error))];
        let mut forwarding = forwarded(body.limited(&shared), script);
        assert!(matches!(poll(&mut reader), Poll::Ready(Some(Err(Aborted)))));
        assert!(is_over(&mut forwarding));
        let told = forwarding.end().expect_err("it failed").expect("a reason");
        assert!(
            told.contains("lost") && !told.contains("operator"),
            "{told}"
        );
    }

    #[test]
    fn nobody_reads_a_stream_for_a_client_that_is_gone() {
        let (body, reader) = pipe(false);
        let mut forwarding = forwarded(body, vec![Ok(Bytes::from_static(b"a"))]);
        assert!(!is_over(&mut forwarding));
        drop(reader);
        assert!(is_over(&mut forwarding));
        assert_eq!(forwarding.end(), Err(None));
    }

    #[test]
    fn a_guest_that_ends_before_the_stream_aborts_the_body() {
        let shared = shared();
        let (body, mut reader) = pipe(false);
        let forwarding = forwarded(body.limited(&shared), vec![Ok(Bytes::from_static(b"a"))]);
        drop(forwarding);
        assert!(matches!(poll(&mut reader), Poll::Ready(Some(Err(Aborted)))));
    }

    #[test]
    fn a_response_without_a_body_forwards_nothing() {
        let (body, reader) = pipe(true);
        drop(reader);
        let mut forwarding = forwarded(body, vec![Ok(Bytes::from_static(b"a"))]);
        assert!(is_over(&mut forwarding));
        assert_eq!(forwarding.end(), Ok(()));
    }

    #[test]
    fn what_forwarding_computes_is_the_invocations() {
        let mut shared = shared();
        Arc::get_mut(&mut shared).expect("alone").limits.cpu_ms = 0;
        shared.charge(Duration::from_nanos(1));
        let (body, mut reader) = pipe(false);
        let forwarding = forwarded(body.limited(&shared), vec![Ok(Bytes::from_static(b"a"))]);
        assert!(matches!(poll(&mut reader), Poll::Ready(Some(Err(Aborted)))));
        assert!(matches!(forwarding.end(), Err(Some(why)) if why.contains("CPU")));
    }
}
