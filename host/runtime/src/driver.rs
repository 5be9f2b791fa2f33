//! Drives one invocation: in its caller's task until the response head is there, then, where something is left, in a task of
//! its own. It meters each poll, enforces the time limit while the guest waits, and sends the record exactly once, also when
//! it is dropped in the middle.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{self, SystemTime, UNIX_EPOCH};

use http::Response;
use ouro_core::id::ExecutionId;
use ouro_core::{Execution, Outcome, Trigger};
use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime::Trap;

use crate::body::ResponseBody;
use crate::error::InvocationError;
use crate::exceeded::Exceeded;
use crate::guest::EventOutcome;
use crate::headers::settle_length;
use crate::limits::Stop;
use crate::meter::Shared;
use crate::origin::{ClientInfo, Origin};
use crate::worker::LoadedWorker;

type Guest = Pin<Box<dyn Future<Output = wasmtime::Result<()>> + Send>>;

pub(crate) struct Driver {
    worker: Arc<LoadedWorker>,
    shared: Arc<Shared>,
    /// `None` before the start and after the end.
    guest: Option<Guest>,
    /// Armed when the guest first waits.
    deadline: Option<Pin<Box<Sleep>>>,
    /// `None` once the record is sent.
    record: Option<Record>,
}

/// What the record says from the start on.
struct Record {
    id: ExecutionId,
    trigger: Trigger,
    started_at_ms: u64,
}

