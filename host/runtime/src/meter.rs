//! What is known of a running invocation outside of its store: time used, console lines, the response until it is handed over.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use http::{Response, StatusCode};
use ouro_core::version::Limits;
use ouro_core::{ConsoleLevel, ConsoleLine};
use tokio::sync::OwnedSemaphorePermit;

use crate::body::ResponseBody;
use crate::exceeded::{Budget, Exceeded};
use crate::guest::EventOutcome;
use crate::invocation::Failure;
use crate::origin::{Chain, ClientInfo, Origin};
use crate::turns;

/// What a console line counts at least, so that empty ones are not without end.
const CONSOLE_LINE_BYTES: usize = 256;

/// CPU time that the calling thread has used, in nanoseconds.
#[allow(unsafe_code)] // The standard library has no thread CPU clock.
pub fn thread_cpu_ns() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a live timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Shared by the host functions, which fill it, and the driver of the invocation, which reads it.
pub(crate) struct Shared {
    pub received: Instant,
    pub limits: Limits,
    /// The request is a `HEAD`: its response has no body.
    pub is_head: bool,
    pub client: ClientInfo,
    /// Set where another invocation began this one.
    origin: Option<Origin>,
    /// Of an invocation that nobody here began; made when it calls another.
    chain: OnceLock<Arc<Chain>>,
    cpu_ns: AtomicU64,
    poll_began_ns: AtomicU64,
    waits_for_turn: AtomicBool,
    memory_bytes_max: AtomicU64,
    memory_refused: AtomicBool,
    budget: Budget,
    report: Mutex<Report>,
    wall: Mutex<Wall>,
}

/// How the wall clock counts. It stands still while the guest holds a connection to its client, which may last for hours.
struct Wall {
    /// The limit counts from here: the beginning, or the end of the last hold.
    from: Instant,
    holds: usize,
    /// The driver, which looks at the deadline again when the last hold ends.
    driver: Option<Waker>,
}

/// Keeps the wall clock of an invocation still.
pub struct Hold(Arc<Shared>);

impl Drop for Hold {
    fn drop(&mut self) {
        let mut wall = self.0.wall();
        wall.holds -= 1;
        if wall.holds == 0 {
            wall.from = Instant::now();
            if let Some(driver) = wall.driver.take() {
                driver.wake();
            }
        }
    }
}

/// What the guest has said so far.
#[derive(Default)]
pub(crate) struct Report {
    /// Until it is handed over.
    pub response: Option<Response<ResponseBody>>,
    pub status: Option<StatusCode>,
    /// Of an event's handler.
    pub outcome: Option<EventOutcome>,
    /// The guest has served what is not HTTP, so nobody waits for a response.
    pub served: bool,
    pub failure: Option<Failure>,
    /// The first limit that was gone over, unless the response itself was.
    pub exceeded: Option<Exceeded>,
    pub console: Vec<ConsoleLine>,
    pub console_dropped: u64,
    console_bytes: usize,
}

impl Report {
    /// The first failure is the cause; what follows is often its consequence.
    pub fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// True where that is news.
    fn exceed(&mut self, exceeded: Exceeded) -> bool {
        let known = self.exceeded;
        let is_news = known.is_none_or(|it| exceeded.is_of_response() && !it.is_of_response());
        if is_news {
            self.exceeded = Some(exceeded);
        }
        is_news
    }
}

impl Shared {
    pub fn new(
        received: Instant,
        limits: Limits,
        is_head: bool,
        client: ClientInfo,
        origin: Option<Origin>,
    ) -> Self {
        Self {
            received,
            limits,
            is_head,
            client: origin.as_ref().map_or(client, |origin| origin.client),
            origin,
            chain: OnceLock::new(),
            cpu_ns: AtomicU64::new(0),
            poll_began_ns: AtomicU64::new(0),
            waits_for_turn: AtomicBool::new(false),
            memory_bytes_max: AtomicU64::new(0),
            memory_refused: AtomicBool::new(false),
            budget: Budget::default(),
            report: Mutex::default(),
            wall: Mutex::new(Wall {
                from: received,
                holds: 0,
                driver: None,
            }),
        }
    }

