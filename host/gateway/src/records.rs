//! Execution records on their way to the store: a bounded queue that never makes a request wait. Under load records are
//! dropped and counted, those of plain successes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use ouro_core::metrics::{Counts, Sharded};
use ouro_core::{Execution, Outcome};
use ouro_runtime::LoadedWorker;
use tokio::sync::mpsc;

/// A record on its way.
pub struct Record {
    pub execution: Execution,
    /// Has the source map for the error's stack, which is still in terms of the bundle.
    pub worker: Option<Arc<LoadedWorker>>,
}

/// The sending end; one for the whole host.
pub struct ExecutionQueue {
    sender: mpsc::Sender<Record>,
    plain: Budget,
    notable: Budget,
    dropped: Sharded<Counts<1>>,
}

impl ExecutionQueue {
    /// A queue for so many records. Load does not turn into disk writes: at most so many records per second pass of
    /// plain invocations (successes without console lines), and so many of notable ones (all others).
    pub fn new(
        capacity: usize,
        plain_per_second: u32,
        notable_per_second: u32,
    ) -> (Self, mpsc::Receiver<Record>) {
        let (sender, receiver) = mpsc::channel(capacity.max(2));
        let queue = Self {
            sender,
            plain: Budget::new(plain_per_second),
            notable: Budget::new(notable_per_second),
            dropped: Sharded::default(),
        };
        (queue, receiver)
    }

    pub fn record(&self, record: Record) {
        let execution = &record.execution;
        let plain = execution.outcome == Outcome::Ok && execution.console.is_empty();
        let passes = if plain {
            // Half of the queue is kept for what is notable.
            self.sender.capacity() >= self.sender.max_capacity() / 2 && self.plain.take()
        } else {
            self.notable.take()
        };
        if !passes || self.sender.try_send(record).is_err() {
            self.dropped.own().add(0);
        }
    }

    /// Records dropped since the start.
    pub fn dropped(&self) -> u64 {
        let [dropped] = self.dropped.sum();
        dropped
    }

    /// Records that wait to be stored, and how many can.
    pub fn depth(&self) -> (usize, usize) {
        let max = self.sender.max_capacity();
        (max - self.sender.capacity(), max)
    }
}

/// So many per second of the process's time.
struct Budget {
    start: Instant,
    per_second: u32,
    /// The second in the upper half, what it has used in the lower.
    state: AtomicU64,
}

impl Budget {
    fn new(per_second: u32) -> Self {
        Self {
            start: Instant::now(),
            per_second,
            state: AtomicU64::new(0),
        }
    }

    fn take(&self) -> bool {
        let second = self.start.elapsed().as_secs() << 32;
        let take = |state: u64| {
            if state < second {
                return (self.per_second > 0).then_some(second + 1);
            }
            let used = state & u64::from(u32::MAX);
            (used < u64::from(self.per_second)).then_some(state + 1)
        };
        self.state.fetch_update(Relaxed, Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use ouro_core::Trigger;
    use ouro_core::id::ExecutionId;

    use super::*;

    fn record(outcome: Outcome) -> Record {
        let execution = Execution {
            id: ExecutionId::random(),
            worker: "wrk_1".into(),
            version: "ver_1".into(),
            trigger: Trigger::Http,
            outcome,
            status_code: None,
            started_at_ms: 0,
            duration_us: 0,
            cpu_us: 0,
            memory_bytes_max: 0,
            console: Vec::new(),
            console_dropped: 0,
            error: None,
        };
        Record {
            execution,
            worker: None,
        }
    }

    #[test]
    fn successes_beyond_the_budget_are_dropped_and_counted() {
        let (queue, mut receiver) = ExecutionQueue::new(100, 3, 100);
        // A new second may begin in between, once: the budget of two seconds at most.
        (0..20).for_each(|_| queue.record(record(Outcome::Ok)));
        let mut stored = 0;
        assert!((3..=6).contains(&queue.depth().0), "{:?}", queue.depth());
        while receiver.try_recv().is_ok() {
            stored += 1;
        }
        assert!((3..=6).contains(&stored), "{stored}");
        assert_eq!(queue.dropped(), 20 - stored);
        assert_eq!(queue.depth(), (0, 100));
    }

    #[test]
    fn failures_find_room_that_successes_leave() {
        let (queue, mut receiver) = ExecutionQueue::new(10, 1_000, 100);
        (0..50).for_each(|_| queue.record(record(Outcome::Ok)));
        queue.record(record(Outcome::Exception));
        let mut last = None;
        while let Ok(record) = receiver.try_recv() {
            last = Some(record.execution.outcome);
        }
        assert_eq!(last, Some(Outcome::Exception));
    }
}
