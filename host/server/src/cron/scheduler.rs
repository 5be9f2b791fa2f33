//! Asks the store what is due, and keeps runs going under their leases.

use std::sync::Arc;
use std::time::Duration;

use ouro_core::id::NodeId;
use ouro_core::ports::crons::{ClaimedRun, CronStore, DueCron, EndedRun, Lease, Step, Unavailable};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::launch::{Launched, Launcher};
use super::plan;

/// So late at most a node learns of what another one wrote.
const POLL_EVERY: Duration = Duration::from_secs(1);
const LEASE_MS: i64 = 30_000;
const RENEW_EVERY: Duration = Duration::from_secs(10);
/// Runs of this node at once; more wait in the store, for another one too.
const RUNS_MAX: usize = 256;
/// How often the end of a run is told to a store that cannot be reached.
const TELLINGS_MAX: u32 = 20;

pub struct Scheduler {
    store: Arc<dyn CronStore>,
    launcher: Arc<dyn Launcher>,
    clock: Arc<dyn Clock>,
    /// Whose leases they are.
    node: String,
    wake: Arc<Notify>,
}

impl Scheduler {
    pub fn new(
        store: Arc<dyn CronStore>,
        launcher: Arc<dyn Launcher>,
        clock: Arc<dyn Clock>,
        wake: Arc<Notify>,
    ) -> Self {
        Self {
            store,
            launcher,
            clock,
            node: NodeId::random().0,
            wake,
        }
    }

    /// Until it is told to stop, and then until the last run has ended.
    pub async fn serve(self: Arc<Self>, stop: CancellationToken) {
        let mut runs = JoinSet::new();
        while !stop.is_cancelled() {
            let pause = self.look(&mut runs).await.unwrap_or_else(|error| {
                tracing::error!(%error, "what is due cannot be read");
                POLL_EVERY
            });
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.wake.notified() => {}
                () = stop.cancelled() => {}
                Some(ended) = runs.join_next() => tell_failed(ended),
            }
        }
        while let Some(ended) = runs.join_next().await {
            tell_failed(ended);
        }
    }

    /// Recovers, moves on and takes all that there is now. Answers with how long there is nothing to do.
    pub async fn look(self: &Arc<Self>, runs: &mut JoinSet<()>) -> Result<Duration, Unavailable> {
        let lost = self.store.recover(self.clock.now_ms()).await?;
        if lost > 0 {
            tracing::warn!(runs = lost, "cron runs were lost with their node");
        }
        for cron in self.store.due(self.clock.now_ms()).await? {
            self.move_on(&cron).await?;
        }
        while runs.len() < RUNS_MAX {
            let Some(run) = self.store.claim(&self.lease()).await? else {
                break;
            };
            runs.spawn(self.clone().keep(run));
        }
        self.pause().await
    }

    async fn pause(&self) -> Result<Duration, Unavailable> {
        let Some(next_ms) = self.store.next_due().await? else {
            return Ok(POLL_EVERY);
        };
        // At least a little: what is due and stays so must not keep the store busy.
        let wait_ms = u64::try_from(next_ms - self.clock.now_ms()).unwrap_or_default();
        Ok(Duration::from_millis(wait_ms.max(20)).min(POLL_EVERY))
    }

    async fn move_on(&self, cron: &DueCron) -> Result<(), Unavailable> {
        let now_ms = self.clock.now_ms();
        let step = plan::step(cron, now_ms).unwrap_or_else(|error| {
            tracing::error!(cron = %cron.id, %error, "a cron is switched off");
            Step::default()
        });
        // False where another node was first: it has done the same.
        self.store.advance(cron, &step, now_ms).await.map(drop)
    }

    fn lease(&self) -> Lease {
        let now_ms = self.clock.now_ms();
        Lease {
            node: self.node.clone(),
            now_ms,
            until_ms: now_ms + LEASE_MS,
        }
    }

    /// One run to its end, with its lease.
    async fn keep(self: Arc<Self>, run: ClaimedRun) {
        let launched = self.launcher.launch(&run);
        tokio::pin!(launched);
        let launched = loop {
            tokio::select! {
                launched = &mut launched => break launched,
                () = tokio::time::sleep(RENEW_EVERY) => self.renew(&run).await,
            }
        };
        self.tell(&run, launched).await;
        // The next run of this cron may wait for it.
        self.wake.notify_one();
    }

    async fn renew(&self, run: &ClaimedRun) {
        match self.store.renew(&run.id, &self.lease()).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(run = %run.id, "a cron run goes on that was taken for lost, or whose cron is gone")
            }
            Err(error) => {
                tracing::error!(run = %run.id, %error, "the lease of a cron run was not renewed")
            }
        }
    }

    async fn tell(&self, run: &ClaimedRun, launched: Launched) {
        let ended = EndedRun {
            ended_at_ms: self.clock.now_ms(),
            outcome: launched.outcome,
            execution: launched.execution,
        };
        for _ in 0..TELLINGS_MAX {
            match self.store.finish(&run.id, &self.node, &ended).await {
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(run = %run.id, %error, "the end of a cron run was not stored");
                    tokio::time::sleep(POLL_EVERY).await;
                }
            }
        }
    }
}

fn tell_failed(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a cron run has failed in the host");
    }
}