    pub fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wall(&self) -> MutexGuard<'_, Wall> {
        self.wall.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time does not count until the answer is dropped.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.wall().holds += 1;
        Hold(self.clone())
    }

    /// When the invocation's time is over; none while it is held, and then the waker is woken at the end of that.
    pub fn wall_deadline(&self, driver: Option<&Waker>) -> Option<Instant> {
        let mut wall = self.wall();
        if wall.holds == 0 {
            return Some(self.within_caller(wall.from));
        }
        wall.driver = driver.cloned();
        None
    }

    /// When the time of what it calls is over.
    pub fn deadline(&self) -> Instant {
        let from = {
            let wall = self.wall();
            (wall.holds == 0).then_some(wall.from)
        };
        self.within_caller(from.unwrap_or_else(Instant::now))
    }

    /// Its own limit from then on, or the end of its caller's time.
    fn within_caller(&self, from: Instant) -> Instant {
        let own = from + Duration::from_millis(self.limits.wall_ms);
        let origin = self.origin.as_ref();
        origin.map_or(own, |origin| own.min(origin.deadline))
    }

    /// Its own limit, or what its caller had left.
    pub fn wall_limit(&self) -> Duration {
        let own = Duration::from_millis(self.limits.wall_ms);
        match &self.origin {
            Some(origin) => own.min(origin.deadline.saturating_duration_since(self.received)),
            None => own,
        }
    }

    /// Invocations of this node above this one.
    pub fn depth(&self) -> u8 {
        self.origin.as_ref().map_or(0, Origin::depth)
    }

    pub fn chain(&self) -> &Arc<Chain> {
        match &self.origin {
            Some(origin) => &origin.chain,
            None => self.chain.get_or_init(Arc::default),
        }
    }

    /// Runs one poll of the guest on its account.
    pub fn metered<T>(&self, poll: impl FnOnce() -> T) -> T {
        let began = thread_cpu_ns();
        self.poll_began_ns.store(began, Relaxed);
        let answer = poll();
        turns::guest_was_polled();
        self.cpu_ns
            .fetch_add(thread_cpu_ns().saturating_sub(began), Relaxed);
        answer
    }

    /// The guest computes, and others have their turn until it is its own again.
    pub fn let_wait_for_turn(&self, waits: bool) {
        self.waits_for_turn.store(waits, Relaxed);
    }

    /// The guest has nothing to wait for but its turn.
    pub fn waits_for_turn(&self) -> bool {
        self.waits_for_turn.load(Relaxed)
    }

    /// Time of another thread, on its account.
    pub fn charge(&self, used: Duration) {
        self.cpu_ns.fetch_add(used.as_nanos() as u64, Relaxed);
    }

    /// From inside a poll of the guest.
    pub fn cpu_ns_so_far(&self, now_ns: u64) -> u64 {
        self.cpu_ns.load(Relaxed) + now_ns.saturating_sub(self.poll_began_ns.load(Relaxed))
    }

    /// CPU time of the poll of the guest that goes on.
    pub fn polled_for(&self, now_ns: u64) -> Duration {
        Duration::from_nanos(now_ns.saturating_sub(self.poll_began_ns.load(Relaxed)))
    }

    /// Between two polls of the guest.
    pub fn cpu_is_used_up(&self) -> bool {
        self.cpu_ns.load(Relaxed) > self.limits.cpu_ms.saturating_mul(1_000_000)
    }

    pub fn cpu_us(&self) -> u64 {
        self.cpu_ns.load(Relaxed) / 1_000
    }

    pub fn note_memory(&self, bytes: u64, allowed: bool) {
        self.memory_bytes_max.fetch_max(bytes, Relaxed);
        if !allowed {
            self.memory_refused.store(true, Relaxed);
        }
    }

    pub fn memory_bytes_max(&self) -> u64 {
        self.memory_bytes_max.load(Relaxed)
    }

    pub fn memory_was_refused(&self) -> bool {
        self.memory_refused.load(Relaxed)
    }

    /// The invocation goes on, and its record tells.
    pub fn exceed(&self, exceeded: Exceeded) {
        let is_news = self.report().exceed(exceeded);
        if is_news {
            self.log(ConsoleLevel::Error, exceeded.to_string());
        }
    }

    /// Counts one more request to others.
    ///
    /// # Errors
    /// It is one too many.
    pub fn subrequest(&self) -> Result<(), Exceeded> {
        let counted = self.budget.subrequest(&self.limits);
        counted.inspect_err(|exceeded| self.exceed(*exceeded))
    }

    /// Counts one more use of a binding.
    ///
    /// # Errors
    /// It is one too many.
    pub fn operation(&self) -> Result<(), Exceeded> {
        let counted = self.budget.operation(&self.limits);
        counted.inspect_err(|exceeded| self.exceed(*exceeded))
    }

    /// Waits until another subrequest may be under way.
    pub fn turn(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + Send + use<> {
        self.budget.turn(&self.limits)
    }

    pub fn log(&self, level: ConsoleLevel, message: String) {
        let mut report = self.report();
        let bytes = report.console_bytes + message.len().max(CONSOLE_LINE_BYTES);
        if bytes as u64 > self.limits.console_bytes {
            report.console_dropped += 1;
            return;
        }
        report.console_bytes = bytes;
        let at_ms = self.received.elapsed().as_millis() as u64;
        report.console.push(ConsoleLine {
            level,
            message,
            at_ms,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Shared {
        let limits = Limits::default();
        Shared::new(Instant::now(), limits, false, ClientInfo::default(), None)
    }

    #[test]
    fn console_lines_over_the_limit_are_dropped_and_counted() {
        let shared = fresh();
        let limit = shared.limits.console_bytes as usize;
        for _ in 0..limit / CONSOLE_LINE_BYTES + 3 {
            shared.log(ConsoleLevel::Log, "line".into());
        }
        assert_eq!(shared.report().console.len(), limit / CONSOLE_LINE_BYTES);
        assert_eq!(shared.report().console_dropped, 3);

        let shared = fresh();
        shared.log(ConsoleLevel::Log, "x".repeat(limit + 1));
        shared.log(ConsoleLevel::Log, "x".repeat(limit - CONSOLE_LINE_BYTES));
        shared.log(ConsoleLevel::Log, "fits".into());
        assert_eq!(shared.report().console[1].message, "fits");
        assert_eq!(shared.report().console_dropped, 1);
    }

    #[test]
    fn the_first_limit_that_is_gone_over_is_told_once() {
        let shared = fresh();
        for _ in 0..shared.limits.operations {
            shared.operation().expect("within the limit");
        }
        assert!(shared.operation().is_err() && shared.operation().is_err());
        shared.exceed(Exceeded::request_body(1));
        let report = shared.report();
        assert_eq!(report.exceeded.expect("the first").name, "operations");
        assert_eq!(report.console.len(), 1);
    }
}
