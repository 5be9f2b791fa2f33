//! Execution records from the queue to the store: stacks are mapped to the sources, failures logged, and batches written
//! off the request path. Old records are pruned each hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use ouro_core::id::WorkerId;
use ouro_core::ports::executions::ExecutionRecords;
use ouro_core::ports::metadata::MetadataStore;
use ouro_core::{Execution, Health};
use ouro_gateway::{ExecutionQueue, Record};
use tokio::sync::mpsc::{self, Receiver};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::config::ExecutionsConfig;
use crate::metrics::Ends;
use crate::stacks::Stacks;

const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// Longest time that somebody waits for the newest records: a list without them is better than none.
const FLUSH_WAIT: Duration = Duration::from_secs(1);
/// So many may wait for a flush to begin.
const FLUSHES_MAX: usize = 16;
/// Least time between two lines about dropped records.
const REPORT_EVERY: Duration = Duration::from_secs(10);
/// Lines about failed invocations per second; one worker that fails under load shall not fill the disk with them.
const LINES_PER_SECOND: u32 = 100;
/// By how much the names of sources may make the texts of a record longer, in bytes.
const MAPPED_BYTES_MAX: usize = 16 << 10;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// The writing end of the execution records.
pub struct Recorder {
    stop: CancellationToken,
    task: JoinHandle<()>,
    flushes: mpsc::Sender<Flush>,
    lost: Arc<AtomicU64>,
}

/// Told when the records are stored.
type Flush = oneshot::Sender<()>;

/// Asks the writer to store what there is, and those that counted how a worker fares.
struct Records {
    flushes: mpsc::Sender<Flush>,
    ends: Arc<Ends>,
}

#[async_trait]
impl ExecutionRecords for Records {
    async fn flush(&self) {
        let (done, stored) = oneshot::channel();
        let flush = async {
            if self.flushes.send(done).await.is_ok() {
                // An error is the writer's end, at which it stores everything.
                let _ = stored.await;
            }
        };
        let _ = tokio::time::timeout(FLUSH_WAIT, flush).await;
    }

    fn health(&self, worker: &WorkerId) -> Health {
        self.ends.recent.health(worker)
    }
}

impl Recorder {
    pub fn start(
        config: ExecutionsConfig,
        queue: Arc<ExecutionQueue>,
        receiver: Receiver<Record>,
        metadata: Arc<dyn MetadataStore>,
    ) -> Self {
        let stop = CancellationToken::new();
        let (flushes, asked) = mpsc::channel(FLUSHES_MAX);
        let lost = Arc::<AtomicU64>::default();
        let writer = Writer {
            config,
            queue,
            dropped: 0,
            lost: lost.clone(),
            metadata,
            stacks: Stacks::default(),
            batch: Vec::new(),
            lines: LineBudget::default(),
        };
        Self {
            task: tokio::spawn(writer.run(receiver, asked, stop.clone())),
            stop,
            flushes,
            lost,
        }
    }

    /// The binding `executions`.
    pub fn records(&self, ends: Arc<Ends>) -> Arc<dyn ExecutionRecords> {
        Arc::new(Records {
            flushes: self.flushes.clone(),
            ends,
        })
    }

    /// Counts the records that the store did not take.
    pub fn lost(&self) -> Arc<AtomicU64> {
        self.lost.clone()
    }

    /// Stores what is in the queue, then ends.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the writer of execution records has failed");
        }
    }
}

struct Writer {
    config: ExecutionsConfig,
    queue: Arc<ExecutionQueue>,
    /// Of the queue, as far as it was reported.
    dropped: u64,
    lost: Arc<AtomicU64>,
    metadata: Arc<dyn MetadataStore>,
    stacks: Stacks,
    batch: Vec<Execution>,
    lines: LineBudget,
}