impl Driver {
    pub fn new(
        worker: &Arc<LoadedWorker>,
        id: ExecutionId,
        trigger: Trigger,
        received: time::Instant,
        is_head: bool,
        client: ClientInfo,
        origin: Option<Origin>,
    ) -> Self {
        let started = SystemTime::now() - received.elapsed();
        let started_at_ms = started
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as u64);
        Self {
            worker: worker.clone(),
            shared: Arc::new(Shared::new(
                received,
                worker.version().config.limits,
                is_head,
                client,
                origin,
            )),
            guest: None,
            deadline: None,
            record: Some(Record {
                id,
                trigger,
                started_at_ms,
            }),
        }
    }

    pub fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    pub fn start(&mut self, guest: Guest) {
        self.guest = Some(guest);
    }

    /// Runs until the head is there. What is left then goes on as a task of the runtime.
    pub async fn head(mut self) -> Result<Response<ResponseBody>, InvocationError> {
        let head = poll_fn(|cx| self.poll_head(cx)).await;
        if self.guest.is_some() {
            let tracker = self.worker.runtime.0.tracker.clone();
            tracker.spawn(self);
        }
        head
    }

    /// Runs what is not HTTP to its end. The outcome is there also where the handler failed.
    pub async fn end(mut self) -> (Option<EventOutcome>, Option<InvocationError>) {
        let end = poll_fn(|cx| self.poll_guest(cx)).await;
        let outcome = self.shared.report().outcome.take();
        (outcome, self.finish(end))
    }

    fn poll_head(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<ResponseBody>, InvocationError>> {
        loop {
            let end = self.poll_guest(cx);
            let mut report = self.shared.report();
            let Some(mut response) = report.response.take() else {
                let (failure, exceeded) = (report.failure.clone(), report.exceeded);
                drop(report);
                return match (end, failure) {
                    (Poll::Ready(end), _) => {
                        Poll::Ready(Err(self.finish(end).unwrap_or(InvocationError::NoResponse)))
                    }
                    // It is still at its last lines.
                    (Poll::Pending, Some(failure)) => {
                        let error = InvocationError::thrown(failure, exceeded);
                        Poll::Ready(Err(self.unless_out_of_memory(error)))
                    }
                    (Poll::Pending, None) => Poll::Pending,
                };
            };
            drop(report);
            let progress = response.body_mut().gather(cx);
            match end {
                Poll::Ready(end) => return Poll::Ready(self.ended(end, response)),
                Poll::Pending if let Some(exceeded) = self.response_exceeded() => {
                    // Nothing of it has left yet.
                    self.shared.report().status = None;
                    return Poll::Ready(Err(exceeded.into()));
                }
                // It is at work on the answer yet, and what has come of it so far waits for the rest, as it would without turns.
                Poll::Pending if self.shared.waits_for_turn() && response.body().has_room() => {
                    self.shared.report().response = Some(response);
                    return Poll::Pending;
                }
                // The guest may have waited for room only: what it answers with is often complete after its next turn.
                Poll::Pending if progress && !response.body().is_complete() => {
                    self.shared.report().response = Some(response);
                }
                Poll::Pending => return Poll::Ready(Ok(self.handed_over(response))),
            }
        }
    }

    /// The limit that the response went over.
    fn response_exceeded(&self) -> Option<Exceeded> {
        let exceeded = self.shared.report().exceeded;
        exceeded.filter(Exceeded::is_of_response)
    }

    /// The guest has ended, and its response is still here.
    fn ended(
        &mut self,
        end: wasmtime::Result<()>,
        response: Response<ResponseBody>,
    ) -> Result<Response<ResponseBody>, InvocationError> {
        // Nothing of a body that broke off has left yet, so the client can still be told.
        let aborted = response.body().is_aborted() || self.response_exceeded().is_some();
        if aborted {
            self.shared.report().status = None;
        }
        match self.finish(end) {
            Some(error) if aborted => Err(error),
            _ => Ok(self.handed_over(response)),
        }
    }

    fn handed_over(&self, mut response: Response<ResponseBody>) -> Response<ResponseBody> {
        settle_length(&mut response, self.shared.is_head);
        response
    }

    fn poll_guest(&mut self, cx: &mut Context<'_>) -> Poll<wasmtime::Result<()>> {
        let Some(guest) = &mut self.guest else {
            return Poll::Ready(Ok(()));
        };
        if let Poll::Ready(end) = self.shared.metered(|| guest.as_mut().poll(cx)) {
            self.guest = None;
            return Poll::Ready(end);
        }
        let Some(end) = self.shared.wall_deadline(Some(cx.waker())) else {
            return Poll::Pending;
        };
        let end = Instant::from_std(end);
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep_until(end)));
        if deadline.deadline() != end {
            deadline.as_mut().reset(end);
        }
        ready!(deadline.as_mut().poll(cx));
        self.guest = None;
        Poll::Ready(Err(Stop::Wall.into()))
    }

    /// The guest has ended: sends the record, and answers with what went wrong.
    fn finish(&mut self, end: wasmtime::Result<()>) -> Option<InvocationError> {
        let error = self.error(end);
        match &error {
            Some(error) => {
                if let Some(outcome) = error.outcome() {
                    self.send_record(outcome, Some(error));
                } else {
                    self.worker.runtime.0.metrics.refused(error);
                    self.record = None;
                }
            }
            None => self.send_record(Outcome::Ok, None),
        }
        error
    }

    fn error(&self, end: wasmtime::Result<()>) -> Option<InvocationError> {
        let (failure, responded, exceeded) = {
            let mut report = self.shared.report();
            let responded = report.status.is_some() || report.served;
            (report.failure.take(), responded, report.exceeded)
        };
        let is_cut_off = exceeded.is_some_and(|it| it.is_of_response());
        let error = match (end, failure) {
            (Err(error), failure) => {
                let error = self.trap(error);
                // A guest that reported why it fails may well trap after it.
                match (error, failure) {
                    (InvocationError::Trapped(_), Some(failure)) => {
                        InvocationError::Exception(failure)
                    }
                    (error, _) => error,
                }
            }
            (Ok(()), Some(failure)) => InvocationError::Exception(failure),
            (Ok(()), None) if responded && !is_cut_off => return None,
            (Ok(()), None) => InvocationError::NoResponse,
        };
        let error = match (error, exceeded) {
            (InvocationError::Exception(failure), _) => InvocationError::thrown(failure, exceeded),
            (InvocationError::NoResponse, Some(exceeded)) => exceeded.into(),
            (error, _) => error,
        };
        Some(self.unless_out_of_memory(error))
    }

    /// What a guest does that was refused memory comes of that.
    fn unless_out_of_memory(&self, error: InvocationError) -> InvocationError {
        let out_of_memory = self.shared.memory_was_refused()
            && matches!(
                error,
                InvocationError::Trapped(_)
                    | InvocationError::Exception(_)
                    | InvocationError::NoResponse
            );
        if out_of_memory {
            InvocationError::ExceededMemory {
                limit_bytes: self.shared.limits.memory_bytes,
            }
        } else {
            error
        }
    }

    fn trap(&self, error: wasmtime::Error) -> InvocationError {
        let limits = &self.shared.limits;
        let instances_max = self.worker.runtime.0.config.instances_max;
        match error.downcast_ref::<Stop>() {
            Some(Stop::Overloaded) => InvocationError::Overloaded { instances_max },
            Some(Stop::Sockets(max)) => InvocationError::Sockets { sockets_max: *max },
            Some(Stop::Crowded(limit)) => InvocationError::Crowded { limit: *limit },
            Some(Stop::Exceeded(exceeded)) => (*exceeded).into(),
            Some(Stop::Cpu) => InvocationError::ExceededCpu {
                limit_ms: limits.cpu_ms,
            },
            Some(Stop::Wall) => InvocationError::ExceededWall {
                limit_ms: self.shared.wall_limit().as_millis() as u64,
            },
            Some(Stop::InvalidResponse(reason)) => InvocationError::InvalidResponse(reason.clone()),
            Some(Stop::NotHttp) => InvocationError::NotHttp,
            None => InvocationError::Trapped(match error.downcast_ref::<Trap>() {
                Some(trap) => trap.to_string(),
                None => error.root_cause().to_string(),
            }),
        }
    }

    fn send_record(&mut self, outcome: Outcome, error: Option<&InvocationError>) {
        let Some(Record {
            id,
            trigger,
            started_at_ms,
        }) = self.record.take()
        else {
            return;
        };
        let version = self.worker.version();
        let mut report = self.shared.report();
        let execution = Execution {
            id,
            worker: version.worker.clone(),
            version: version.version.clone(),
            trigger,
            outcome,
            status_code: report
                .status
                .map(|status| status.as_u16())
                .or(error.map(InvocationError::status_code)),
            started_at_ms,
            duration_us: self.shared.received.elapsed().as_micros() as u64,
            cpu_us: self.shared.cpu_us(),
            memory_bytes_max: self.shared.memory_bytes_max(),
            console: mem::take(&mut report.console),
            console_dropped: report.console_dropped,
            error: error.map(ToString::to_string),
        };
        drop(report);
        (self.worker.runtime.0.parts.sink)(&self.worker, execution);
    }
}

/// As a task, after the head.
impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let end = ready!(self.poll_guest(cx));
        self.finish(end);
        Poll::Ready(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The guest's last lines count, so its store goes first.
        if self.guest.take().is_some() {
            self.send_record(Outcome::Canceled, None);
        }
    }
}
