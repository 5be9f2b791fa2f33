//! The cron trigger: runs workers by themselves when their crons are due.
//!
//! Everything that must outlive a node is in the store (`ouro_core::ports::crons`): where each cron stands, what waits, and under
//! whose lease a run goes on. A node only ever asks what is due, so any number of them share one store.
//!
//! Life cycle: [`Crons`] is there before the runtime, for the binding; [`Crons::start`] begins to fire; at shutdown nothing new is
//! taken, and [`Running::end`] waits for the runs that go on. Those that it leaves behind are recovered when their lease has run out.

mod clock;
mod launch;
mod plan;
mod scheduler;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ouro_core::cron::{CronError, Schedule, Weekdays};
use ouro_core::ports::crons::{CronControl, CronStore};
use ouro_gateway::{Quotas, Routes};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use clock::{Clock, SystemClock};
use launch::Routed;
use scheduler::Scheduler;

/// Due times that an answer to a check has.
const CHECKED_TIMES: usize = 5;

/// What there is before anything runs.
pub struct Crons {
    /// Whether expressions may have a field for the second.
    seconds: bool,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
}

impl Crons {
    pub fn new(seconds: bool) -> Self {
        Self {
            seconds,
            clock: Arc::new(SystemClock),
            wake: Arc::default(),
        }
    }

    /// Fires what is due until it is told to stop.
    pub fn start(
        &self,
        store: Arc<dyn CronStore>,
        routes: Arc<Routes>,
        quotas: Arc<Quotas>,
        stop: CancellationToken,
    ) -> Running {
        let launcher = Arc::new(Routed { routes, quotas });
        let scheduler = Scheduler::new(store, launcher, self.clock.clone(), self.wake.clone());
        Running(tokio::spawn(Arc::new(scheduler).serve(stop)))
    }
}

impl CronControl for Crons {
    fn check(
        &self,
        expression: &str,
        time_zone: &str,
        weekdays: Weekdays,
    ) -> Result<Vec<i64>, CronError> {
        let schedule = Schedule::parse(expression, time_zone, weekdays)?;
        if schedule.has_seconds() && !self.seconds {
            return Err(CronError::SecondsForbidden(expression.to_owned()));
        }
        let times = schedule.upcoming(self.clock.now_ms(), CHECKED_TIMES);
        if times.is_empty() {
            return Err(CronError::Never(expression.to_owned()));
        }
        Ok(times)
    }

    fn reload(&self) {
        self.wake.notify_one();
    }
}

/// A scheduler that fires.
pub struct Running(JoinHandle<()>);

impl Running {
    /// Waits until the last run has ended, not beyond the deadline.
    pub async fn end(mut self, deadline: Instant) {
        match timeout_at(deadline, &mut self.0).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the cron trigger has failed"),
            Err(_) => {
                tracing::warn!("cron runs were not finished in time; another start recovers them");
                self.0.abort();
            }
        }
    }
}