impl Writer {
    async fn run(
        mut self,
        mut receiver: Receiver<Record>,
        mut flushes: Receiver<Flush>,
        stop: CancellationToken,
    ) {
        let mut prune = every(PRUNE_EVERY);
        let mut report = every(REPORT_EVERY);
        let mut flush_at = None;
        loop {
            let flush = async {
                match flush_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                record = receiver.recv() => match record {
                    Some(record) => {
                        self.take(record).await;
                        flush_at.get_or_insert_with(|| Instant::now() + Duration::from_millis(self.config.flush_ms));
                        if self.batch.len() < self.config.batch_max {
                            continue;
                        }
                    }
                    None => break,
                },
                () = flush => {}
                Some(done) = flushes.recv() => {
                    flush_at = None;
                    // Those that came before; more may come all the time.
                    let count = receiver.len();
                    self.drain(&mut receiver, count).await;
                    // Nobody may be waiting any more.
                    let _ = done.send(());
                    continue
                }
                _ = prune.tick() => { self.prune().await; continue }
                _ = report.tick() => { self.report(); continue }
                () = stop.cancelled() => break,
            }
            flush_at = None;
            self.store().await;
        }
        self.drain(&mut receiver, usize::MAX).await;
        self.report();
    }

    /// Stores what was taken, and so many records that are in the queue.
    async fn drain(&mut self, receiver: &mut Receiver<Record>, count: usize) {
        for _ in 0..count {
            let Ok(record) = receiver.try_recv() else {
                break;
            };
            self.take(record).await;
            if self.batch.len() >= self.config.batch_max {
                self.store().await;
            }
        }
        self.store().await;
    }

    async fn take(&mut self, record: Record) {
        let Record {
            mut execution,
            worker,
        } = record;
        if let Some(worker) = worker {
            let mut room = MAPPED_BYTES_MAX;
            if let Some(error) = execution.error.take() {
                execution.error = Some(self.stacks.map(&worker, error, &mut room).await);
            }
            // Workers print the stacks of what they catch.
            for line in &mut execution.console {
                let message = std::mem::take(&mut line.message);
                line.message = self.stacks.map(&worker, message, &mut room).await;
            }
        }
        self.log(&execution);
        self.batch.push(execution);
    }

    async fn store(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let records = batch.len();
        if records > 0
            && let Err(error) = self.metadata.record_executions(batch).await
        {
            self.lost.fetch_add(records as u64, Relaxed);
            tracing::error!(%error, records, "execution records could not be stored");
        }
    }

    async fn prune(&self) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let before_ms = now_ms.saturating_sub(self.config.retention_days * DAY_MS);
        match self.metadata.prune_executions(before_ms).await {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "old execution records were deleted"),
            Err(error) => tracing::error!(%error, "old execution records could not be deleted"),
        }
    }

    fn report(&mut self) {
        let all = self.queue.dropped();
        let dropped = all - std::mem::replace(&mut self.dropped, all);
        if dropped > 0 {
            tracing::warn!(dropped, "execution records were dropped under load");
        }
        let left_out = std::mem::take(&mut self.lines.left_out);
        if left_out > 0 {
            tracing::warn!(
                left_out,
                "more invocations failed than there are lines about"
            );
        }
    }

    /// The operator's line about an invocation that failed; one for each.
    fn log(&mut self, execution: &Execution) {
        if !execution.outcome.is_failure() || !self.lines.take(execution.started_at_ms) {
            return;
        }
        tracing::error!(
            request_id = %execution.id,
            worker = %execution.worker,
            version = %execution.version,
            outcome = execution.outcome.as_str(),
            error = %indented(execution.error.as_deref().unwrap_or_default()),
            "an invocation failed"
        );
    }
}

/// How many lines this second has had.
#[derive(Default)]
struct LineBudget {
    second: u64,
    written: u32,
    left_out: u64,
}

impl LineBudget {
    fn take(&mut self, at_ms: u64) -> bool {
        let second = at_ms / 1000;
        if self.second != second {
            self.second = second;
            self.written = 0;
        }
        self.written += 1;
        let room = self.written <= LINES_PER_SECOND;
        self.left_out += u64::from(!room);
        room
    }
}

/// A customer's text on lines of its own, none of which can pass for a line of the log.
fn indented(text: &str) -> String {
    let printable = |c: char| {
        if c.is_control() && c != '\n' {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    let text: String = text.chars().map(printable).collect();
    text.replace('\n', "\n    ")
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_failures_is_so_many_lines_and_a_count() {
        let mut lines = LineBudget::default();
        let written = (0..500).filter(|_| lines.take(7_000)).count();
        assert_eq!((written, lines.left_out), (100, 400));
        assert!(lines.take(8_000));
    }

    #[test]
    fn a_workers_text_cannot_pass_for_a_line_of_the_log() {
        assert_eq!(
            indented("Error: x\n2026 INFO\r\u{1b}[31m"),
            "Error: x\n    2026 INFO\u{fffd}\u{fffd}[31m"
        );
    }
}
