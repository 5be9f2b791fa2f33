//! The bounded pipe between a guest that writes a response body and the connection that sends it.
//!
//! The guest's side is a `wasi:io` output stream; the other side is an HTTP body. A full pipe makes the guest wait, a reader
//! that is gone closes the guest's stream, and a writer that is gone before `finish` fails the body, so that the client
//! sees it is incomplete.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

use crate::exceeded::Exceeded;
use crate::meter::Shared;

/// Bytes that wait for the client.
const CAPACITY_BYTES: usize = 128 << 10;
/// A guest that writes byte by byte must not make the host keep more bookkeeping than bytes.
const CHUNKS_MAX: usize = 64;

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
pub(crate) struct PipeReader(Pipe);

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
    })));
    (BodyWriter(pipe.clone()), PipeReader(pipe))
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
        let mut state = self.0.state();
        if let Some(chunk) = state.chunks.pop_front() {
            state.buffered -= chunk.len();
            // Half empty is early enough, and saves waking the guest for each chunk.
            if state.buffered <= CAPACITY_BYTES / 2 {
                wake(&mut state.writer);
            }
            return Poll::Ready(Some(Ok(chunk)));
        }
        match state.end {
            End::Finished => Poll::Ready(None),
            End::Aborted => Poll::Ready(Some(Err(Aborted))),
            End::Open => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Nothing is left, and the end was regular.
    pub(crate) fn is_finished(&self) -> bool {
        let state = self.0.state();
        state.chunks.is_empty() && state.end == End::Finished
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.0.state().end == End::Aborted
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.reader_gone = !state.discards;
        state.chunks.clear();
        state.buffered = 0;
        wake(&mut state.writer);
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
}
