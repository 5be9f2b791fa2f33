//! Stores what organizations use, and tells the gateway which of them have used what a day's quota allows.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ouro_core::ports::metadata::{DailyQuotas, MetadataStore};
use ouro_gateway::Quotas;
use tokio_util::sync::CancellationToken;

use crate::metrics::Ends;

/// An organization may go over its quota by what it uses in this time.
const EVERY: Duration = Duration::from_secs(5);
const DAY_S: u64 = 86_400;

pub struct Meter {
    pub ends: Arc<Ends>,
    pub metadata: Arc<dyn MetadataStore>,
    pub quotas: Arc<Quotas>,
    pub defaults: DailyQuotas,
}

impl Meter {
    pub async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.store().await,
                () = stop.cancelled() => break,
            }
        }
        self.store().await;
    }

    async fn store(&self) {
        let day = today();
        let used = self.ends.used.take();
        if !used.is_empty()
            && let Err(error) = self.metadata.add_usage(day, &used).await
        {
            tracing::error!(%error, "what was used could not be stored; it is kept for the next time");
            self.ends.used.give_back(used);
        }
        match self.metadata.over_quota(day, self.defaults).await {
            Ok(over) => self.quotas.set(over, (day + 1) * DAY_S),
            Err(error) => tracing::error!(%error, "who is over a quota could not be read"),
        }
    }
}

/// Days since 1970, in UTC.
fn today() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs() / DAY_S
}
